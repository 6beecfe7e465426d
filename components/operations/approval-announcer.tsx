'use client';
// Tells a person that a message waits for their approval, or that somebody has decided about one of theirs: each once in a browser.
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { useToast } from '@/components/ui/toasts';
import type { ApprovalNotice } from '@/lib/messages/approval-schema';
import { notAnnouncedYet } from './announced-once';
import { useBackgroundWork } from './use-background-work';

const STAYS_MS = 15_000;

export function ApprovalAnnouncer({ slug }: { slug: string }) {
  const approvals = useBackgroundWork(slug)?.approvals;
  const pathname = usePathname();
  const toast = useToast();
  useEffect(() => {
    if (!approvals) return;
    const fresh = notAnnouncedYet(`tagwell-approvals ${slug}`, approvals.map(keyOf));
    for (const notice of approvals.filter((each) => fresh.has(keyOf(each)))) {
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
  }, [approvals, slug, pathname, toast]);
  return null;
}

const keyOf = ({ sendId, kind }: ApprovalNotice): string => `${sendId} ${kind}`;

function titleOf({ kind, name, by }: ApprovalNotice): string {
  const who = by ?? (kind === 'asked' ? 'A client of the API' : 'Somebody');
  if (kind === 'asked') return `${who} asks for your approval of “${name}”`;
  return kind === 'approved' ? `${who} has approved “${name}”` : `${who} has sent “${name}” back`;
}
