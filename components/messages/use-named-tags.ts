'use client';
// The tags that a text asks for, by id and by the names that were typed.
import { useQueries } from '@tanstack/react-query';
import { useTagLabels, useTagNamed } from '@/components/tags/use-tags';
import type { TagId } from '@/lib/db/ids';
import type { NamedTag } from '@/lib/messages/sms-written';
import { nameKey } from '@/lib/naming/names';

const STALE_MS = 30_000;

/** `isComplete`: no name is being looked for any more. */
export function useNamedTags(
  slug: string,
  ids: readonly TagId[],
  names: readonly string[],
): { tags: NamedTag[]; isComplete: boolean } {
  const tagNamed = useTagNamed(slug);
  const keys = [...new Set(names.map(nameKey))];
  const byName = useQueries({
    queries: keys.map((key) => ({
      queryKey: ['tags', slug, 'named', key],
      queryFn: async () => (await tagNamed(key)) ?? null,
      staleTime: STALE_MS,
    })),
  });
  const byId = useTagLabels(slug, ids);
  const found = [...byId.labels.values(), ...byName.flatMap(({ data }) => data ?? [])];
  return {
    tags: [...new Map(found.map(({ id, name }) => [id, { id, name }])).values()],
    isComplete: byId.isComplete && byName.every(({ isPending }) => !isPending),
  };
}
