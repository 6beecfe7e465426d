'use server';
import { runAction } from '@/app/run-action';
import { requireSection } from '@/app/viewer';
import { requireAllowed } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import {
  createWebhook,
  deleteWebhook,
  pauseWebhook,
  resendMessages,
  rotateSecret,
  testWebhook,
} from '@/lib/webhooks/commands';
import { getMessage } from '@/lib/webhooks/queries';
import { z } from 'zod';

export async function createWebhookAction(input: unknown, requestId: string) {
  return runAction(createWebhook, input, requestId);
}

export async function rotateSecretAction(input: unknown) {
  return runAction(rotateSecret, input);
}

export async function pauseWebhookAction(input: unknown) {
  return runAction(pauseWebhook, input);
}

export async function deleteWebhookAction(input: unknown) {
  return runAction(deleteWebhook, input);
}

export async function testWebhookAction(input: unknown) {
  return runAction(testWebhook, input);
}

export async function resendMessagesAction(input: unknown) {
  return runAction(resendMessages, input);
}

/** A message in full; null where it is no longer there. */
export async function readMessage(slug: string, messageId: unknown) {
  const { actor, section } = await requireSection(slug);
  requireAllowed(actor, 'admins');
  return (await getMessage(pool(), section.id, z.number().int().parse(messageId))) ?? null;
}
