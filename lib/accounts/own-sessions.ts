// A person's own sessions: listed with browser, place and time, and ended one by one or all but this one.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { query } from '@/lib/access/query';
import type { UserId } from '@/lib/db/ids';
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import { hashToken } from '@/lib/db/tokens';
import { deviceInWords, placeInWords } from './device-words';
import { isActive } from './sessions';
import { requirePerson } from './users';

export type SessionView = {
  /** Names it in the list: the id itself stays in the cookie. */
  key: string;
  device: string;
  place: string;
  signedInAt: Date;
  lastSeenAt: Date;
  isThis: boolean;
};

type Row = { id: string; userAgent: string | null; network: string | null; createdAt: Date; lastSeenAt: Date };

const keyOf = (id: string) => hashToken(id).slice(0, 20);

/** Newest first. */
const activeOf = (db: Db, userId: UserId): Promise<Row[]> =>
  rows<Row>(
    db,
    sql`
      select user_session.id, user_agent as "userAgent", network, user_session.created_at as "createdAt",
        coalesce(user_session.last_seen_at, user_session.created_at) as "lastSeenAt"
      from user_session
      join app_user on app_user.id = user_id
      where user_id = ${userId} and ${isActive()}
      order by "lastSeenAt" desc, user_session.id`,
  );

/** The actor's sessions: this one first, then those that were seen last. */
export const readOwnSessions = query({
  name: 'users.list-own-sessions',
  scope: 'account',
  allow: 'readers',
  input: z.object({}),
  run: async ({ db, actor }): Promise<SessionView[]> => {
    const own = actor.kind === 'user' ? actor.sessionId : undefined;
    const active = await activeOf(db, requirePerson(actor));
    return active
      .map(({ id, userAgent, network, createdAt, lastSeenAt }) => ({
        key: keyOf(id),
        device: deviceInWords(userAgent),
        place: placeInWords(network),
        signedInAt: createdAt,
        lastSeenAt,
        isThis: id === own,
      }))
      .toSorted((left, right) => Number(right.isThis) - Number(left.isThis));
  },
});

/** Ends one of the actor's sessions in another browser. */
export const endOwnSession = command({
  name: 'users.end-session',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ key: z.string().max(100) }),
  run: async ({ tx, actor }, { key }) => {
    const userId = requirePerson(actor);
    const session = (await activeOf(tx, userId)).find(({ id }) => keyOf(id) === key);
    if (!session) refuse('not_found', 'This session has already ended.');
    if (actor.kind === 'user' && session.id === actor.sessionId) {
      refuse('conflict', 'This is the browser that you are using. Sign out instead.');
    }
    await execute(tx, sql`delete from user_session where id = ${session.id} and user_id = ${userId}`);
    return { userId, device: deviceInWords(session.userAgent) };
  },
  audit: (_input, { userId, device }) => ({ summary: `Ended an own session: ${device}`, subject: `user:${userId}` }),
});

/** Ends all of the actor's sessions but the one of this browser. */
export const endOtherSessions = command({
  name: 'users.end-other-sessions',
  scope: 'account',
  allow: 'everyone',
  input: z.object({}),
  run: async ({ tx, actor }) => {
    const userId = requirePerson(actor);
    const own = actor.kind === 'user' ? actor.sessionId : undefined;
    if (own === undefined) refuse('conflict', 'There is no session to keep. Sign out everywhere instead.');
    const ended = await execute(tx, sql`delete from user_session where user_id = ${userId} and id <> ${own}`);
    return { userId, ended };
  },
  audit: (_input, { userId, ended }) =>
    ended === 0 ? null : { summary: `Ended the own sessions in other browsers: ${ended}`, subject: `user:${userId}` },
});
