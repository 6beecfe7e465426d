'use client';
// Announces connections that need an Admin, wherever they are by then: each trouble once in a browser.
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { useToast } from '@/components/ui/toasts';
import type { Trouble } from '@/lib/integrations/schema';
import { troubleTitle } from '@/lib/integrations/trouble-words';
import { notAnnouncedYet } from './announced-once';
import { operationKey } from './shown-here';
import { useBackgroundWork } from './use-background-work';

const STAYS_MS = 15_000;

export function TroubleAnnouncer({ slug }: { slug: string }) {
  const troubles = useBackgroundWork(slug)?.troubles;
  const pathname = usePathname();
  const toast = useToast();
  useEffect(() => {
    if (!troubles) return;
    const unknown = notAnnouncedYet(`tagwell-troubles ${slug}`, troubles.map(keyOf));
    const fresh = troubles.filter((trouble) => unknown.has(keyOf(trouble)));
    for (const trouble of fresh) {
      const { connectionId, runId, operationId } = trouble;
      const page = `/${slug}/settings/integrations/${connectionId}`;
      // Its own pages show it.
      if (pathname === page || pathname.startsWith(`${page}/`)) continue;
      toast(troubleTitle(trouble), {
        detail: trouble.reason,
        tone: asksOnly(trouble) ? 'plain' : 'danger',
        link: { label: 'Open', href: runId === null ? page : `${page}/runs/${runId}` },
        about: operationId === null ? [] : [operationKey(slug, operationId)],
        staysMs: STAYS_MS,
      });
    }
  }, [troubles, slug, pathname, toast]);
  return null;
}

/** Nothing has failed, but somebody has to decide. */
const asksOnly = ({ kind }: Trouble): boolean => kind === 'held' || kind === 'untagged' || kind === 'gone';

const keyOf = ({ connectionId, kind, since }: Trouble): string => `${connectionId} ${kind} ${since}`;
