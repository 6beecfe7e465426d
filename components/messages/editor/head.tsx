'use client';
// The subject and the preview text, as an inbox shows them.
import { useEditorActions } from './editor-context';
import { RichText } from './rich-text';
import type { MailDocument } from '@/lib/mail-document/schema';

export function Head({ document }: { document: MailDocument }) {
  const { change } = useEditorActions();
  return (
    <div data-head className="bg-surface border-line divide-line divide-y rounded-lg border">
      <Row label="Subject">
        <RichText
          kind="plain"
          label="Subject"
          placeholder="What inboxes show first"
          className="text-[15px] font-semibold"
          value={document.subject}
          onChange={(subject) => change((now) => ({ ...now, subject }), 'subject')}
        />
      </Row>
      <Row label="Preview text">
        <RichText
          kind="plain"
          label="Preview text"
          placeholder="What inboxes show after the subject"
          value={document.preheader}
          onChange={(preheader) => change((now) => ({ ...now, preheader }), 'preheader')}
        />
      </Row>
    </div>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-3 px-3 py-2">
      <span aria-hidden className="text-muted w-24 shrink-0 text-[13px]">
        {label}
      </span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
