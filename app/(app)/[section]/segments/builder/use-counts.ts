'use client';
// Live counts: asked of the server while one edits; what is no longer wanted is stopped in the database.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { postJson } from '@/components/ui/json';
import { useRested } from '@/components/ui/use-rested';
import type { ProfileRow } from '@/lib/profiles/schema';
import type { RuleNode, Rules } from '@/lib/segments/schema';

const FRESH_MS = 15_000;

/** Rules of one condition or group. */
export function rulesFor(node: RuleNode, timeZone: string): Rules {
  return { timeZone, root: node.kind === 'group' ? node : { kind: 'group', match: 'all', items: [node] } };
}

const asked = (rules: Rules | null) => (rules ? JSON.stringify(rules) : null);

/** How many profiles match; null rules: nothing is asked. */
export function useCount(slug: string, rules: Rules | null, { urgent = false }: { urgent?: boolean } = {}) {
  const text = useRested(asked(rules));
  return useQuery({
    queryKey: ['segment-count', slug, text],
    queryFn: ({ signal }) =>
      postJson<{ count: number }>(
        `/data/${slug}/segments/ask`,
        { rules: JSON.parse(text!) as Rules },
        { signal, urgent },
      ),
    enabled: text !== null,
    staleTime: FRESH_MS,
    retry: false,
    ...(urgent && { placeholderData: keepPreviousData }),
  });
}

/** Ten of those who match, the newest. */
export function useSample(slug: string, rules: Rules | null) {
  const text = useRested(asked(rules));
  return useQuery({
    queryKey: ['segment-sample', slug, text],
    queryFn: ({ signal }) =>
      postJson<{ profiles: ProfileRow[] }>(
        `/data/${slug}/segments/ask`,
        { rules: JSON.parse(text!) as Rules, sample: true },
        { signal, urgent: true },
      ),
    enabled: text !== null,
    staleTime: FRESH_MS,
    retry: false,
    placeholderData: keepPreviousData,
  });
}
