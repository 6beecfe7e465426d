'use server';
import { runAction } from '@/app/run-action';
import { createAttribute } from '@/lib/attributes/commands';
import { reopenImport, saveMapping, startDryRun, startImport } from '@/lib/imports/commands';
import { checkFile, discardImport } from '@/lib/imports/stage';

export async function saveMappingAction(input: unknown) {
  return runAction(saveMapping, input);
}

export async function startImportAction(input: unknown, requestId: string) {
  return runAction(startImport, input, requestId);
}

export async function startDryRunAction(input: unknown, requestId: string) {
  return runAction(startDryRun, input, requestId);
}

export async function reopenImportAction(input: unknown, requestId: string) {
  return runAction(reopenImport, input, requestId);
}

export async function checkFileAction(input: unknown) {
  return runAction(checkFile, input);
}

export async function discardImportAction(input: unknown, requestId: string) {
  return runAction(discardImport, input, requestId);
}

export async function createAttributeInPlaceAction(input: unknown, requestId: string) {
  return runAction(createAttribute, input, requestId);
}
