'use client';
// The progress of a look. When it is done, the page shows what it found; if it was stopped or failed, this says so.
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { OperationProgress } from '@/components/operations/operation-progress';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { useToast } from '@/components/ui/toasts';
import type { OperationView } from '@/lib/activity/schema';

export function LookProgress({ slug, operation }: { slug: string; operation: OperationView }) {
  const router = useRouter();
  const toast = useToast();
  const { data: newest = operation } = useOperation(slug, operation.id, operation);
  const isRunning = !hasEnded(newest);
  const wasRunning = useRef(isRunning);
  const isDone = newest.status === 'done';
  const result = newest.countsInWords;

  useEffect(() => {
    if (wasRunning.current && !isRunning) {
      if (isDone) toast('Looked for possible duplicates', { detail: result });
      router.refresh();
    }
    wasRunning.current = isRunning;
  }, [isRunning, isDone, result, toast, router]);

  if (isDone) return null;
  return (
    <div className="mb-4">
      <OperationProgress slug={slug} operationId={operation.id} initial={operation} />
    </div>
  );
}
