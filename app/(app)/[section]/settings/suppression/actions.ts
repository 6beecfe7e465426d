'use server';
import { runAction } from '@/app/run-action';
import { addSuppressions, liftSuppression } from '@/lib/suppression/commands';

export async function addSuppressionsAction(input: unknown, requestId: string) {
  return runAction(addSuppressions, input, requestId);
}

export async function liftSuppressionAction(input: unknown, requestId: string) {
  return runAction(liftSuppression, input, requestId);
}
