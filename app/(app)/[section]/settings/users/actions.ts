'use server';
import { runAction } from '@/app/run-action';
import { createPasswordLink, inviteUser, revokeInvitation } from '@/lib/accounts/invitations';
import { changeUser, setUserActive, unlinkIdentity } from '@/lib/accounts/users';

export async function inviteUserAction(input: unknown, requestId: string) {
  return runAction(inviteUser, input, requestId);
}

export async function revokeInvitationAction(input: unknown) {
  return runAction(revokeInvitation, input);
}

export async function createPasswordLinkAction(input: unknown) {
  return runAction(createPasswordLink, input);
}

export async function changeUserAction(input: unknown) {
  return runAction(changeUser, input);
}

export async function setUserActiveAction(input: unknown) {
  return runAction(setUserActive, input);
}

export async function unlinkIdentityAction(input: unknown) {
  return runAction(unlinkIdentity, input);
}
