// Who may do what to whom: role, sections, deactivation. Only Owners make and unmake Admins and Owners.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import type { Actor, Role } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { UserIdSchema, type AccountId, type UserId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { setSections } from './create';
import { hashPassword, passwordFits } from './passwords';
import { NameSchema, PasswordSchema, ROLE_NAMES, RoleSchema, SectionsSchema } from './schema';

export type GovernedUser = { id: UserId; name: string; role: Role };

/** Refuses unless the actor may make, change or unmake a user of this role. */
export function requireMayGovern(actor: Actor, role: Role): void {
  if (actor.kind === 'system' || (actor.kind === 'user' && (actor.role === 'owner' || role === 'user'))) return;
  refuse('not_allowed', `Only Account Owners can make, change or remove an ${ROLE_NAMES[role]}.`);
}

/** Locks a user for a change by the actor. Nobody changes their own role or access. */
async function governed(tx: Tx, actor: Actor, accountId: AccountId, userId: UserId): Promise<GovernedUser> {
  const user = await maybeOne<GovernedUser>(
    tx,
    sql`select id, name, role from app_user where id = ${userId} and account_id = ${accountId} for update`,
  );
  if (!user) refuse('not_found', 'There is no such user in this account.');
  if (actor.kind === 'user' && actor.userId === userId) {
    refuse('not_allowed', 'You cannot change your own role or access. Ask another Account Owner.');
  }
  requireMayGovern(actor, user.role);
  return user;
}

/** The account must keep an Owner who can sign in. Locks the Owners, so that two cannot remove each other at once. */
async function requireOtherOwner(tx: Tx, accountId: AccountId, userId: UserId): Promise<void> {
  const other = await maybeOne(
    tx,
    sql`
      select from app_user
      where account_id = ${accountId} and role = 'owner' and deactivated_at is null and id <> ${userId}
      limit 1
      for update`,
  );
  if (!other) refuse('conflict', 'This is the last Account Owner. Make somebody else an Account Owner first.');
}

/** Changes a user's role and sections; both bite at that person's next request. */
export const changeUser = command({
  name: 'users.change',
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema, role: RoleSchema, sections: SectionsSchema }),
  run: async ({ tx, actor, accountId }, { userId, role, sections }) => {
    const user = await governed(tx, actor, accountId, userId);
    requireMayGovern(actor, role);
    if (user.role === 'owner' && role !== 'owner') await requireOtherOwner(tx, accountId, userId);
    await execute(
      tx,
      sql`update app_user set role = ${role}::role, all_sections = ${sections === 'all'} where id = ${userId}`,
    );
    await setSections(tx, accountId, userId, sections);
    return { name: user.name, before: user.role };
  },
  audit: ({ userId, role, sections }, { name, before }) => ({
    summary: before === role ? `Changed the sections of ${name}` : `Made ${name} ${ROLE_NAMES[role]}`,
    subject: `user:${userId}`,
    details: { before, role, sections },
  }),
});

/** Ends a user's access (sessions too), or gives it back. */
export const setUserActive = command({
  name: 'users.set-active',
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema, active: z.boolean() }),
  run: async ({ tx, actor, accountId }, { userId, active }) => {
    const user = await governed(tx, actor, accountId, userId);
    if (!active && user.role === 'owner') await requireOtherOwner(tx, accountId, userId);
    await execute(
      tx,
      sql`
        update app_user
        set deactivated_at = ${active ? null : new Date()}, session_version = session_version + 1
        where id = ${userId}`,
    );
    return { name: user.name };
  },
  audit: ({ userId, active }, { name }) => ({
    summary: `${active ? 'Reactivated' : 'Deactivated'} ${name}`,
    subject: `user:${userId}`,
  }),
});

/** Changes one's own name. */
export const renameMyself = command({
  name: 'users.rename-myself',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ name: NameSchema }),
  run: async ({ tx, actor }, { name }) => {
    const userId = requirePerson(actor);
    await execute(tx, sql`update app_user set name = ${name} where id = ${userId}`);
    return { userId };
  },
  audit: ({ name }, { userId }) => ({ summary: `Changed own name to ${name}`, subject: `user:${userId}` }),
});

/** Changes one's own password. All sessions end; the answer's `sessionVersion` lets the page begin a new one. */
export const changeMyPassword = command({
  name: 'users.change-my-password',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ current: z.string(), password: PasswordSchema }),
  run: async ({ tx, actor }, { current, password }) => {
    const userId = requirePerson(actor);
    const user = await maybeOne<{ passwordHash: string | null }>(
      tx,
      sql`select password_hash as "passwordHash" from app_user where id = ${userId} for update`,
    );
    if (!(await passwordFits(user?.passwordHash ?? null, current))) {
      refuse('invalid', 'This is not your current password.', { field: 'current' });
    }
    await execute(
      tx,
      sql`
        update app_user
        set password_hash = ${await hashPassword(password)}, session_version = session_version + 1
        where id = ${userId}`,
    );
    return { userId };
  },
  audit: (_input, { userId }) => ({ summary: 'Changed own password', subject: `user:${userId}` }),
});

function requirePerson(actor: Actor): UserId {
  if (actor.kind !== 'user') throw new Error('Only a person has a name and a password.');
  return actor.userId;
}
