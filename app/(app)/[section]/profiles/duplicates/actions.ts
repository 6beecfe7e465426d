'use server';
import { runAction } from '@/app/run-action';
import { dismissPair, restorePair } from '@/lib/duplicates/decisions';
import { lookForDuplicates } from '@/lib/duplicates/look';

export async function lookForDuplicatesAction(input: unknown, requestId: string) {
  return runAction(lookForDuplicates, input, requestId);
}

export async function dismissPairAction(input: unknown, requestId: string) {
  return runAction(dismissPair, input, requestId);
}

export async function restorePairAction(input: unknown, requestId: string) {
  return runAction(restorePair, input, requestId);
}
