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

/** A message in full; null where it is no longer there. */
export async function readMessage(slug: string, messageId: unknown) {
  const { actor, section } = await requireSection(slug);
  requireAllowed(actor, 'admins');
  return (await getMessage(pool(), section.id, z.number().int().parse(messageId))) ?? null;
}
