'use client';
// Fetches tag overlaps on demand. Takes seconds with a million profiles.
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { TagId } from '@/lib/db/ids';
import type { Overlap } from '@/lib/tags/overlap';

/** `at`: the moment of the count, ISO 8601. */
export type OverlapData = Overlap & { at: string };

/**
 * The overlap of some tags; the previous result while it is being counted. Cached until a refresh. Cancelled on the server when it
 * is no longer needed, such as when other tags are chosen.
 */
export function useOverlap(slug: string, ids: readonly TagId[], enabled: boolean) {
  const wanted = ids.join(',');
  return useQuery({
    queryKey: ['tag-overlap', slug, wanted],
    queryFn: ({ signal }) => getJson<OverlapData>(`/data/${slug}/tags/overlap?ids=${wanted}`, signal),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
    refetchOnReconnect: false,
  });
}

/** Refetches this result; the section's other results are refetched when they are shown. */
export function useRefresh(slug: string, { refetch }: UseQueryResult<OverlapData>): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['tag-overlap', slug], refetchType: 'none' });
    void refetch();
  };
}
