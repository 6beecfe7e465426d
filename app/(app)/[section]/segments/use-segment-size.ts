'use client';
// How many are in a saved segment at this moment: asked once for all that show it.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { SegmentId } from '@/lib/db/ids';

/** `enabled`: not before somebody sees it. */
export function useSegmentSize(slug: string, segmentId: SegmentId, enabled = true) {
  return useQuery({
    queryKey: ['segment-size', slug, segmentId],
    queryFn: ({ signal }) => getJson<{ count: number }>(`/data/${slug}/segments/${segmentId}/count`, signal),
    enabled,
    staleTime: 15_000,
    retry: false,
  });
}
