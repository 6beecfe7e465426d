'use client';
// The section's tags, live: every picker shares them.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getJson, postJson } from '@/components/ui/json';
import type { Result } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import type { TagWhereabouts } from '@/lib/tags/queries';
import type { TagOption, TagTrend } from '@/lib/tags/schema';

export function useTags(slug: string) {
  return useQuery({
    queryKey: ['tags', slug],
    queryFn: () => getJson<TagOption[]>(`/data/${slug}/tags`),
    staleTime: 30_000,
  });
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

type NewTag = { id: TagId; name: string };

/**
 * Creates a tag from any picker; the near names have been shown there, so it is confirmed. A tag that has the name already is
 * the one that was meant: somebody was quicker than the list.
 */
export function useCreateTag(slug: string) {
  const client = useQueryClient();
  return async (name: string): Promise<{ ok: true; tag: NewTag } | { ok: false; message: string }> => {
    const result = await postJson<Result<NewTag>>(`/data/${slug}/tags`, { name, confirmed: true }).catch(() => null);
    if (!result) return { ok: false, message: 'The server does not answer. Your text is still here: try again.' };
    void client.invalidateQueries({ queryKey: ['tags', slug] });
    if (result.ok) return { ok: true, tag: result.value };
    const { code, details, message } = result.refusal;
    const taken = code === 'name_taken' ? (details as { taken?: NewTag }).taken : undefined;
    return taken ? { ok: true, tag: taken } : { ok: false, message };
  };
}
