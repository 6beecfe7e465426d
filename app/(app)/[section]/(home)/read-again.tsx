'use client';
// In place of a part of Home that could not be read.
import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { ReadFailed } from '@/components/ui/read-failed';

export function ReadAgain({ children = 'This part could not be read.' }: { children?: string }) {
  const router = useRouter();
  const [retrying, startRetry] = useTransition();
  return (
    <div className="p-4">
      <ReadFailed retrying={retrying} onRetry={() => startRetry(() => router.refresh())}>
        {children}
      </ReadFailed>
    </div>
  );
}
