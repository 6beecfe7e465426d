'use client';
// Live counts during editing; outdated queries are cancelled in the database.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { postJson } from '@/components/ui/json';
import { useDebounced } from '@/components/ui/use-debounced';
import type { ProfileRow } from '@/lib/profiles/schema';
import type { RuleNode, Rules } from '@/lib/segments/schema';

const FRESH_MS = 15_000;

/** Rules of one condition or group. */
export function rulesFor(node: RuleNode, timeZone: string): Rules {
  return { timeZone, root: node.kind === 'group' ? node : { kind: 'group', match: 'all', items: [node] } };
}

const asked = (rules: Rules | null) => (rules ? JSON.stringify(rules) : null);

/** The number of matching profiles; null rules: no query. */
export function useCount(slug: string, rules: Rules | null, { urgent = false }: { urgent?: boolean } = {}) {
  const text = useDebounced(asked(rules));
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

/** The ten newest matching profiles. */
export function useSample(slug: string, rules: Rules | null) {
  const text = useDebounced(asked(rules));
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
