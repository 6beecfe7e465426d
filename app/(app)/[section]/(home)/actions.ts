'use server';
import { runAction } from '@/app/run-action';
import { copyDataModel } from '@/lib/home/copy-data-model';
import { createSuggestedTags } from '@/lib/tags/suggestions';

export async function createSuggestedTagsAction(input: unknown, requestId: string) {
  return runAction(createSuggestedTags, input, requestId);
}

export async function copyDataModelAction(input: unknown, requestId: string) {
  return runAction(copyDataModel, input, requestId);
}
