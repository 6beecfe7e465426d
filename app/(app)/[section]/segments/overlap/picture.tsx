'use client';
// A picture that is asked for: marked as outdated while a new one is counted, and what to do where that went wrong.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, EmptyState, ProgressBar } from '@/components/ui/display';
import { Refreshing } from '@/components/ui/refreshing';
import type { OverlapPicture } from './use-overlap';

type Props = {
  overlap: UseQueryResult<OverlapPicture>;
  /** How many are chosen. */
  tags: number;
  children: (picture: OverlapPicture) => ReactNode;
};

export function Picture({ overlap, tags, children }: Props) {
  const { data, error, isFetching, isPlaceholderData, refetch } = overlap;
  if (error && !isFetching && !data) {
    return (
      <EmptyState title="This could not be counted" action={<Button onPress={() => void refetch()}>Try again</Button>}>
        {error.message}
      </EmptyState>
    );
  }
  if (!data) {
    return (
      <EmptyState
        title={isFetching ? `Counting who has which of ${tags} tags` : 'This is counted next'}
        action={
          <div className="w-64">
            <ProgressBar value={null} label="Counting" />
          </div>
        }
      >
        With a million profiles this takes some seconds.
      </EmptyState>
    );
  }
  // Also while it waits for its turn to be counted, what stands there is the one before.
  const outdated = isFetching || isPlaceholderData;
  return (
    <>
      {error && !isFetching && (
        <div className="mb-3">
          <Banner tone="danger">{error.message} The figures below are the ones from before.</Banner>
        </div>
      )}
      <Refreshing when={outdated}>{children(data)}</Refreshing>
    </>
  );
}
