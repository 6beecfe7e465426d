// Sessions: a row per signed-in browser, named in its cookie. Without the row a copied cookie is worthless.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import { command } from '@/lib/access/command';
import type { Origin, Role, UserActor } from '@/lib/access/actor';
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, sql, type Db, type Sql } from '@/lib/db/sql';
import { placeOf } from './device-words';
import { requirePerson } from './users';

/** The lifetime of a session, from the sign-in on. */
export const SESSION_DAYS = 30;
/** How often it is written down that somebody was seen. */
const SEEN_MINUTES = 5;

/** Opens a session for this version of the user, and records the sign-in. Returns its id for the cookie. */
export async function beginSession(
  db: Db,
  user: { userId: UserId; sessionVersion: number },
  from: Origin,
  now = new Date(),
): Promise<string> {
  const id = randomUUID();
  await execute(
    db,
    sql`
      insert into user_session (id, user_id, session_version, created_at, expires_at, last_seen_at, user_agent, network)
      values (${id}, ${user.userId}, ${user.sessionVersion}, ${now},
              ${new Date(now.getTime() + SESSION_DAYS * 86_400_000)}, ${now}, ${from.userAgent}, ${placeOf(from.ip)})`,
  );
  await execute(db, sql`update app_user set last_sign_in_at = ${now}, last_seen_at = ${now} where id = ${user.userId}`);
  return id;
}

/** A condition on `user_session` joined with `app_user`: the session is valid. */
export const isActive = (now = new Date()): Sql => sql`
  user_session.session_version = app_user.session_version and expires_at > ${now} and deactivated_at is null`;

/** The person of a session with their present rights; undefined if the session has ended. */
export async function findActor(db: Db, sessionId: string, from: Origin): Promise<UserActor | undefined> {
  return (await readSession(db, sessionId, from))?.actor;
}

/** The same with the moment in which it was last noted as seen. */
async function readSession(
  db: Db,
  sessionId: string,
  from: Origin,
): Promise<{ actor: UserActor; lastSeenAt: Date | null } | undefined> {
  const user = await maybeOne<{
    userId: UserId;
    accountId: AccountId;
    role: Role;
    name: string;
    email: string;
    allSections: boolean;
    sections: SectionId[];
    lastSeenAt: Date | null;
  }>(
    db,
    sql`
      select app_user.id as "userId", account_id as "accountId", role, name, email, all_sections as "allSections",
        user_session.last_seen_at as "lastSeenAt",
        array(select section_id from user_section where user_id = app_user.id) as sections
      from user_session
      join app_user on app_user.id = user_id
      where user_session.id = ${sessionId} and ${isActive()}`,
  );
  if (!user) return undefined;
  const { allSections, sections, lastSeenAt, ...person } = user;
  return { actor: { kind: 'user', ...person, sections: allSections ? 'all' : sections, from, sessionId }, lastSeenAt };
}

/** The person of a session, for the start of a request, before there is an actor. Notes that they were seen. */
export async function findSignedIn(sessionId: string, from: Origin, now = new Date()): Promise<UserActor | undefined> {
  const found = await readSession(pool(), sessionId, from);
  if (found && (found.lastSeenAt?.getTime() ?? 0) < now.getTime() - SEEN_MINUTES * 60_000) {
    // A page is not refused because this could not be written down.
    await noteSeen(found.actor, sessionId, now).catch(() => undefined);
  }
  return found?.actor;
}

/** Of requests at once, one writes it down. */
async function noteSeen({ userId, from }: UserActor, sessionId: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - SEEN_MINUTES * 60_000);
  const noted = await execute(
    pool(),
    sql`
      update user_session set last_seen_at = ${now}, user_agent = ${from.userAgent}, network = ${placeOf(from.ip)}
      where id = ${sessionId} and coalesce(last_seen_at, created_at) < ${before}`,
  );
  if (noted > 0) await execute(pool(), sql`update app_user set last_seen_at = ${now} where id = ${userId}`);
}

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

/** Removes ended sessions. */
export async function removeOldSessions(): Promise<void> {
  await execute(
    pool(),
    sql`delete from user_session using app_user where app_user.id = user_id and not (${isActive()})`,
  );
}
