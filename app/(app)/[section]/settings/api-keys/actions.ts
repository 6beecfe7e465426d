'use server';
import { runAction } from '@/app/run-action';
import { createApiKey, revokeApiKey } from '@/lib/accounts/api-keys';

export async function createApiKeyAction(input: unknown, requestId: string) {
  return runAction(createApiKey, input, requestId);
}

export async function revokeApiKeyAction(input: unknown, requestId: string) {
  return runAction(revokeApiKey, input, requestId);
}
