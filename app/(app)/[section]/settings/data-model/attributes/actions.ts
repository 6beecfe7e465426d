'use server';
import { runAction } from '@/app/run-action';
import { createAttribute, setAttributeHidden, updateAttribute } from '@/lib/attributes/commands';

export async function createAttributeAction(input: unknown, requestId: string) {
  return runAction(createAttribute, input, requestId);
}

export async function updateAttributeAction(input: unknown, requestId: string) {
  return runAction(updateAttribute, input, requestId);
}

export async function setAttributeHiddenAction(input: unknown, requestId: string) {
  return runAction(setAttributeHidden, input, requestId);
}
