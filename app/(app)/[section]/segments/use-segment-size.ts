'use client';
// The current size of a saved segment, fetched once for all components that show it.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { SegmentId } from '@/lib/db/ids';

/** `enabled`: false until it is visible. */
export function useSegmentSize(slug: string, segmentId: SegmentId, enabled = true) {
  return useQuery({
    queryKey: ['segment-size', slug, segmentId],
    queryFn: ({ signal }) => getJson<{ count: number }>(`/data/${slug}/segments/${segmentId}/count`, signal),
    enabled,
    staleTime: 15_000,
    retry: false,
  });
}
