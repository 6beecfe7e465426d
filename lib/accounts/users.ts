// Changing users: role, sections, deactivation. Only Owners create, change or remove Admins and Owners.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import type { Actor, Role } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { UserIdSchema, type AccountId, type SectionId, type UserId } from '@/lib/db/ids';
import { maybeOne, sql, type Tx } from '@/lib/db/sql';
import { setSections } from './create';
import { mayGrantSections, mayManageRole, type Sections } from './role-rules';
import { endLinks } from './links';
import { NameSchema, ROLE_NAMES, RoleSchema, SectionsSchema } from './schema';

type GovernedUser = { id: UserId; name: string; role: Role; allSections: boolean; sections: SectionId[] };

/** Refuses unless the actor may create, change or remove a user of this role. */
export function requireMayManageRole(actor: Actor, role: Role): void {
  if (actor.kind === 'system' || (actor.kind === 'user' && mayManageRole(actor, role))) return;
  refuse('not_allowed', `Only Account Owners can add, change or remove an ${ROLE_NAMES[role]}.`);
}

/** Refuses unless the actor may give access to these sections. `had`: existing access that may stay. */
export function requireMayGrantSections(actor: Actor, sections: Sections, had: Sections = []): void {
  if (actor.kind === 'system') return;
  const added = had === 'all' ? [] : sections === 'all' ? sections : sections.filter((id) => !had.includes(id));
  if (mayGrantSections(actor, added)) return;
  refuse('not_allowed', 'You can only give access to sections that you can access yourself.', { field: 'sections' });
}

/** Locks a user for a change by the actor. Nobody changes their own role or access. */
async function governed(tx: Tx, actor: Actor, accountId: AccountId, userId: UserId): Promise<GovernedUser> {
  const user = await maybeOne<GovernedUser>(
    tx,
    sql`
      select id, name, role, all_sections as "allSections",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from app_user
      where id = ${userId} and account_id = ${accountId}
      for update`,
  );
  if (!user) refuse('not_found', 'This user does not exist in this account.');
  if (actor.kind === 'user' && actor.userId === userId) {
    refuse('not_allowed', 'You cannot change your own role or access. Ask another Account Owner.');
  }
  requireMayManageRole(actor, user.role);
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
  if (!other) refuse('conflict', 'This is the last Account Owner. Make someone else an Account Owner first.');
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
    requireMayGrantSections(actor, sections, user.allSections ? 'all' : user.sections);
    if (user.role === 'owner' && role !== 'owner') await requireOtherOwner(tx, accountId, userId);
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
    if (!active && user.role === 'owner') await requireOtherOwner(tx, accountId, userId);
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
