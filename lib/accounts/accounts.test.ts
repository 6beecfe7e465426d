// Promises of accounts: sign-in that can't be guessed or used to find out who is here, rights that bite at once.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTag } from '@/lib/tags/commands';
import type { UserActor } from '@/lib/access/actor';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { createUser } from './create';
import { acceptInvitation, createPasswordLink, inviteUser, revokeInvitation } from './invitations';
import { hashPassword } from './passwords';
import { findActor, listSections, listUsers } from './queries';
import { addSection } from './sections';
import { ensureSetUpLink, isSetUpToken, setUp } from './set-up';
import { signInWithPassword, signInWithProvider } from './sign-in';
import { changeMyPassword, changeUser, setUserActive } from './users';

const PASSWORD = 'correct horse battery';
const from = { ip: '10.1.2.3', userAgent: 'test' };
let account: TestAccount;

beforeAll(async () => {
  account = await createTestAccount();
});

async function newUser(role: 'owner' | 'admin' | 'user' = 'user') {
  const email = `${randomUUID().slice(0, 8)}@example.com`;
  const passwordHash = await hashPassword(PASSWORD);
  const id = await transaction((tx) =>
    createUser(tx, account.accountId, { email, name: 'New', role, passwordHash, sections: [account.sectionId] }),
  );
  return { id, email };
}

/** The person as the next request would load them. */
async function load(email: string): Promise<UserActor | undefined> {
  const { id, version } = await one<{ id: number; version: number }>(
    pool(),
    sql`select id, session_version as version from app_user where email = ${email}`,
  );
  return findActor(pool(), id, version, from);
}

describe('signing in', () => {
  it('takes the right password, whatever the case of the address, and writes the audit log', async () => {
    const { email, id } = await newUser();
    expect(await signInWithPassword(` ${email.toUpperCase()} `, PASSWORD, from)).toMatchObject({
      ok: true,
      user: { userId: id },
    });
    const entries = await rows(
      pool(),
      sql`select ip from audit_entry where user_id = ${id} and command = 'accounts.sign-in'`,
    );
    expect(entries).toEqual([{ ip: '10.1.2.3' }]);
  });

  it('says the same of a wrong password, an unknown address and a deactivated user', async () => {
    const { email, id } = await newUser();
    const wrong = await signInWithPassword(email, 'something else', { ip: null, userAgent: null });
    expect(await signInWithPassword('nobody@example.com', PASSWORD, { ip: null, userAgent: null })).toEqual(wrong);
    await setUserActive(account.owner, { userId: id, active: false });
    expect(await signInWithPassword(email, PASSWORD, { ip: null, userAgent: null })).toEqual(wrong);
    expect(await signInWithProvider(email, from)).toMatchObject({ ok: false });
  });

  it('is throttled by address of the user, also for the right password', async () => {
    const { email } = await newUser();
    for (let attempt = 0; attempt < 10; attempt++)
      await signInWithPassword(email, 'guess', { ip: null, userAgent: null });
    expect(await signInWithPassword(email, PASSWORD, from)).toEqual({ ok: false, reason: 'throttled' });
    await execute(pool(), sql`update sign_in_attempt set window_start = now() - interval '16 minutes'`);
    expect(await signInWithPassword(email, PASSWORD, from)).toMatchObject({ ok: true });
  });

  it('is throttled by address of the machine', async () => {
    const ip = '203.0.113.9';
    await execute(pool(), sql`insert into sign_in_attempt values (${`ip:${ip}`}, 100, now())`);
    const { email } = await newUser();
    expect(await signInWithPassword(email, PASSWORD, { ip, userAgent: null })).toEqual({
      ok: false,
      reason: 'throttled',
    });
  });
});

