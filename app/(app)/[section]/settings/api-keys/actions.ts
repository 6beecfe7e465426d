'use server';
import { runAction } from '@/app/run-action';
import { createApiKey, revokeApiKey } from '@/lib/accounts/api-keys';

// Without a request id: its answer would be kept, and the secret must not be.
export async function createApiKeyAction(input: unknown) {
  return runAction(createApiKey, input);
}

export async function revokeApiKeyAction(input: unknown) {
  return runAction(revokeApiKey, input);
}
