'use client';
// Decides that two profiles are not the same person, or takes that back. The toast offers to undo either.
import { useRouter } from 'next/navigation';
import { hasAnswered } from '@/components/ui/answer-of';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { DuplicatePair } from '@/lib/duplicates/schema';
import { dismissPairAction, restorePairAction } from './actions';

type Decision = {
  pending: boolean;
  /** Returns whether it was done. */
  dismiss: (pair: DuplicatePair) => Promise<boolean>;
  restore: (pair: DuplicatePair) => Promise<boolean>;
};

/** `onUndone`: called when a decision was undone from its toast. */
export function useDecision(sectionId: SectionId, onUndone?: (pair: DuplicatePair) => void): Decision {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();

  async function decide(pair: DuplicatePair, dismiss: boolean, undoes = false): Promise<boolean> {
    const action = dismiss ? dismissPairAction : restorePairAction;
    const input = { sectionId, first: pair.first.id, second: pair.second.id };
    const result = await send(action, input);
    if (hasAnswered(result)) router.refresh();
    if (!result.ok) {
      toast(result.refusal.message, { tone: 'danger' });
      return false;
    }
    if (undoes) {
      onUndone?.(pair);
      return true;
    }
    const names = `${pair.first.name} and ${pair.second.name}`;
    toast(dismiss ? `${names}: not the same person` : `${names} may be the same person again`, {
      about: [`pair ${pair.first.id} ${pair.second.id}`],
      action: { label: 'Undo', run: () => void decide(pair, !dismiss, true) },
    });
    return true;
  }

  return {
    pending,
    dismiss: (pair) => decide(pair, true),
    restore: (pair) => decide(pair, false),
  };
}
