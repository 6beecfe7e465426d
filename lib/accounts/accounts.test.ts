// Accounts: rights take effect at once, sessions end, and an Owner always remains.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTag } from '@/lib/tags/commands';
import type { Origin, UserActor } from '@/lib/access/actor';
import { UNSTORABLE, valueOf } from '@/lib/access/refusal';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { createUser } from './create';
import { createApiKey } from './api-keys';
import { createPasswordLink, inviteUser } from './invitations';
import { changeMyPassword } from './my-password';
import { hashPassword } from './passwords';
import { listSections, listUsers } from './queries';
import { readSections, readUsers } from './reads';
import { addSection, editSection } from './sections';
import { ensureSetUpLink, isSetUpToken, setUp } from './set-up';
import { endOtherSessions, endOwnSession, readOwnSessions } from './own-sessions';
import { beginSession, endSession, findActor, findSignedIn, removeOldSessions, signOutEverywhere } from './sessions';
import { signInWithPassword } from './sign-in';
import { changeUser, setUserActive } from './users';

const PASSWORD = 'correct horse battery';
const passwordHash = hashPassword(PASSWORD);
const from = { ip: '10.1.2.3', userAgent: 'test' };
let account: TestAccount;

beforeAll(async () => {
  account = await createTestAccount();
});

async function newUser(role: 'owner' | 'admin' | 'user' = 'user') {
  const email = `${randomUUID().slice(0, 8)}@example.com`;
  const sections = [account.sectionId];
  const hash = await passwordHash;
  const id = await transaction((tx) =>
    createUser(tx, account.accountId, { email, name: 'New', role, passwordHash: hash, sections }),
  );
  return { id, email };
}

/** Signs in as a browser does; returns the session id of its cookie. */
async function signIn(email: string): Promise<string> {
  const result = await signInWithPassword(email, PASSWORD, from);
  if (!result.ok) throw new Error(result.reason);
  return result.user.sessionId;
}

/** Loads the person as a request of this session does. */
const load = (session: string): Promise<UserActor | undefined> => findActor(pool(), session, from);

