// Invitations and password links: made by Owners and Admins, used once by the person who gets the link.
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import { command, parseInput } from '@/lib/access/command';
import { actorUserId } from '@/lib/access/actor';
import { Refusal, refuse, type Result } from '@/lib/access/refusal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql } from '@/lib/db/sql';
import { createUser, setSections } from './create';
import { hashPassword } from './passwords';
import { newToken } from '@/lib/db/tokens';
import { findInvitation } from './queries';
import { EmailSchema, NameSchema, PasswordSchema, RoleSchema, SectionsSchema } from './schema';
import { requireMayGovern, type GovernedUser } from './users';

const VALID_DAYS = 7;

/** Invites by email address. `{ token }` goes into the link, which the inviter passes on. */
export const inviteUser = command({
  name: 'users.invite',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({ email: EmailSchema, role: RoleSchema, sections: SectionsSchema }),
  run: async ({ tx, actor, accountId }, { email, role, sections }) => {
    requireMayGovern(actor, role);
    const known = await maybeOne(tx, sql`select from app_user where email = ${email}`);
    if (known) refuse('name_taken', 'This person is a user already.', { field: 'email' });
    const { token, tokenHash } = newToken();
    await execute(
      tx,
      sql`
        update invitation set revoked_at = now()
        where account_id = ${accountId} and email = ${email} and user_id is null
          and accepted_at is null and revoked_at is null`,
    );
    const { id } = await one<{ id: number }>(
      tx,
      sql`
        insert into invitation (account_id, email, role, all_sections, section_ids, token_hash, invited_by, expires_at)
        values (${accountId}, ${email}, ${role}::role, ${sections === 'all'}, ${sections === 'all' ? [] : sections}::int[],
                ${tokenHash}, ${actorUserId(actor)}, now() + make_interval(days => ${VALID_DAYS}))
        returning id`,
    );
    return { id, token };
  },
  audit: ({ email, role }, { id }) => ({ summary: `Invited ${email} as ${role}`, subject: `invitation:${id}` }),
});

/** Takes an invitation back: its link stops working. */
export const revokeInvitation = command({
  name: 'users.revoke-invitation',
  scope: 'account',
  allow: 'admins',
  input: z.object({ invitationId: z.coerce.number().int() }),
  run: async ({ tx, accountId }, { invitationId }) => {
    const revoked = await maybeOne<{ email: string }>(
      tx,
      sql`
        update invitation set revoked_at = now()
        where id = ${invitationId} and account_id = ${accountId} and accepted_at is null and revoked_at is null
        returning email`,
    );
    return revoked ?? refuse('not_found', 'This invitation has been used or revoked already.');
  },
  audit: ({ invitationId }, { email }) => ({
    summary: `Revoked the invitation of ${email}`,
    subject: `invitation:${invitationId}`,
  }),
});

/** A link by which a user sets a new password. */
export const createPasswordLink = command({
  name: 'users.password-link',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema }),
  run: async ({ tx, actor, accountId }, { userId }) => {
    const user = await maybeOne<GovernedUser & { email: string }>(
      tx,
      sql`select id, role, email, name from app_user where id = ${userId} and account_id = ${accountId}`,
    );
    if (!user) refuse('not_found', 'There is no such user.');
    requireMayGovern(actor, user.role);
    const { token, tokenHash } = newToken();
    await execute(
      tx,
      sql`
        insert into invitation (account_id, user_id, email, role, section_ids, token_hash, invited_by, expires_at)
        values (${accountId}, ${userId}, ${user.email}, ${user.role}::role, '{}', ${tokenHash}, ${actorUserId(actor)},
                now() + make_interval(days => ${VALID_DAYS}))`,
    );
    return { token, name: user.name };
  },
  audit: ({ userId }, { name }) => ({ summary: `Made a password link for ${name}`, subject: `user:${userId}` }),
});

const AcceptInput = z.object({ token: z.string(), name: NameSchema.optional(), password: PasswordSchema });

/** Uses an invitation or password link. Not a command: the link is the permission. */
export async function acceptInvitation(raw: unknown): Promise<Result<{ email: string }>> {
  try {
    const input = parseInput(AcceptInput, raw);
    const passwordHash = await hashPassword(input.password);
    const value = await transaction(async (tx) => {
      const open = await findInvitation(tx, input.token);
      const used = open
        ? await maybeOne<{ role: 'owner' | 'admin' | 'user'; allSections: boolean; sectionIds: number[] }>(
            tx,
            sql`
              update invitation set accepted_at = now() where id = ${open.id} and accepted_at is null
              returning role, all_sections as "allSections", section_ids as "sectionIds"`,
          )
        : undefined;
      if (!open || !used) refuse('not_found', 'This link has been used, revoked or has expired. Ask for a new one.');
      let userId = open.userId;
      if (userId) {
        await setPassword(tx, userId, passwordHash);
      } else {
        if (!input.name) refuse('invalid', 'Enter your name.', { field: 'name' });
        const known = await maybeOne(tx, sql`select from app_user where email = ${open.email}`);
        if (known) refuse('name_taken', 'There is a user with this email address already. Sign in instead.');
        const sections = used.allSections ? 'all' : [];
        const user = { email: open.email, name: input.name, role: used.role, passwordHash };
        userId = await createUser(tx, open.accountId, { ...user, sections });
        if (!used.allSections) await setSections(tx, open.accountId, userId, used.sectionIds as never);
      }
      await recordAudit(tx, {
        accountId: open.accountId,
        sectionId: null,
        actorKind: 'user',
        userId,
        actorName: input.name ?? open.email,
        command: open.userId ? 'users.set-password' : 'users.accept-invitation',
        summary: open.userId ? 'Set a new password by link' : 'Accepted the invitation',
        ip: null,
        userAgent: null,
      });
      return { email: open.email };
    });
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
    throw error;
  }
}

/** A new password ends all sessions. */
function setPassword(tx: Parameters<typeof execute>[0], userId: UserId, passwordHash: string): Promise<number> {
  return execute(
    tx,
    sql`
      update app_user set password_hash = ${passwordHash}, session_version = session_version + 1
      where id = ${userId}`,
  );
}
