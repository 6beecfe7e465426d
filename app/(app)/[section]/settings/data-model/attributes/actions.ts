'use server';
import { runAction } from '@/app/run-action';
import { createAttribute, indexAttribute, unindexAttribute, updateAttribute } from '@/lib/attributes/commands';
import { setAttributeHidden } from '@/lib/used-in/attributes';

export async function createAttributeAction(input: unknown, requestId: string) {
  return runAction(createAttribute, input, requestId);
}

export async function updateAttributeAction(input: unknown, requestId: string) {
  return runAction(updateAttribute, input, requestId);
}

export async function setAttributeHiddenAction(input: unknown, requestId: string) {
  return runAction(setAttributeHidden, input, requestId);
}

export async function indexAttributeAction(input: unknown, requestId: string) {
  return runAction(indexAttribute, input, requestId);
}

export async function unindexAttributeAction(input: unknown, requestId: string) {
  return runAction(unindexAttribute, input, requestId);
}
