'use client';
// The section's tags, live: every picker shares them.
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf } from '@/components/ui/answer-of';
import { getJson, postJson } from '@/components/ui/json';
import type { Result } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import { nameKey } from '@/lib/naming/names';
import type { TagWhereabouts } from '@/lib/tags/queries';
import type { TagOption, TagTrend } from '@/lib/tags/schema';

const tagsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['tags', slug],
    queryFn: () => getJson<TagOption[]>(`/data/${slug}/tags`),
    staleTime: 30_000,
  });

export function useTags(slug: string) {
  return useQuery(tagsQuery(slug));
}

/** Finds the tag that has exactly this name, whatever the case, as soon as the list is there. */
export function useTagNamed(slug: string) {
  const client = useQueryClient();
  return async (name: string): Promise<TagOption | undefined> => {
    const tags = await client.ensureQueryData(tagsQuery(slug));
    return tags.find((tag) => nameKey(tag.name) === nameKey(name));
  };
}

/** How the given tags went in the last 30 days; `enabled`: not while the person scrolls past them. */
export function useTagTrends(slug: string, ids: readonly TagId[], enabled: boolean) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: ['tag-trends', slug, wanted],
    queryFn: () => getJson<TagTrend[]>(`/data/${slug}/tags/trends?ids=${wanted}`),
    enabled: enabled && wanted !== '',
    placeholderData: keepPreviousData,
  });
}

/** Where a tag of this name is that the section has not: in other sections, or hidden here. */
export function useTagWhereabouts(slug: string, name: string) {
  return useQuery({
    queryKey: ['tag-whereabouts', slug, name],
    queryFn: () => getJson<TagWhereabouts>(`/data/${slug}/tags?name=${encodeURIComponent(name)}`),
    enabled: name !== '',
  });
}

export type NewTag = { id: TagId; name: string };

type CreateAnswer =
  { kind: 'made'; tag: NewTag } | { kind: 'asked'; near: NewTag[] } | { kind: 'refused'; message: string };

/**
 * Creates a tag from any picker. `despite`: the near tags about which the server has asked already. A tag that has the name is
 * the one that was meant: someone was quicker than the list.
 */
export function useCreateTag(slug: string) {
  const client = useQueryClient();
  return async (name: string, despite: readonly TagId[]): Promise<CreateAnswer> => {
    const result = await answerOf(postJson<Result<NewTag>>(`/data/${slug}/tags`, { name, despite }));
    void client.invalidateQueries({ queryKey: ['tags', slug] });
    if (result.ok) return { kind: 'made', tag: result.value };
    const { code, message } = result.refusal;
    const { taken, near } = (result.refusal.details ?? {}) as { taken?: NewTag; near?: NewTag[] };
    if (code === 'name_taken' && taken) return { kind: 'made', tag: taken };
    return code === 'conflict' && near ? { kind: 'asked', near } : { kind: 'refused', message };
  };
}
