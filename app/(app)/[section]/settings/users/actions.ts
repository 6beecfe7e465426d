'use server';
import { runAction } from '@/app/run-action';
import { createPasswordLink, inviteUser, revokeInvitation } from '@/lib/accounts/invitations';
import { requireSecondFactor, resetSecondFactor } from '@/lib/accounts/second-factor';
import { changeUser, setUserActive, unlinkIdentity } from '@/lib/accounts/users';

export async function inviteUserAction(input: unknown, requestId: string) {
  return runAction(inviteUser, input, requestId);
}

export async function revokeInvitationAction(input: unknown, requestId: string) {
  return runAction(revokeInvitation, input, requestId);
}

export async function createPasswordLinkAction(input: unknown, requestId: string) {
  return runAction(createPasswordLink, input, requestId);
}

export async function changeUserAction(input: unknown, requestId: string) {
  return runAction(changeUser, input, requestId);
}

export async function setUserActiveAction(input: unknown, requestId: string) {
  return runAction(setUserActive, input, requestId);
}

export async function unlinkIdentityAction(input: unknown, requestId: string) {
  return runAction(unlinkIdentity, input, requestId);
}

export async function resetSecondFactorAction(input: unknown, requestId: string) {
  return runAction(resetSecondFactor, input, requestId);
}

export async function requireSecondFactorAction(input: unknown, requestId: string) {
  return runAction(requireSecondFactor, input, requestId);
}