describe('a session', () => {
  it('ends when the password changes', async () => {
    const { email } = await newUser();
    const session = await signIn(email);
    const me = (await load(session))!;
    expect(await changeMyPassword(me, { current: 'wrong', password: 'a new long password' })).toMatchObject({
      ok: false,
      refusal: { field: 'current' },
    });
    expect(await changeMyPassword(me, { current: PASSWORD, password: 'short' })).toMatchObject({
      ok: false,
      refusal: { field: 'password' },
    });
    expect(await changeMyPassword(me, { current: PASSWORD, password: 'a new long password' })).toMatchObject({
      ok: true,
    });
    expect(await load(session)).toBeUndefined();
    expect(await signInWithPassword(email, 'a new long password', from)).toMatchObject({ ok: true });
  });

  it('ends when the person signs out, also for a copy of its cookie; other browsers stay signed in', async () => {
    const { email, id } = await newUser();
    const [here, elsewhere] = [await signIn(email), await signIn(email)];
    await endSession(here, from);
    expect(await load(here)).toBeUndefined();
    expect(await load(elsewhere)).toMatchObject({ userId: id });
    await endSession(here, from);
    const entries = await rows(
      pool(),
      sql`select ip from audit_entry where user_id = ${id} and command = 'accounts.sign-out'`,
    );
    expect(entries).toEqual([{ ip: from.ip }]);
  });

  it('ends everywhere when the person signs out everywhere', async () => {
    const { email } = await newUser();
    const sessions = [await signIn(email), await signIn(email)];
    const me = (await load(sessions[0]!))!;
    expect(await readOwnSessions(me, {})).toMatchObject({ ok: true, value: [{ isThis: true }, { isThis: false }] });
    expect(await signOutEverywhere(me, {})).toMatchObject({ ok: true });
    expect(await Promise.all(sessions.map(load))).toEqual([undefined, undefined]);
  });

  it('is listed with its browser and a shortened address; the person ends others, one or all, and nobody else’s', async () => {
    const { email, id } = await newUser();
    const browser = (userAgent: string, ip: string) => ({ userAgent, ip });
    const open = async (at: Origin) => {
      const result = await signInWithPassword(email, PASSWORD, at);
      return result.ok ? result.user.sessionId : '';
    };
    const here = await open(browser('Firefox/144.0 (Windows)', '192.0.2.7'));
    const phone = await open(browser('Mozilla (iPhone) Version/26.0 Safari/604.1', '2001:db8:1:2::9'));
    const third = await open(browser('curl/8', '198.51.100.1'));
    const me = (await load(here))!;
    const list = async () => valueOf(await readOwnSessions(me, {}));
    const [own, ...others] = await list();
    expect(own).toMatchObject({ isThis: true, device: 'Firefox on Windows', place: '192.0.2.…' });
    expect(others.map(({ device, place }) => `${device} ${place}`).toSorted()).toEqual([
      'An unknown browser 198.51.100.…',
      'Safari on iPhone 2001:db8:1:2:…',
    ]);
    expect(JSON.stringify([own, ...others])).not.toMatch(new RegExp(`${here}|${phone}|192\\.0\\.2\\.7`));

    const { key } = others.find(({ device }) => device.includes('iPhone'))!;
    const stranger = await newUser();
    const theirs = (await load(await signIn(stranger.email)))!;
    expect(await endOwnSession(theirs, { key })).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect(await endOwnSession(me, { key: own!.key })).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    expect(await endOwnSession(me, { key })).toMatchObject({ ok: true });
    expect(await endOwnSession(me, { key })).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect([await load(phone), (await load(third))?.userId]).toEqual([undefined, id]);
    valueOf(await endOtherSessions(me, {}));
    valueOf(await endOtherSessions(me, {}));
    expect([await load(third), (await load(here))?.userId, await list()]).toMatchObject([
      undefined,
      id,
      [{ key: own!.key }],
    ]);
    expect(await load(theirs.sessionId!)).toBeDefined();
    const written = await rows<{ summary: string }>(
      pool(),
      sql`select summary from audit_entry where user_id = ${id} and command like 'users.end%' order by id`,
    );
    expect(written.map(({ summary }) => summary)).toEqual([
      'Ended an own session: Safari on iPhone',
      'Ended the own sessions in other browsers: 1',
    ]);
  });

  it('notes every five minutes that the person was seen, and where', async () => {
    const { email, id } = await newUser();
    const session = await signIn(email);
    const seen = () =>
      one<{ session: Date; person: Date; network: string }>(
        pool(),
        sql`
          select user_session.last_seen_at as session, app_user.last_seen_at as person, network
          from user_session join app_user on app_user.id = user_id where user_session.id = ${session}`,
      );
    const first = await seen();
    const later = (minutes: number) => new Date(first.session.getTime() + minutes * 60_000);
    const elsewhere = { ip: '203.0.113.9', userAgent: 'Firefox/144.0 (Windows)' };
    expect(await findSignedIn(session, elsewhere, later(4))).toMatchObject({ userId: id });
    expect(await seen()).toEqual(first);
    await Promise.all(Array.from({ length: 4 }, () => findSignedIn(session, elsewhere, later(6))));
    expect(await seen()).toEqual({ session: later(6), person: later(6), network: '203.0.113.0/24' });
    expect(valueOf(await readUsers(account.owner, {})).find((user) => user.id === id)?.lastSeenAt).toEqual(later(6));
  });

  it('ends after thirty days, and ended sessions are removed', async () => {
    const { email, id } = await newUser();
    const long = new Date(Date.now() - 31 * 86_400_000);
    const old = await beginSession(pool(), { userId: id, sessionVersion: 1 }, from, long);
    const open = await signIn(email);
    expect(await load(old)).toBeUndefined();
    await removeOldSessions();
    expect(await rows(pool(), sql`select id from user_session where user_id = ${id}`)).toEqual([{ id: open }]);
  });

  it('has the current role and sections at every request', async () => {
    const { email, id } = await newUser();
    const session = await signIn(email);
    const other = await createTestSection(account.accountId, 'Later');
    await changeUser(account.owner, { userId: id, role: 'admin', sections: [other] });
    const now = (await load(session))!;
    expect(now).toMatchObject({ role: 'admin', sections: [other] });
    expect((await listSections(pool(), now)).map((section) => section.id)).toEqual([other]);
    expect(await createTag(now, { sectionId: account.sectionId, name: 'No longer' })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
  });

  it('ends when the user is deactivated', async () => {
    const { email, id } = await newUser();
    const session = await signIn(email);
    await setUserActive(account.admin, { userId: id, active: false });
    expect(await load(session)).toBeUndefined();
  });
});

describe('who may govern whom', () => {
  const all = { sections: 'all' as const };

  it('lets only Owners appoint and remove Admins and Owners', async () => {
    const { id } = await newUser();
    const admin = await newUser('admin');
    const refused = { ok: false, refusal: { code: 'not_allowed' } };
    expect(await changeUser(account.admin, { userId: id, role: 'admin', ...all })).toMatchObject(refused);
    expect(await changeUser(account.admin, { userId: admin.id, role: 'user', ...all })).toMatchObject(refused);
    expect(await setUserActive(account.admin, { userId: admin.id, active: false })).toMatchObject(refused);
    expect(await createPasswordLink(account.admin, { userId: account.owner.userId })).toMatchObject(refused);
    expect(await inviteUser(account.admin, { email: 'x@example.com', role: 'admin', ...all })).toMatchObject(refused);
    expect(await changeUser(account.owner, { userId: id, role: 'admin', ...all })).toMatchObject({ ok: true });
  });

  it('refuses a marketer all of it', async () => {
    const { id } = await newUser();
    const refused = { ok: false, refusal: { code: 'not_allowed' } };
    expect(await changeUser(account.marketer, { userId: id, role: 'user', ...all })).toMatchObject(refused);
    expect(await inviteUser(account.marketer, { email: 'y@example.com', role: 'user', ...all })).toMatchObject(refused);
    expect(await addSection(account.marketer, { name: 'Mine' })).toMatchObject(refused);
  });

  it('says by whose clock a section works; a change of its name alone leaves that', async () => {
    const fresh = await createTestAccount();
    const { sectionId } = fresh;
    const zone = async () =>
      valueOf(await readSections(fresh.marketer, {})).find(({ id }) => id === sectionId)?.timeZone;
    expect(await zone()).toBeNull();
    const edit = (actor: TestAccount['owner'], timeZone?: string) =>
      editSection(actor, { sectionId, name: 'Norge', ...(timeZone !== undefined && { timeZone }) });
    expect(await edit(fresh.admin, 'Europe/Oslo')).toMatchObject({ ok: true });
    expect(await edit(fresh.admin)).toMatchObject({ ok: true });
    for (const wrong of ['Europe/Olso', '+01:00', 'CET', '']) {
      expect(await edit(fresh.admin, wrong)).toMatchObject({ ok: false, refusal: { field: 'timeZone' } });
    }
    expect(await edit(fresh.marketer, 'UTC')).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    expect(await zone()).toBe('Europe/Oslo');
    const added = valueOf(await addSection(fresh.owner, { name: 'India', timeZone: 'Asia/Kolkata' }));
    expect(valueOf(await readSections(fresh.owner, {})).find(({ id }) => id === added.id)?.timeZone).toBe(
      'Asia/Kolkata',
    );
  });

  it('keeps an Owner, and nobody changes their own role', async () => {
    const fresh = await createTestAccount();
    expect(await changeUser(fresh.owner, { userId: fresh.owner.userId, role: 'user', ...all })).toMatchObject({
      ok: false,
    });
    const second = { ...fresh.admin, role: 'owner' as const };
    await execute(pool(), sql`update app_user set role = 'owner' where id = ${second.userId}`);
    const both = await Promise.all([
      changeUser(fresh.owner, { userId: second.userId, role: 'admin', ...all }),
      changeUser(second, { userId: fresh.owner.userId, role: 'admin', ...all }),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    const owners = (await listUsers(pool(), fresh.owner)).filter(({ role }) => role === 'owner');
    expect(owners).toHaveLength(1);
  });

  it('lets nobody give access to sections that they cannot see', async () => {
    const other = await createTestSection(account.accountId, 'Elsewhere');
    const limited = { ...account.admin, sections: [account.sectionId] };
    const { id } = await newUser();
    const refused = { ok: false, refusal: { code: 'not_allowed', field: 'sections' } };
    for (const sections of ['all', [account.sectionId, other]]) {
      expect(await changeUser(limited, { userId: id, role: 'user', sections })).toMatchObject(refused);
      const email = `${randomUUID().slice(0, 8)}@example.com`;
      expect(await inviteUser(limited, { email, role: 'user', sections })).toMatchObject(refused);
      const key = { name: 'Shop', sections, keyspaces: 'all', canWrite: true, expiresAt: null };
      expect(await createApiKey(limited, key)).toMatchObject(refused);
    }
  });

  it('does not reach into another account', async () => {
    const other = await createTestAccount();
    expect(await setUserActive(account.owner, { userId: other.marketer.userId, active: false })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
  });
});

describe('the set-up link', () => {
  it('exists only while there is no account, and works once', async () => {
    expect(await ensureSetUpLink('http://x')).toBeNull();
    await execute(
      pool(),
      sql`insert into installation (id, set_up_token_hash) values (1, encode(sha256('tok'), 'hex'))`,
    );
    expect(await isSetUpToken('tok')).toBe(true);
    expect(await isSetUpToken('other')).toBe(false);
    const input = {
      token: 'tok',
      account: 'Co',
      section: 'Main',
      timeZone: 'Europe/Stockholm',
      name: 'Olga',
      email: `o${randomUUID().slice(0, 6)}@example.com`,
      password: PASSWORD,
    };
    expect(await setUp({ ...input, name: 'Ol\u0000ga' }, from)).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', message: UNSTORABLE },
    });
    // Not 'easy to guess': without a valid link the password is not examined.
    expect(await setUp({ ...input, token: 'forged', password: 'password1234' }, from)).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
    const both = await Promise.all([setUp(input, from), setUp({ ...input, email: `p${input.email}` }, from)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await isSetUpToken('tok')).toBe(false);
    const entries = await rows(pool(), sql`select ip from audit_entry where command = 'accounts.set-up'`);
    expect(entries).toEqual([{ ip: from.ip }]);
    const made = await rows(pool(), sql`select time_zone as zone from section where name = 'Main' and slug = 'main'`);
    expect(made).toEqual([{ zone: 'Europe/Stockholm' }]);
  });
});
