'use server';
import { runAction } from '@/app/run-action';
import { setBulkAttribute } from '@/lib/operations/bulk-attribute';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { cancelOperation, retryOperation, undoOperation } from '@/lib/activity/commands';
import { setConsent, undoConsent } from '@/lib/consents/commands';
import { addNote, deleteNote, editNote } from '@/lib/notes/commands';
import { deleteProfilesInBulk } from '@/lib/people/bulk-delete';
import { eraseProfile } from '@/lib/people/erase';
import { mergeTwoProfiles } from '@/lib/people/merge-two';
import { createSavedView, deleteSavedView, updateSavedView } from '@/lib/profiles/saved-views';
import { changeProfileTags, createProfile, updateProfile } from '@/lib/profiles/commands';

export async function createProfileAction(input: unknown, requestId: string) {
  return runAction(createProfile, input, requestId);
}

export async function updateProfileAction(input: unknown, requestId: string) {
  return runAction(updateProfile, input, requestId);
}

export async function changeProfileTagsAction(input: unknown) {
  return runAction(changeProfileTags, input);
}

export async function eraseProfileAction(input: unknown, requestId: string) {
  return runAction(eraseProfile, input, requestId);
}

export async function mergeTwoProfilesAction(input: unknown, requestId: string) {
  return runAction(mergeTwoProfiles, input, requestId);
}

export async function bulkTagAction(input: unknown, requestId: string) {
  return runAction(bulkTag, input, requestId);
}

export async function setBulkAttributeAction(input: unknown, requestId: string) {
  return runAction(setBulkAttribute, input, requestId);
}

export async function deleteProfilesInBulkAction(input: unknown, requestId: string) {
  return runAction(deleteProfilesInBulk, input, requestId);
}

export async function undoOperationAction(input: unknown, requestId: string) {
  return runAction(undoOperation, input, requestId);
}

export async function cancelOperationAction(input: unknown, requestId: string) {
  return runAction(cancelOperation, input, requestId);
}

export async function retryOperationAction(input: unknown, requestId: string) {
  return runAction(retryOperation, input, requestId);
}

export async function addNoteAction(input: unknown, requestId: string) {
  return runAction(addNote, input, requestId);
}

export async function editNoteAction(input: unknown, requestId: string) {
  return runAction(editNote, input, requestId);
}

export async function deleteNoteAction(input: unknown, requestId: string) {
  return runAction(deleteNote, input, requestId);
}

export async function createSavedViewAction(input: unknown, requestId: string) {
  return runAction(createSavedView, input, requestId);
}

export async function updateSavedViewAction(input: unknown, requestId: string) {
  return runAction(updateSavedView, input, requestId);
}

export async function deleteSavedViewAction(input: unknown, requestId: string) {
  return runAction(deleteSavedView, input, requestId);
}

export async function setConsentAction(input: unknown, requestId: string) {
  return runAction(setConsent, input, requestId);
}

export async function undoConsentAction(input: unknown, requestId: string) {
  return runAction(undoConsent, input, requestId);
}
