'use server';
// Set-up and invitations: what can be done without being signed in, each by a link that works once.
import { acceptInvitation } from '@/lib/accounts/invitations';
import { setUp } from '@/lib/accounts/set-up';

export async function setUpAction(input: unknown) {
  return setUp(input);
}

export async function acceptInvitationAction(input: unknown) {
  return acceptInvitation(input);
}
