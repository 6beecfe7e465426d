'use client';
// Something that a decision needs could not be read: it says so, and tries again.
import { Button } from './button';
import { Banner } from './display';

/** `children`: what could not be read, and what that prevents. */
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
