// Invitations and password links: created and revoked by Owners and Admins.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { actorUserId, type Role } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { positiveId, UserIdSchema, type SectionId, type UserId } from '@/lib/db/ids';
import { maybeOne, sql, type Tx } from '@/lib/db/sql';
import { newToken } from '@/lib/db/tokens';
import { findOpenInvitation, lockOpenLink } from './links';
import { mailLink } from './system-mail';
import { requireMayGovern, requireMayGrantSections, requireMayManageRole } from './role-rules';
import { EmailSchema, RoleSchema, ROLE_NAMES, SectionsSchema } from './schema';
import { lockUser } from './users';

const VALID_DAYS = 7;
/** Neither used nor revoked; it may have expired. */
const STILL_OPEN = { acceptedAt: null, revokedAt: null };
const validUntil = () => new Date(Date.now() + VALID_DAYS * 86_400_000);

/** The new link must be valid: its maker's role or access may have changed since this request began. */
async function requireOpen(tx: Tx, token: string): Promise<void> {
  if (!(await lockOpenLink(tx, token))) {
    refuse('not_allowed', 'Your role or access has just been changed. Reload the page.');
  }
}

/** Invites by email address. `{ token }` goes into the link; `mailed`: it is also sent by mail. */
export const inviteUser = command({
  name: 'users.invite',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({ email: EmailSchema, role: RoleSchema, sections: SectionsSchema }),
  run: async ({ tx, prisma, actor, accountId }, { email, role, sections }) => {
    requireMayManageRole(actor, role);
    requireMayGrantSections(actor, sections);
    const known = await prisma.user.findFirst({ where: { email }, select: { id: true } });
    if (known) refuse('name_taken', 'This person is already a user.', { field: 'email' });
    // A new invitation replaces the open one, so the actor must be allowed to revoke that.
    const open = await findOpenInvitation(tx, accountId, email);
    if (open) requireMayGovern(actor, open, 'invitation');
    const { token, tokenHash } = newToken();
    await prisma.invitation.updateMany({
      where: { accountId, email, userId: null, ...STILL_OPEN },
      data: { revokedAt: new Date() },
    });
    const { id } = await prisma.invitation.create({
      data: {
        accountId,
        email,
        role,
        allSections: sections === 'all',
        sectionIds: sections === 'all' ? [] : sections,
        tokenHash,
        invitedBy: actorUserId(actor),
        expiresAt: validUntil(),
      },
      select: { id: true },
    });
    await requireOpen(tx, token);
    const mailed = await mailLink(tx, { accountId, invitationId: id, kind: 'invitation', to: email, token });
    return { id, token, mailed };
  },
  audit: ({ email, role }, { id }) => ({
    summary: `Invited ${email} as ${ROLE_NAMES[role]}`,
    subject: `invitation:${id}`,
  }),
});

/** Creates a link with which a user sets a new password. Replaces earlier ones. `mailed`: it is also sent by mail. */
export const createPasswordLink = command({
  name: 'users.password-link',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema }),
  run: async ({ tx, prisma, actor, accountId }, { userId }) => {
    const user = await lockUser(tx, accountId, userId);
    requireMayGovern(actor, user);
    if (!user.active) refuse('conflict', `${user.name} is deactivated. Reactivate them first.`);
    await prisma.invitation.updateMany({
      where: { accountId, userId, ...STILL_OPEN },
      data: { revokedAt: new Date() },
    });
    const { token, tokenHash } = newToken();
    const { id } = await prisma.invitation.create({
      data: {
        accountId,
        userId,
        email: user.email,
        role: user.role,
        tokenHash,
        invitedBy: actorUserId(actor),
        sessionVersion: user.sessionVersion,
        expiresAt: validUntil(),
      },
      select: { id: true },
    });
    await requireOpen(tx, token);
    const mailed = await mailLink(tx, { accountId, invitationId: id, kind: 'password', to: user.email, token });
    return { token, name: user.name, mailed };
  },
  audit: ({ userId }, { name }) => ({ summary: `Created a password link for ${name}`, subject: `user:${userId}` }),
});

/** Revokes an invitation or password link. Only for those who may create it. */
export const revokeInvitation = command({
  name: 'users.revoke-invitation',
  scope: 'account',
  allow: 'admins',
  input: z.object({ invitationId: positiveId() }),
  run: async ({ tx, prisma, actor, accountId }, { invitationId }) => {
    const link = await maybeOne<{
      email: string;
      role: Role;
      userId: UserId | null;
      allSections: boolean;
      sectionIds: SectionId[];
    }>(
      tx,
      sql`
        select email, role, user_id as "userId", all_sections as "allSections", section_ids as "sectionIds"
        from invitation
        where id = ${invitationId} and account_id = ${accountId} and accepted_at is null and revoked_at is null
        for update`,
    );
    if (!link) refuse('not_found', 'This link has already been used or revoked.');
    if (link.userId !== null) requireMayGovern(actor, await lockUser(tx, accountId, link.userId));
    else {
      requireMayGovern(actor, { role: link.role, sections: link.allSections ? 'all' : link.sectionIds }, 'invitation');
    }
    await prisma.invitation.update({
      where: { id: invitationId },
      data: { revokedAt: new Date() },
      select: { id: true },
    });
    return { email: link.email, what: link.userId === null ? 'invitation' : 'password link' };
  },
  audit: ({ invitationId }, { email, what }) => ({
    summary: `Revoked the ${what} of ${email}`,
    subject: `invitation:${invitationId}`,
  }),
});
