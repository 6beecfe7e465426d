'use client';
// A result on demand: marked as outdated while it is refetched, with what to do after an error.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, EmptyState, ProgressBar } from '@/components/ui/display';
import { Refreshing } from '@/components/ui/refreshing';
import type { OverlapData } from './use-overlap';

type Props = {
  overlap: UseQueryResult<OverlapData>;
  /** Number of chosen tags. */
  tags: number;
  children: (picture: OverlapData) => ReactNode;
};

export function OverlapResult({ overlap, tags, children }: Props) {
  const { data, error, isFetching, isPaused, isPlaceholderData, refetch } = overlap;
  if (error && !isFetching && !data) {
    return (
      <EmptyState
        title="The overlap could not be counted"
        action={<Button onPress={() => void refetch()}>Try again</Button>}
      >
        {error.message}
      </EmptyState>
    );
  }
  if (!data && isPaused) {
    return <EmptyState title="There is no connection">The overlap is counted as soon as it is back.</EmptyState>;
  }
  if (!data) {
    return (
      <EmptyState
        title={isFetching ? `Counting who has which of ${tags} tags` : 'Waiting to be counted'}
        action={
          <div className="w-64">
            <ProgressBar value={null} label="Counting" />
          </div>
        }
      >
        With a million profiles this takes a few seconds.
      </EmptyState>
    );
  }
  // While the query is queued, the previous result is shown.
  const outdated = isFetching || (isPlaceholderData && !isPaused);
  return (
    <>
      {error && !isFetching && (
        <div className="mb-3">
          <Banner tone="danger">{error.message} The figures below are from the last count.</Banner>
        </div>
      )}
      {isPaused && (
        <div className="mb-3">
          <Banner tone="warning">
            There is no connection. The figures below are from the last count; they are counted again as soon as it is
            back.
          </Banner>
        </div>
      )}
      <Refreshing when={outdated}>{children(data)}</Refreshing>
    </>
  );
}
