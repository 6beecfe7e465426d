'use server';
import { keepDeviceCookie } from '@/app/device-cookie';
import { runAction } from '@/app/run-action';
import { changeMyPassword } from '@/lib/accounts/my-password';
import { signOutEverywhere } from '@/lib/accounts/sessions';
import { renameMyself, unlinkIdentity } from '@/lib/accounts/users';

export async function renameMyselfAction(input: unknown) {
  return runAction(renameMyself, input);
}

/** The browser stays known under the new password: the sign-in that follows is not slowed down by guesses of others. */
export async function changeMyPasswordAction(input: unknown) {
  const result = await runAction(changeMyPassword, input);
  if (result.ok) await keepDeviceCookie(result.value);
  return result;
}

export async function signOutEverywhereAction() {
  return runAction(signOutEverywhere, {});
}

export async function unlinkIdentityAction(input: unknown) {
  return runAction(unlinkIdentity, input);
}
