'use server';
import { asViewer, readAction, runAction } from '@/app/run-action';
import { readDeviceCookie, setSessionCookie } from '@/app/session-cookies';
import type { Result } from '@/lib/access/refusal';
import { changeMyPassword } from '@/lib/accounts/my-password';
import { endOtherSessions, endOwnSession } from '@/lib/accounts/own-sessions';
import { proveMyself } from '@/lib/accounts/proof';
import {
  beginSecondFactor,
  renewRecoveryCodes,
  setUpSecondFactor,
  turnOffSecondFactor,
} from '@/lib/accounts/second-factor';
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

export async function endSessionAction(input: unknown, requestId: string) {
  return runAction(endOwnSession, input, requestId);
}

export async function endOtherSessionsAction(input: unknown, requestId: string) {
  return runAction(endOtherSessions, input, requestId);
}

export async function unlinkIdentityAction(input: unknown) {
  return runAction(unlinkIdentity, input);
}

export async function proveMyselfAction(input: unknown) {
  const device = await readDeviceCookie();
  return asViewer((actor) => proveMyself(actor, input, device));
}

export async function beginSecondFactorAction(input: unknown) {
  return readAction(beginSecondFactor, input);
}

export async function setUpSecondFactorAction(input: unknown, requestId: string) {
  return runAction(setUpSecondFactor, input, requestId);
}

export async function renewRecoveryCodesAction(input: unknown, requestId: string) {
  return runAction(renewRecoveryCodes, input, requestId);
}

export async function turnOffSecondFactorAction(input: unknown, requestId: string) {
  return runAction(turnOffSecondFactor, input, requestId);
}
