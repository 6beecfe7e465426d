'use server';
// Set-up and invitations: what can be done without being signed in, each by a link that works once. Whoever has used one is
// known in this browser, so that guesses of others cannot keep them from the sign-in that follows.
import { headers } from 'next/headers';
import { keepDeviceCookie } from '@/app/device-cookie';
import { originOf } from '@/lib/access/origin';
import { acceptInvitation } from '@/lib/accounts/accept';
import { setUp } from '@/lib/accounts/set-up';

export async function setUpAction(input: unknown) {
  const result = await setUp(input, originOf(await headers()));
  if (result.ok) await keepDeviceCookie(result.value);
  return result;
}

export async function acceptInvitationAction(input: unknown) {
  const result = await acceptInvitation(input, originOf(await headers()));
  if (result.ok) await keepDeviceCookie(result.value);
  return result;
}
