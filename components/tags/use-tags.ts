'use client';
// The section's tags, live and shared by all pickers.
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf } from '@/components/ui/answer-of';
import { getJson, postJson } from '@/components/ui/json';
import type { Result } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import { nameKey } from '@/lib/naming/names';
import type { TagColour } from '@/lib/tags/colour';
import type { TagWhereabouts } from '@/lib/tags/queries';
import type { TagLabel, TagOption, TagTrend } from '@/lib/tags/schema';

const tagsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['tags', slug],
    queryFn: () => getJson<TagOption[]>(`/data/${slug}/tags`),
    staleTime: 30_000,
  });

export function useTags(slug: string) {
  return useQuery(tagsQuery(slug));
}

/** The groups that the section's tags are in, by name. */
export function useTagGroups(slug: string): string[] {
  const { data } = useTags(slug);
  return [...new Set(data?.flatMap(({ group }) => group || []))].sort((left, right) => left.localeCompare(right, 'en'));
}

/** Finds the tag with exactly this name, ignoring case, once the list has loaded. */
export function useTagNamed(slug: string) {
  const client = useQueryClient();
  return async (name: string): Promise<TagOption | undefined> => {
    const tags = await client.ensureQueryData(tagsQuery(slug));
    return tags.find((tag) => nameKey(tag.name) === nameKey(name));
  };
}

/** Trends of the given tags for the last 30 days; `enabled`: false while the person scrolls past them. */
export function useTagTrends(slug: string, ids: readonly TagId[], enabled: boolean) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: ['tag-trends', slug, wanted],
    queryFn: () => getJson<TagTrend[]>(`/data/${slug}/tags/trends?ids=${wanted}`),
    enabled: enabled && wanted !== '',
    placeholderData: keepPreviousData,
  });
}

/** Where a tag exists that the section does not have: in other sections, or hidden here. */
export function useTagWhereabouts(slug: string, name: string) {
  return useQuery({
    queryKey: ['tag-whereabouts', slug, name],
    queryFn: () => getJson<TagWhereabouts>(`/data/${slug}/tags?name=${encodeURIComponent(name)}`),
    enabled: name !== '',
  });
}

export type NewTag = TagLabel;

type CreateAnswer =
  | { kind: 'made'; tag: NewTag }
  | { kind: 'asked'; near: NewTag[] }
  | { kind: 'refused'; message: string };

/**
 * Creates a tag from any picker. `despite`: the similar tags that the server has already asked about. If a tag already has the
 * name, it is returned: somebody was quicker than the list.
 */
export function useCreateTag(slug: string) {
  const client = useQueryClient();
  return async (name: string, despite: readonly TagId[], colour: TagColour | null): Promise<CreateAnswer> => {
    const result = await answerOf(postJson<Result<NewTag>>(`/data/${slug}/tags`, { name, despite, colour }));
    void client.invalidateQueries({ queryKey: ['tags', slug] });
    if (result.ok) return { kind: 'made', tag: result.value };
    const { code, message } = result.refusal;
    const { taken, near } = (result.refusal.details ?? {}) as { taken?: NewTag; near?: NewTag[] };
    if (code === 'name_taken' && taken) return { kind: 'made', tag: taken };
    return code === 'conflict' && near ? { kind: 'asked', near } : { kind: 'refused', message };
  };
}
