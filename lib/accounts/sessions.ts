// Sessions: a row per signed-in browser, named in its cookie. Without the row a copied cookie is worthless.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import { command } from '@/lib/access/command';
import type { Origin, Role, UserActor } from '@/lib/access/actor';
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Db, type Sql } from '@/lib/db/sql';
import { requirePerson } from './users';

/** The lifetime of a session, from the sign-in on. */
export const SESSION_DAYS = 30;

/** Opens a session for this version of the user, and records the sign-in. Returns its id for the cookie. */
export async function beginSession(
  db: Db,
  user: { userId: UserId; sessionVersion: number },
  now = new Date(),
): Promise<string> {
  const id = randomUUID();
  await execute(
    db,
    sql`
      insert into user_session (id, user_id, session_version, created_at, expires_at)
      values (${id}, ${user.userId}, ${user.sessionVersion}, ${now}, ${new Date(now.getTime() + SESSION_DAYS * 86_400_000)})`,
  );
  await execute(db, sql`update app_user set last_sign_in_at = ${now} where id = ${user.userId}`);
  return id;
}

/** A condition on `user_session` joined with `app_user`: the session is valid. */
const isActive = (now = new Date()): Sql => sql`
  user_session.session_version = app_user.session_version and expires_at > ${now} and deactivated_at is null`;

/** The person of a session with their present rights; undefined if the session has ended. Runs at the start of every request. */
export async function findActor(db: Db, sessionId: string, from: Origin): Promise<UserActor | undefined> {
  const user = await maybeOne<{
    userId: UserId;
    accountId: AccountId;
    role: Role;
    name: string;
    email: string;
    allSections: boolean;
    sections: SectionId[];
  }>(
    db,
    sql`
      select app_user.id as "userId", account_id as "accountId", role, name, email, all_sections as "allSections",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from user_session
      join app_user on app_user.id = user_id
      where user_session.id = ${sessionId} and ${isActive()}`,
  );
  if (!user) return undefined;
  const { allSections, sections, ...person } = user;
  return { kind: 'user', ...person, sections: allSections ? 'all' : sections, from };
}

/** The same on the pool, for the start of a request, before there is an actor. */
export const findSignedIn = (sessionId: string, from: Origin): Promise<UserActor | undefined> =>
  findActor(pool(), sessionId, from);

/** Ends one session; the person's other browsers stay signed in. Does nothing if it has already ended. */
export async function endSession(sessionId: string, from: Origin): Promise<void> {
  await transaction(async (tx) => {
    const ended = await maybeOne<{ userId: UserId; accountId: AccountId; name: string }>(
      tx,
      sql`
        delete from user_session using app_user
        where user_session.id = ${sessionId} and app_user.id = user_id
        returning user_id as "userId", account_id as "accountId", name`,
    );
    if (!ended) return;
    await recordAudit(tx, {
      accountId: ended.accountId,
      sectionId: null,
      actorKind: 'user',
      userId: ended.userId,
      actorName: ended.name,
      command: 'accounts.sign-out',
      summary: 'Signed out',
      ...from,
    });
  });
}

/** Ends all sessions of the actor, including this one, and forgets known browsers. */
export const signOutEverywhere = command({
  name: 'users.sign-out-everywhere',
  scope: 'account',
  allow: 'everyone',
  input: z.object({}),
  run: async ({ prisma, actor }) => {
    const userId = requirePerson(actor);
    await prisma.user.update({
      where: { id: userId },
      data: { sessionVersion: { increment: 1 } },
      select: { id: true },
    });
    return { userId };
  },
  audit: (_input, { userId }) => ({ summary: 'Signed out everywhere', subject: `user:${userId}` }),
});

/** The number of the person's sessions, and whether single sign-on is linked. */
export function countOwnAccess(db: Db, userId: UserId): Promise<{ sessions: number; hasIdentity: boolean }> {
  return one(
    db,
    sql`
      select identity_subject is not null as "hasIdentity",
        (select count(*)::int from user_session where user_id = app_user.id and ${isActive()}) as sessions
      from app_user
      where id = ${userId}`,
  );
}

/** Removes ended sessions. */
export async function removeOldSessions(): Promise<void> {
  await execute(
    pool(),
    sql`delete from user_session using app_user where app_user.id = user_id and not (${isActive()})`,
  );
}
