'use server';
import { readAction, runAction } from '@/app/run-action';
import { readUsesOfTag } from '@/lib/accounts/reads';
import { readKeepers } from '@/lib/integrations/reads';
import { mergeTags } from '@/lib/operations/merge-tag';
import { readHideImpact, readMergePreview } from '@/lib/used-in/reads';
import { createTag, hideTag } from '@/lib/tags/commands';
import { setFavouriteTag } from '@/lib/tags/favourites';
import { readTagForEditing } from '@/lib/tags/reads';
import { updateTag } from '@/lib/tags/update';

export async function createTagAction(input: unknown, requestId: string) {
  return runAction(createTag, input, requestId);
}

export async function updateTagAction(input: unknown, requestId: string) {
  return runAction(updateTag, input, requestId);
}

export async function hideTagAction(input: unknown, requestId: string) {
  return runAction(hideTag, input, requestId);
}

export async function mergeTagsAction(input: unknown, requestId: string) {
  return runAction(mergeTags, input, requestId);
}

/** `input`: `{ sectionId, tagId, favourite }`. */
export async function setFavouriteTagAction(input: unknown) {
  return runAction(setFavouriteTag, input);
}

/** Details for the edit dialog. `input`: `{ sectionId, tagId }`. */
export async function readTagDetailsAction(input: unknown) {
  const [tag, uses, keepers] = await Promise.all([
    readAction(readTagForEditing, input),
    readAction(readUsesOfTag, input),
    readAction(readKeepers, input),
  ]);
  if (!tag.ok) return tag;
  if (!uses.ok) return uses;
  return keepers.ok
    ? { ok: true as const, value: { ...tag.value, uses: uses.value, keepers: keepers.value } }
    : keepers;
}

/** The impact shown by the hide dialog. `input`: `{ sectionId, tagId }`. */
export async function readHideImpactAction(input: unknown) {
  return readAction(readHideImpact, input);
}

/** The preview shown by the merge dialog. `input`: `{ sectionId, from, into }`. */
export async function readMergePreviewAction(input: unknown) {
  return readAction(readMergePreview, input);
}
