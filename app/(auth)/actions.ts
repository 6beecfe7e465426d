'use server';
// Set-up, invitations and password links, and the second step of a sign-in, for people who are not signed in; each link works once.
// Using one signs the person in without asking for the password again, so that guesses by others cannot lock them out.
import { headers } from 'next/headers';
import { readDeviceCookie, readStepCookie, setSessionCookie, setStepCookie } from '@/app/session-cookies';
import { originOf } from '@/lib/access/origin';
import type { Result } from '@/lib/access/refusal';
import { acceptInvitation } from '@/lib/accounts/accept';
import { askForPasswordLink } from '@/lib/accounts/forgotten';
import { finishBySettingUp, finishWithCode } from '@/lib/accounts/second-step';
import { setUp } from '@/lib/accounts/set-up';

export async function setUpAction(input: unknown): Promise<Result<{ slug: string }>> {
  const result = await setUp(input, originOf(await headers()));
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: { slug: result.value.slug } };
}

/** `isIn`: otherwise the second step follows. */
export async function acceptInvitationAction(input: unknown): Promise<Result<{ isIn: boolean }>> {
  const result = await acceptInvitation(input, originOf(await headers()));
  if (!result.ok) return result;
  const { value } = result;
  if (value.step) await setStepCookie(value.step);
  else await setSessionCookie(value);
  return { ok: true, value: { isIn: value.step === undefined } };
}

export async function finishWithCodeAction(input: unknown): Promise<Result<null>> {
  const from = originOf(await headers());
  const result = await finishWithCode(await readStepCookie(), input, from, await readDeviceCookie());
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: null };
}

export async function finishBySettingUpAction(input: unknown): Promise<Result<{ codes: string[] }>> {
  const result = await finishBySettingUp(await readStepCookie(), input, originOf(await headers()));
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: { codes: result.value.codes } };
}

/** The answer is the same whether the address exists. */
export async function askForPasswordLinkAction(input: unknown): Promise<Result<null>> {
  return askForPasswordLink(input, originOf(await headers()));
}
