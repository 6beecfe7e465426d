'use server';
import { runAction } from '@/app/run-action';
import { copyForm, createForm, deleteForm, publishForm, saveForm, setFormOpen } from '@/lib/forms/commands';
import { decideSubmissions, undecideSubmissions } from '@/lib/forms/quarantine';
import { sendConfirmationAgain } from '@/lib/forms/send-again';

export async function createFormAction(input: unknown, requestId: string) {
  return runAction(createForm, input, requestId);
}

export async function saveFormAction(input: unknown, requestId: string) {
  return runAction(saveForm, input, requestId);
}

export async function publishFormAction(input: unknown, requestId: string) {
  return runAction(publishForm, input, requestId);
}

export async function setFormOpenAction(input: unknown, requestId: string) {
  return runAction(setFormOpen, input, requestId);
}

export async function copyFormAction(input: unknown, requestId: string) {
  return runAction(copyForm, input, requestId);
}

export async function deleteFormAction(input: unknown, requestId: string) {
  return runAction(deleteForm, input, requestId);
}

export async function decideSubmissionsAction(input: unknown, requestId: string) {
  return runAction(decideSubmissions, input, requestId);
}

export async function undecideSubmissionsAction(input: unknown, requestId: string) {
  return runAction(undecideSubmissions, input, requestId);
}

export async function sendConfirmationAgainAction(input: unknown, requestId: string) {
  return runAction(sendConfirmationAgain, input, requestId);
}
