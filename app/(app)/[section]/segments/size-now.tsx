'use client';
// The current size of a saved segment; until it is known, the last recorded one.
import { useRef } from 'react';
import { useSeen } from '@/components/ui/use-seen';
import type { SegmentId } from '@/lib/db/ids';
import { useSegmentSize } from './use-segment-size';

type Props = { slug: string; segmentId: SegmentId; noted: number | null };

export function SizeNow({ slug, segmentId, noted }: Props) {
  const element = useRef<HTMLSpanElement>(null);
  const seen = useSeen(element);
  const { data, error } = useSegmentSize(slug, segmentId, seen);
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
