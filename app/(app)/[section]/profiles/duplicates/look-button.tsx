'use client';
// Starts a look for duplicates, or stops the one that is running.
import { useRouter } from 'next/navigation';
import { hasEnded, useOperation } from '@/components/operations/use-operation';
import { hasAnswered } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { OperationView } from '@/lib/activity/schema';
import type { SectionId } from '@/lib/db/ids';
import { cancelOperationAction } from '../actions';
import { lookForDuplicatesAction } from './actions';

type Props = {
  section: { id: SectionId; slug: string };
  /** The newest look, if it has not been finished. */
  operation: OperationView | null;
  label: string;
  primary?: boolean;
};

export function LookButton({ section, operation, label, primary = false }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const { data: newest } = useOperation(section.slug, operation?.id ?? null, operation ?? undefined);
  const isRunning = newest !== undefined && !hasEnded(newest);

  async function press() {
    const result = await (isRunning
      ? send(cancelOperationAction, { sectionId: section.id, operationId: newest.id })
      : send(lookForDuplicatesAction, { sectionId: section.id }));
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
    if (hasAnswered(result)) router.refresh();
  }

  return (
    <Button variant={primary && !isRunning ? 'primary' : undefined} isPending={pending} onPress={() => void press()}>
      {isRunning ? 'Stop' : label}
    </Button>
  );
}
