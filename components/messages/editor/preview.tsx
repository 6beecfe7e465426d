'use client';
// The mail as somebody would get it: by the same compiler and renderer as what is sent, in a frame in which nothing runs.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ProfileFinder, type FoundProfile } from '@/components/profiles/profile-finder';
import type { Among } from '@/components/messages/use-audience';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import { DARK_HINT, MailFrame } from '@/components/ui/mail-frame';
import { ToggleRow } from '@/components/ui/toggle-row';
import { HTML_LONG } from '@/lib/mail-document/problems';
import { referencesOf } from '@/lib/mail-document/blocks';
import type { MailDocument } from '@/lib/mail-document/schema';
import type { MailPreview } from '@/lib/messages/preview';
import { PersonSteps } from '@/components/messages/person-steps';

const KB = 1_000;
const WIDTHS = { desktop: 600, phone: 375 };

/** `among`: who gets it, to look at some of them one after the other. */
type Props = { slug: string; document: MailDocument; among: Among; onClose: () => void };

export function Preview({ slug, document, among, onClose }: Props) {
  const [person, setPerson] = useState<FoundProfile | null>(null);
  const [isChoosing, setChoosing] = useState(false);
  const [part, setPart] = useState<'desktop' | 'phone' | 'text'>('desktop');
  const [scheme, setScheme] = useState<'light' | 'dark'>('light');
  const profileId = person?.id ?? null;
  const mail = useQuery({
    queryKey: ['mail-preview', slug, document, profileId],
    queryFn: ({ signal }) =>
      postJson<MailPreview>(`/data/${slug}/messages/preview`, { document, profileId }, { signal }),
    placeholderData: (before) => before,
  });
  return (
    <Dialog title="Preview" isOpen onClose={onClose} wide="most" unsaved={false}>
      <div className="flex flex-wrap items-center gap-2">
        <ToggleRow
          label="What to show"
          value={part}
          options={[
            { value: 'desktop', label: 'Desktop' },
            { value: 'phone', label: 'Phone' },
            { value: 'text', label: 'Text only' },
          ]}
          onChange={setPart}
        />
        {part !== 'text' && (
          <ToggleRow
            label="Colours"
            value={scheme}
            options={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
            onChange={setScheme}
          />
        )}
        <span className="flex min-w-0 flex-wrap items-center gap-2">
          <span className="text-muted min-w-0 truncate text-[13px]">
            {person ? `As ${person.name}` : 'As somebody of whom nothing is known'}
          </span>
          <Button size="small" onPress={() => setChoosing(!isChoosing)}>
            {isChoosing ? 'Close' : 'As somebody'}
          </Button>
          {person && (
            <Button size="small" variant="quiet" onPress={() => setPerson(null)}>
              Nobody
            </Button>
          )}
        </span>
      </div>
      <PersonSteps
        slug={slug}
        attributeIds={referencesOf(document).attributeIds}
        among={among}
        person={person}
        onChoose={setPerson}
      />
      {isChoosing && (
        <ProfileFinder
          slug={slug}
          label="As whom"
          onChoose={(profile) => {
            setPerson(profile);
            setChoosing(false);
          }}
        />
      )}
      {mail.error && <Banner tone="danger">{mail.error.message}</Banner>}
      {!mail.data && !mail.error && <p className="text-muted py-10 text-center">Making the mail…</p>}
      {mail.data && <Shown mail={mail.data} part={part} scheme={scheme} />}
    </Dialog>
  );
}

function Shown({
  mail,
  part,
  scheme,
}: {
  mail: MailPreview;
  part: 'desktop' | 'phone' | 'text';
  scheme: 'light' | 'dark';
}) {
  return (
    <>
      <div className="border-line rounded-md border px-3 py-2">
        <p className="font-semibold wrap-anywhere">{mail.subject || '(no subject)'}</p>
        <p className="text-muted truncate text-[13px]">{mail.preheader || '(no preview text)'}</p>
      </div>
      {mail.bytes > HTML_LONG && (
        <Banner tone="warning">
          The mail has {Math.round(mail.bytes / KB)} kB. Gmail cuts mails at 102 kB, with the link to unsubscribe at the
          end: remove some of it.
        </Banner>
      )}
      {part === 'text' ? (
        <pre
          tabIndex={0}
          aria-label="Text"
          className="bg-sunken border-line max-h-[50vh] overflow-auto rounded-md border p-3 text-[13px] wrap-anywhere whitespace-pre-wrap"
        >
          {mail.text}
        </pre>
      ) : (
        <div className="bg-sunken flex justify-center overflow-hidden rounded-md">
          <MailFrame
            html={mail.html}
            subject={mail.subject}
            width={WIDTHS[part]}
            scheme={scheme}
            opensLinks={false}
            className="h-[65dvh] max-w-full"
          />
        </div>
      )}
      <p className="text-muted text-[13px]">
        {(mail.bytes / KB).toLocaleString('en-GB', { maximumFractionDigits: 0 })} kB. Links lead nowhere here.
        {part !== 'text' && scheme === 'dark' && ` ${DARK_HINT}`}
      </p>
    </>
  );
}
