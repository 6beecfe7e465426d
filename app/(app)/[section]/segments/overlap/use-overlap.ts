'use client';
// How tags overlap, counted when it is asked for. Takes seconds where there are a million profiles.
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { TagId } from '@/lib/db/ids';
import type { Overlap } from '@/lib/tags/overlap';

/** `at`: when that was so, ISO 8601. */
export type OverlapPicture = Overlap & { at: string };

/**
 * The picture of some tags; the previous one while it is being counted. It stays until one asks for a new one. The server
 * stops counting when nobody waits for it any more, such as when other tags are chosen.
 */
export function useOverlap(slug: string, ids: readonly TagId[], enabled: boolean) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: ['tag-overlap', slug, wanted],
    queryFn: ({ signal }) => getJson<OverlapPicture>(`/data/${slug}/tags/overlap?ids=${wanted}`, signal),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
    refetchOnReconnect: false,
  });
}

/** Refetches this picture; the section's other pictures are refetched when they are shown. */
export function useRefresh(slug: string, { refetch }: UseQueryResult<OverlapPicture>): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['tag-overlap', slug], refetchType: 'none' });
    void refetch();
  };
}
