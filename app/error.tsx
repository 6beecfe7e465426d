'use client';
import { useEffect } from 'react';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';

const RETRY_MS = 3_000;

/** Retries automatically: usually the database was unavailable for a moment. */
export default function ErrorPage({ error, retry }: { error: { digest?: string }; retry: () => void }) {
  useEffect(() => {
    const timer = setInterval(retry, RETRY_MS);
    return () => clearInterval(timer);
  }, [retry]);
  return (
    <main>
      <EmptyState
        heading="h1"
        title="This page cannot be shown right now"
        action={<Button onPress={retry}>Try again</Button>}
      >
        Something went wrong on our side, or the database is briefly unavailable. The page retries automatically.
        {error.digest && (
          <span className="mt-3 block text-[13px]">
            If this continues, give this number to the person who runs Tagwell. It identifies the error in the log:{' '}
            <code className="break-all select-all">{error.digest}</code>
          </span>
        )}
      </EmptyState>
    </main>
  );
}
