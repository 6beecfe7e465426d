'use client';
// How many are in a saved segment at this moment; until that is known, what was noted last.
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { getJson } from '@/components/ui/json';
import type { SegmentId } from '@/lib/db/ids';
import { useSeen } from './builder/use-counts';

type Props = { slug: string; segmentId: SegmentId; noted: number | null };

export function SizeNow({ slug, segmentId, noted }: Props) {
  const element = useRef<HTMLSpanElement>(null);
  const seen = useSeen(element);
  const { data, error } = useQuery({
    queryKey: ['segment-size', slug, segmentId],
    queryFn: ({ signal }) => getJson<{ count: number }>(`/data/${slug}/segments/${segmentId}/count`, signal),
    enabled: seen,
    staleTime: 15_000,
    retry: false,
  });
  return (
    <span ref={element} title={error?.message}>
      {data ? (
        data.count.toLocaleString('en-GB')
      ) : error ? (
        <span className="text-danger">not counted</span>
      ) : (
        <span className="text-muted">{noted === null ? '…' : noted.toLocaleString('en-GB')}</span>
      )}
    </span>
  );
}
