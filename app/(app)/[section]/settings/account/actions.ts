'use server';
import { runAction } from '@/app/run-action';
import { setSessionCookie } from '@/app/session-cookies';
import type { Result } from '@/lib/access/refusal';
import { changeMyPassword } from '@/lib/accounts/my-password';
import { signOutEverywhere } from '@/lib/accounts/sessions';
import { renameMyself, unlinkIdentity } from '@/lib/accounts/users';

export async function renameMyselfAction(input: unknown) {
  return runAction(renameMyself, input);
}

/** Changing the password ends every session; this browser continues with a new one. */
export async function changeMyPasswordAction(input: unknown): Promise<Result<null>> {
  const result = await runAction(changeMyPassword, input);
  if (!result.ok) return result;
  await setSessionCookie(result.value);
  return { ok: true, value: null };
}

export async function signOutEverywhereAction() {
  return runAction(signOutEverywhere, {});
}

export async function unlinkIdentityAction(input: unknown) {
  return runAction(unlinkIdentity, input);
}
