'use client';
// The section's tags, live: every picker shares them.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Result } from '@/lib/access/refusal';
import type { TagId } from '@/lib/db/ids';
import type { TagOption, TagTrend } from '@/lib/tags/schema';

/** GETs JSON of the section; a refusal becomes an error with its message. */
export async function getJson<Answer>(address: string): Promise<Answer> {
  const response = await fetch(address, { headers: { accept: 'application/json' } });
  if (response.ok) return (await response.json()) as Answer;
  const { message } = (await response.json().catch(() => ({}))) as { message?: string };
  throw new Error(message ?? 'The server does not answer. Try again in a moment.');
}

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

/** Sections other than this one in which a tag of this name is. */
export function useTagElsewhere(slug: string, name: string, enabled: boolean) {
  return useQuery({
    queryKey: ['tag-elsewhere', slug, name],
    queryFn: () => getJson<{ section: string; slug: string }[]>(`/data/${slug}/tags?name=${encodeURIComponent(name)}`),
    enabled: enabled && name !== '',
  });
}

export type NewTag = { id: TagId; name: string };

/** Creates a tag from any picker; the near names have been shown there, so it is confirmed. */
export function useCreateTag(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string): Promise<Result<NewTag>> => {
      const response = await fetch(`/data/${slug}/tags`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, confirmed: true }),
      });
      return (await response.json()) as Result<NewTag>;
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['tags', slug] }),
  });
}
