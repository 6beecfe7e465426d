'use server';
import { readAction, runAction } from '@/app/run-action';
import { readRemovalPreview } from '@/lib/integrations/claim-reads';
import { keepOff, letAllIn, letIn } from '@/lib/integrations/let-in';
import { removeListTag } from '@/lib/integrations/remove-from-all';

/** What removing a list's tag from everyone would do. `input`: `{ sectionId, listId }`. */
export async function readRemovalPreviewAction(input: unknown) {
  return readAction(readRemovalPreview, input);
}

export async function removeListTagAction(input: unknown, requestId: string) {
  return runAction(removeListTag, input, requestId);
}

export async function letInAction(input: unknown, requestId: string) {
  return runAction(letIn, input, requestId);
}

/** Takes `letInAction` back: `input` has the claims that it returned. */
export async function keepOffAction(input: unknown, requestId: string) {
  return runAction(keepOff, input, requestId);
}

export async function letAllInAction(input: unknown, requestId: string) {
  return runAction(letAllIn, input, requestId);
}
