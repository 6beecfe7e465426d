'use server';
// Set-up, invitations and password links, for people who are not signed in; each link works once. Using one signs the person in
// without asking for the password again, so that guesses by others cannot lock them out.
import { headers } from 'next/headers';
import { setSessionCookie } from '@/app/session-cookies';
import { originOf } from '@/lib/access/origin';
import type { Result } from '@/lib/access/refusal';
import { acceptInvitation } from '@/lib/accounts/accept';
import { askForPasswordLink } from '@/lib/accounts/forgotten';
import { setUp } from '@/lib/accounts/set-up';

export async function setUpAction(input: unknown): Promise<Result<{ slug: string }>> {
  const result = await setUp(input, originOf(await headers()));
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: { slug: result.value.slug } };
}

export async function acceptInvitationAction(input: unknown): Promise<Result<null>> {
  const result = await acceptInvitation(input, originOf(await headers()));
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: null };
}

/** The answer is the same whether the address exists. */
export async function askForPasswordLinkAction(input: unknown): Promise<Result<null>> {
  return askForPasswordLink(input, originOf(await headers()));
}
