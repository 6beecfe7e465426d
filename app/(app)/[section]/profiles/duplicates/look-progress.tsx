'use client';
// The progress of a look. When it has ended, the page shows what it found.
import { useRouter } from 'next/navigation';
import { OperationProgress } from '@/components/operations/operation-progress';
import { useOperation } from '@/components/operations/use-operation';
import { useToast } from '@/components/ui/toasts';
import type { OperationView } from '@/lib/activity/schema';

export function LookProgress({ slug, operation }: { slug: string; operation: OperationView }) {
  const router = useRouter();
  const toast = useToast();
  const { data: newest } = useOperation(slug, operation.id, operation);
  return (
    <div className="mb-4">
      <OperationProgress
        slug={slug}
        operationId={operation.id}
        initial={operation}
        onEnd={() => {
          if (newest?.status === 'done') toast('Looked for possible duplicates', { detail: newest.countsInWords });
          router.refresh();
        }}
      />
    </div>
  );
}
