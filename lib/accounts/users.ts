// Changing users: role, sections, deactivation. Only Owners create, change or remove Admins and Owners, and only people who can
// access all sections of a user change that user.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import type { Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { UserIdSchema, type AccountId, type SectionId, type UserId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { setSections } from './create';
import { endLinks } from './links';
import { requireMayGovern, requireMayGrantSections, requireMayManageRole, type Access } from './role-rules';
import { NameSchema, ROLE_NAMES, RoleSchema, SectionsSchema } from './schema';

/** A user, locked for a change. */
export type LockedUser = Access & { id: UserId; name: string; email: string; active: boolean; sessionVersion: number };

/** Locks a user of the account until the transaction ends. */
export async function lockUser(tx: Tx, accountId: AccountId, userId: UserId): Promise<LockedUser> {
  const user = await maybeOne<Omit<LockedUser, 'sections'> & { allSections: boolean }>(
    tx,
    sql`
      select id, name, email, role, all_sections as "allSections", deactivated_at is null as active,
        session_version as "sessionVersion"
      from app_user
      where id = ${userId} and account_id = ${accountId}
      for update`,
  );
  if (!user) refuse('not_found', 'This user does not exist in this account.');
  // Read after the lock: while it was waited for, another writer may have changed them.
  const found = await rows<{ id: SectionId }>(
    tx,
    sql`select section_id as id from user_section where user_id = ${userId}`,
  );
  const { allSections, ...rest } = user;
  return { ...rest, sections: allSections ? 'all' : found.map(({ id }) => id) };
}

/** Locks a user for a change by the actor. Nobody changes their own role or access. */
async function governed(tx: Tx, actor: Actor, accountId: AccountId, userId: UserId): Promise<LockedUser> {
  const user = await lockUser(tx, accountId, userId);
  if (actor.kind === 'user' && actor.userId === userId) {
    refuse('not_allowed', 'You cannot change your own role or access. Ask another Account Owner.');
  }
  requireMayGovern(actor, user);
  return user;
}

/**
 * Refuses if no other Owner remains who can sign in and access all sections if this one can. Locks that Owner, so that two cannot remove each other at once.
 */
async function requireOtherOwner(tx: Tx, accountId: AccountId, { id, sections }: LockedUser): Promise<void> {
  const other = await maybeOne(
    tx,
    sql`
      select from app_user
      where account_id = ${accountId} and role = 'owner' and deactivated_at is null and id <> ${id}
        ${sections === 'all' ? sql`and all_sections` : sql``}
      limit 1
      for update`,
  );
  if (other) return;
  refuse(
    'conflict',
    sections === 'all'
      ? 'This is the last Account Owner with access to all sections. Give somebody else both first.'
      : 'This is the last Account Owner. Make someone else an Account Owner first.',
  );
}

/** Changes a user's role and sections, effective from their next request. Links that depended on them end. */
export const changeUser = command({
  name: 'users.change',
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema, role: RoleSchema, sections: SectionsSchema }),
  run: async ({ tx, prisma, actor, accountId }, { userId, role, sections }) => {
    const user = await governed(tx, actor, accountId, userId);
    requireMayManageRole(actor, role);
    requireMayGrantSections(actor, sections);
    const loses = role !== 'owner' || (user.sections === 'all' && sections !== 'all');
    if (user.role === 'owner' && loses) await requireOtherOwner(tx, accountId, user);
    await prisma.user.update({
      where: { id: userId },
      data: { role, allSections: sections === 'all' },
      select: { id: true },
    });
    await setSections(tx, accountId, userId, sections);
    await endLinks(tx, accountId, userId);
    return { name: user.name, before: user.role };
  },
  audit: ({ userId, role, sections }, { name, before }) => ({
    summary: before === role ? `Changed the sections of ${name}` : `Made ${name} ${ROLE_NAMES[role]}`,
    subject: `user:${userId}`,
    details: { before, role, sections },
  }),
});

/** Deactivates a user, which ends their sessions, or reactivates them. */
export const setUserActive = command({
  name: 'users.set-active',
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema, active: z.boolean() }),
  run: async ({ tx, prisma, actor, accountId }, { userId, active }) => {
    const user = await governed(tx, actor, accountId, userId);
    if (!active && user.role === 'owner') await requireOtherOwner(tx, accountId, user);
    await prisma.user.update({
      where: { id: userId },
      data: { deactivatedAt: active ? null : new Date(), sessionVersion: { increment: 1 } },
      select: { id: true },
    });
    await endLinks(tx, accountId, userId);
    return { name: user.name };
  },
  audit: ({ userId, active }, { name }) => ({
    summary: `${active ? 'Reactivated' : 'Deactivated'} ${name}`,
    subject: `user:${userId}`,
  }),
});

/** Changes the actor's own name. */
export const renameMyself = command({
  name: 'users.rename-myself',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ name: NameSchema }),
  run: async ({ prisma, actor }, { name }) => {
    const userId = requirePerson(actor);
    await prisma.user.update({ where: { id: userId }, data: { name }, select: { id: true } });
    return { userId };
  },
  audit: ({ name }, { userId }) => ({ summary: `Changed own name to ${name}`, subject: `user:${userId}` }),
});

/**
 * Unlinks a user from the identity provider: their next single sign-on is linked by their verified address. Their sessions end.
 * People may unlink themselves.
 */
export const unlinkIdentity = command({
  name: 'users.unlink-identity',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ userId: UserIdSchema }),
  run: async ({ tx, prisma, actor, accountId }, { userId }) => {
    const own = actor.kind === 'user' && actor.userId === userId;
    const user = own ? { name: actor.name } : await governed(tx, actor, accountId, userId);
    const { count } = await prisma.user.updateMany({
      where: { id: userId, accountId, identitySubject: { not: null } },
      data: { identityIssuer: null, identitySubject: null, sessionVersion: { increment: 1 } },
    });
    if (count === 0) refuse('conflict', 'There is no single sign-on to unlink. Reload the page.');
    return { name: user.name };
  },
  audit: ({ userId }, { name }) => ({ summary: `Unlinked the single sign-on of ${name}`, subject: `user:${userId}` }),
});

/** The person who acts. Throws for other actors: only people have a name, a password and sessions. */
export function requirePerson(actor: Actor): UserId {
  if (actor.kind !== 'user') throw new Error('Only a person has a name and a password.');
  return actor.userId;
}
