'use client';
// Tells a person that a message waits for them, or that somebody has decided about one of theirs: each once in a browser.
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { useToast } from '@/components/ui/toasts';
import type { MessageNotice } from '@/lib/messages/approval-schema';
import { notAnnouncedYet } from './announced-once';
import { useBackgroundWork } from './use-background-work';

const STAYS_MS = 15_000;

export function MessageAnnouncer({ slug }: { slug: string }) {
  const messages = useBackgroundWork(slug)?.messages;
  const pathname = usePathname();
  const toast = useToast();
  useEffect(() => {
    if (!messages) return;
    const fresh = notAnnouncedYet(`tagwell-messages ${slug}`, messages.map(keyOf));
    for (const notice of messages.filter((each) => fresh.has(keyOf(each)))) {
      const href = `/${slug}/messages/${notice.messageId}`;
      // Its own page shows it.
      if (pathname === href) continue;
      toast(titleOf(notice), {
        ...(notice.note !== '' && { detail: notice.note }),
        link: { label: 'Open', href },
        about: [`send:${notice.sendId}`],
        staysMs: STAYS_MS,
      });
    }
  }, [messages, slug, pathname, toast]);
  return null;
}

const keyOf = ({ sendId, kind }: MessageNotice): string => `${sendId} ${kind}`;

function titleOf({ kind, name, by }: MessageNotice): string {
  const who = by ?? (kind === 'asked' ? 'A client of the API' : 'Somebody');
  if (kind === 'choice') return `The A/B test of “${name}” waits for a choice`;
  if (kind === 'asked') return `${who} asks for your approval of “${name}”`;
  return kind === 'approved' ? `${who} has approved “${name}”` : `${who} has sent “${name}” back`;
}
