'use server';
import { readAction, runAction } from '@/app/run-action';
import {
  createWebhook,
  deleteWebhook,
  pauseWebhook,
  resendMessages,
  rotateSecret,
  testWebhook,
} from '@/lib/webhooks/commands';
import { readMessage } from '@/lib/webhooks/reads';

export async function createWebhookAction(input: unknown, requestId: string) {
  return runAction(createWebhook, input, requestId);
}

export async function rotateSecretAction(input: unknown, requestId: string) {
  return runAction(rotateSecret, input, requestId);
}

export async function pauseWebhookAction(input: unknown, requestId: string) {
  return runAction(pauseWebhook, input, requestId);
}

export async function deleteWebhookAction(input: unknown, requestId: string) {
  return runAction(deleteWebhook, input, requestId);
}

export async function testWebhookAction(input: unknown, requestId: string) {
  return runAction(testWebhook, input, requestId);
}

export async function resendMessagesAction(input: unknown, requestId: string) {
  return runAction(resendMessages, input, requestId);
}

/** A message in full; null if it no longer exists. `input`: `{ sectionId, messageId }`. */
export async function readMessageAction(input: unknown) {
  return readAction(readMessage, input);
}
