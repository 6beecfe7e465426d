'use client';
// Says that data needed for a decision could not be loaded, with a retry button.
import { Button } from './button';
import { Banner } from './display';

/** `children`: what could not be loaded, and what that prevents. */
export function ReadFailed({
  children,
  onRetry,
  retrying,
}: {
  children: string;
  onRetry: () => void;
  retrying: boolean;
}) {
  return (
    <Banner tone="danger">
      <span className="flex flex-wrap items-center justify-between gap-2">
        {children}
        <Button size="small" isPending={retrying} onPress={onRetry}>
          Try again
        </Button>
      </span>
    </Banner>
  );
}
