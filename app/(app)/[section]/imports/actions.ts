'use server';
import { runAction } from '@/app/run-action';
import { createAttribute } from '@/lib/attributes/commands';
import { saveMapping, startImport } from '@/lib/imports/commands';
import { discardImport } from '@/lib/imports/stage';

export async function saveMappingAction(input: unknown) {
  return runAction(saveMapping, input);
}

export async function startImportAction(input: unknown, requestId: string) {
  return runAction(startImport, input, requestId);
}

export async function discardImportAction(input: unknown) {
  return runAction(discardImport, input);
}

export async function createAttributeInPlaceAction(input: unknown, requestId: string) {
  return runAction(createAttribute, input, requestId);
}
