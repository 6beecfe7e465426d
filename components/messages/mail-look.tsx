'use client';
// A mail on a page: as somebody gets it of whom nothing is known, by the same compiler and renderer as what is sent.
import { useQuery } from '@tanstack/react-query';
import { Banner } from '@/components/ui/display';
import { postJson } from '@/components/ui/json';
import { MailFrame } from '@/components/ui/mail-frame';
import type { MailDocument } from '@/lib/mail-document/schema';
import type { MailPreview } from '@/lib/messages/preview';

export function MailLook({ slug, document }: { slug: string; document: MailDocument }) {
  const mail = useQuery({
    queryKey: ['mail-preview', slug, document, null],
    queryFn: ({ signal }) =>
      postJson<MailPreview>(`/data/${slug}/messages/preview`, { document, profileId: null }, { signal }),
  });
  if (mail.error) return <Banner tone="danger">{mail.error.message}</Banner>;
  if (!mail.data) return <p className="text-muted py-10 text-center">Making the mail…</p>;
  const { subject, preheader, html } = mail.data;
  return (
    <>
      <div className="border-line rounded-md border px-3 py-2">
        <p className="font-semibold wrap-anywhere">{subject || '(no subject)'}</p>
        <p className="text-muted truncate text-[13px]">{preheader || '(no preview text)'}</p>
      </div>
      <div className="bg-sunken flex justify-center overflow-hidden rounded-md">
        <MailFrame
          html={html}
          subject={subject}
          width={600}
          scheme="light"
          opensLinks={false}
          className="h-[60vh] max-w-full"
        />
      </div>
    </>
  );
}
