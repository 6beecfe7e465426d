'use server';
// Set-up and invitations: what can be done without being signed in, each by a link that works once. Who has used one is
// signed in: guesses of others cannot keep them out, since no password is asked for again.
import { headers } from 'next/headers';
import { keepSignedIn } from '@/app/session-cookies';
import { originOf } from '@/lib/access/origin';
import type { Result } from '@/lib/access/refusal';
import { acceptInvitation } from '@/lib/accounts/accept';
import { setUp } from '@/lib/accounts/set-up';

export async function setUpAction(input: unknown): Promise<Result<{ slug: string }>> {
  const result = await setUp(input, originOf(await headers()));
  if (!result.ok) return result;
  await keepSignedIn(result.value);
  return { ok: true, value: { slug: result.value.slug } };
}

export async function acceptInvitationAction(input: unknown): Promise<Result<null>> {
  const result = await acceptInvitation(input, originOf(await headers()));
  if (!result.ok) return result;
  await keepSignedIn(result.value);
  return { ok: true, value: null };
}
