'use client';
// The current size of a saved segment; until it is known, the last recorded one.
import { useRef } from 'react';
import { useInView } from '@/components/ui/use-in-view';
import type { SegmentId } from '@/lib/db/ids';
import { useSegmentSize } from './use-segment-size';

type Props = { slug: string; segmentId: SegmentId; recorded: number | null };

export function SizeNow({ slug, segmentId, recorded }: Props) {
  const element = useRef<HTMLSpanElement>(null);
  const seen = useInView(element);
  const { data, error } = useSegmentSize(slug, segmentId, seen);
  return (
    <span ref={element} title={error?.message}>
      {data ? (
        data.count.toLocaleString('en-GB')
      ) : error ? (
        <span className="text-danger">not counted</span>
      ) : (
        <span className="text-muted">{recorded === null ? '…' : recorded.toLocaleString('en-GB')}</span>
      )}
    </span>
  );
}
