'use client';
// The age of a result, or that a new one is being computed.
import type { UseQueryResult } from '@tanstack/react-query';
import { DateTime } from '@/components/ui/date-time';
import { Counting } from './counting';
import type { OverlapData } from './use-overlap';

type Props = { overlap: UseQueryResult<OverlapData>; tags: number };

export function OverlapAge({ overlap, tags }: Props) {
  const { data, isFetching, isPlaceholderData } = overlap;
  return (
    <span role="status" className="text-muted text-[13px]">
      {isFetching && <Counting tags={tags} />}
      {!isFetching && data && !isPlaceholderData && (
        <>
          Counted <DateTime value={data.at} />
        </>
      )}
    </span>
  );
}