describe('a session', () => {
  it('ends when the password changes', async () => {
    const { email } = await newUser();
    const me = (await load(email))!;
    const before = await one<{ version: number }>(
      pool(),
      sql`select session_version as version from app_user where email = ${email}`,
    );
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
    expect(await findActor(pool(), me.userId, before.version, from)).toBeUndefined();
    expect(await signInWithPassword(email, 'a new long password', from)).toMatchObject({ ok: true });
  });

  it('has at the next request the role and sections of that moment', async () => {
    const { email, id } = await newUser();
    const other = await createTestSection(account.accountId, 'Later');
    await changeUser(account.owner, { userId: id, role: 'admin', sections: [other] });
    const now = (await load(email))!;
    expect(now).toMatchObject({ role: 'admin', sections: [other] });
    expect((await listSections(pool(), now)).map((section) => section.id)).toEqual([other]);
    expect(await createTag(now, { sectionId: account.sectionId, name: 'No longer' })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
  });

  it('ends when the user is deactivated', async () => {
    const { email, id } = await newUser();
    await setUserActive(account.admin, { userId: id, active: false });
    expect(await load(email)).toBeUndefined();
  });
});

describe('who may govern whom', () => {
  const all = { sections: 'all' as const };

  it('lets only Owners make and unmake Admins and Owners', async () => {
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
    const owners = (await listUsers(pool(), fresh.accountId)).filter(({ role }) => role === 'owner');
    expect(owners).toHaveLength(1);
  });

  it('does not reach into another account', async () => {
    const other = await createTestAccount();
    expect(await setUserActive(account.owner, { userId: other.marketer.userId, active: false })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
  });
});

describe('invitations', () => {
  it('make a user with the role and sections, once', async () => {
    const email = `${randomUUID().slice(0, 8)}@example.com`;
    const invited = await inviteUser(account.admin, { email, role: 'user', sections: [account.sectionId] });
    const token = invited.ok ? invited.value.token : '';
    expect(await acceptInvitation({ token, name: 'Ny', password: 'short' })).toMatchObject({
      ok: false,
      refusal: { field: 'password' },
    });
    const both = await Promise.all([1, 2].map(() => acceptInvitation({ token, name: 'Ny', password: PASSWORD })));
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await load(email)).toMatchObject({ role: 'user', sections: [account.sectionId], name: 'Ny' });
    const kept = await rows(pool(), sql`select * from invitation where token_hash = ${token}`);
    expect(kept).toEqual([]);
  });

  it('stop working when they are revoked or too old', async () => {
    const invite = async () => {
      const invited = await inviteUser(account.admin, {
        email: `${randomUUID().slice(0, 8)}@example.com`,
        role: 'user',
        sections: 'all',
      });
      if (!invited.ok) throw new Error(invited.refusal.message);
      return invited.value;
    };
    const [revoked, old] = [await invite(), await invite()];
    await revokeInvitation(account.admin, { invitationId: revoked.id });
    await execute(pool(), sql`update invitation set expires_at = now() where id = ${old.id}`);
    for (const { token } of [revoked, old]) {
      expect(await acceptInvitation({ token, name: 'Late', password: PASSWORD })).toMatchObject({
        ok: false,
        refusal: { code: 'not_found' },
      });
    }
  });

  it('set a new password by link, which ends the old sessions', async () => {
    const { email, id } = await newUser();
    const link = await createPasswordLink(account.admin, { userId: id });
    const before = await one<{ version: number }>(
      pool(),
      sql`select session_version as version from app_user where id = ${id}`,
    );
    expect(
      await acceptInvitation({ token: link.ok ? link.value.token : '', password: 'the newest password' }),
    ).toMatchObject({ ok: true });
    expect(await findActor(pool(), id, before.version, from)).toBeUndefined();
    expect(await signInWithPassword(email, 'the newest password', from)).toMatchObject({ ok: true });
  });
});

describe('the set-up link', () => {
  it('is there only while there is no account, and works once', async () => {
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
      name: 'Olga',
      email: `o${randomUUID().slice(0, 6)}@example.com`,
      password: PASSWORD,
    };
    const both = await Promise.all([setUp(input), setUp({ ...input, email: `p${input.email}` })]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await isSetUpToken('tok')).toBe(false);
  });
});
