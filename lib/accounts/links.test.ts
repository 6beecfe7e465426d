// Invitations and password links: their validity follows the rights of their maker and their person at the moment of use.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import { UNSTORABLE } from '@/lib/access/refusal';
import type { UserId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { acceptInvitation } from './accept';
import { createUser } from './create';
import { createPasswordLink, inviteUser, revokeInvitation } from './invitations';
import { findOpenLink, listOpenLinks } from './links';
import { changeMyPassword } from './my-password';
import { hashPassword } from './passwords';
import { findActor } from './sessions';
import { signInWithPassword } from './sign-in';
import { changeUser, setUserActive } from './users';

const PASSWORD = 'correct horse battery';
const NEW = 'seven grey umbrellas';
const passwordHash = hashPassword(PASSWORD);
const from = { ip: '10.9.8.7', userAgent: 'test' };
const all = { sections: 'all' as const };
const ended = { ok: false, refusal: { code: 'not_found' } };
let account: TestAccount;

beforeAll(async () => {
  account = await createTestAccount();
});

const newEmail = () => `${randomUUID().slice(0, 8)}@example.com`;

async function newPerson(role: 'owner' | 'admin' | 'user' = 'user'): Promise<UserActor> {
  const email = newEmail();
  const person = { email, name: `New ${role}`, role, passwordHash: await passwordHash, ...all };
  const userId = await transaction((tx) => createUser(tx, account.accountId, person));
  return { ...account.marketer, userId, role, name: person.name, email, ...all };
}

async function passwordLink(maker: UserActor, userId: UserId): Promise<string> {
  const link = await createPasswordLink(maker, { userId });
  if (!link.ok) throw new Error(link.refusal.message);
  return link.value.token;
}

async function invitation(maker: UserActor, role: 'owner' | 'admin' | 'user' = 'user', sections: unknown = 'all') {
  const email = newEmail();
  const invited = await inviteUser(maker, { email, role, sections });
  if (!invited.ok) throw new Error(invited.refusal.message);
  return { ...invited.value, email };
}

const accept = (token: string, more: object = {}) => acceptInvitation({ token, password: NEW, ...more }, from);

describe('a password link', () => {
  it('sets a new password and ends the old sessions', async () => {
    const person = await newPerson();
    const signedIn = await signInWithPassword(person.email, PASSWORD, from);
    const token = await passwordLink(account.admin, person.userId);
    expect(await accept(token)).toMatchObject({ ok: true, value: { email: person.email } });
    expect(await findActor(pool(), signedIn.ok ? signedIn.user.sessionId : '', from)).toBeUndefined();
    expect(await signInWithPassword(person.email, NEW, from)).toMatchObject({ ok: true });
    expect(await accept(token)).toMatchObject(ended);
  });

  it('accepts neither the current password nor the names of the account and its sections, and can be used again', async () => {
    await execute(pool(), sql`update account set name = 'Polar Rucksack Ltd' where id = ${account.accountId}`);
    await createTestSection(account.accountId, 'Mountain Bicycles');
    const person = await newPerson();
    const token = await passwordLink(account.admin, person.userId);
    const refused = (message: string) => ({
      ok: false,
      refusal: { field: 'password', message: expect.stringContaining(message) as string },
    });
    expect(await accept(token, { password: PASSWORD })).toMatchObject(refused('current password'));
    for (const password of ['Polar Rucksack', 'mountain-bicycles', 'Rucksack Bicycles']) {
      expect(await accept(token, { password })).toMatchObject(refused('easy to guess'));
      expect(await changeMyPassword(person, { current: PASSWORD, password })).toMatchObject(refused('easy to guess'));
    }
    expect(await accept(token)).toMatchObject({ ok: true });
  });

  it('is recorded in the audit log with its person, its maker and the address it was used from', async () => {
    const person = await newPerson();
    await accept(await passwordLink(account.admin, person.userId));
    const entries = await rows(
      pool(),
      sql`select actor_name as name, summary, ip, user_agent as agent from audit_entry
          where user_id = ${person.userId} and command = 'users.set-password'`,
    );
    const summary = `Set a new password with a link from ${account.admin.name}`;
    expect(entries).toEqual([{ name: person.name, summary, ip: from.ip, agent: from.userAgent }]);
  });

  it.each<[string, (person: UserActor, maker: UserActor) => Promise<unknown>]>([
    ['the person becomes an Owner', ({ userId }) => changeUser(account.owner, { userId, role: 'owner', ...all })],
    ['the person changes the password', (person) => changeMyPassword(person, { current: PASSWORD, password: NEW })],
    ['the person is deactivated', ({ userId }) => setUserActive(account.owner, { userId, active: false })],
    ['the maker is deactivated', (_person, { userId }) => setUserActive(account.owner, { userId, active: false })],
    [
      'the maker is no longer an Admin',
      (_person, { userId }) => changeUser(account.owner, { userId, role: 'user', ...all }),
    ],
    ['a newer link is made', ({ userId }) => createPasswordLink(account.owner, { userId })],
  ])('ends when %s', async (_what, happens) => {
    const [person, maker] = [await newPerson(), await newPerson('admin')];
    const token = await passwordLink(maker, person.userId);
    expect(await findOpenLink(pool(), token)).toBeDefined();
    expect(await happens(person, maker)).toMatchObject({ ok: true });
    expect(await findOpenLink(pool(), token)).toBeUndefined();
    expect(await accept(token, { password: 'the admin takes over' })).toMatchObject(ended);
    expect((await signInWithPassword(person.email, 'the admin takes over', from)).ok).toBe(false);
  });

  it('stays ended when the person is active again', async () => {
    const person = await newPerson();
    const token = await passwordLink(account.admin, person.userId);
    for (const active of [false, true]) await setUserActive(account.admin, { userId: person.userId, active });
    expect(await accept(token)).toMatchObject(ended);
  });

  type Change = (person: UserId, maker: UserId) => Promise<unknown>;
  const active = (userId: UserId, active: boolean) => setUserActive(account.owner, { userId, active });
  const role = (userId: UserId, role: string) => changeUser(account.owner, { userId, role, ...all });

  it.each<[string, Change, Change]>([
    ['whose maker is active again', (_, maker) => active(maker, false), (_, maker) => active(maker, true)],
    ['whose maker is an Admin again', (_, maker) => role(maker, 'user'), (_, maker) => role(maker, 'admin')],
    ['of an Owner who is a User again', (person) => role(person, 'owner'), (person) => role(person, 'user')],
  ])('%s stays ended', async (_what, change, back) => {
    const [person, maker] = [await newPerson(), await newPerson('admin')];
    const token = await passwordLink(maker, person.userId);
    for (const one of [change, back]) expect(await one(person.userId, maker.userId)).toMatchObject({ ok: true });
    expect(await findOpenLink(pool(), token)).toBeUndefined();
    expect(await accept(token)).toMatchObject(ended);
  });

  it('survives a change that does not affect it', async () => {
    const [person, maker] = [await newPerson(), await newPerson('admin')];
    const token = await passwordLink(maker, person.userId);
    await role(maker.userId, 'owner');
    await changeUser(account.owner, { userId: person.userId, role: 'user', sections: [account.sectionId] });
    expect(await accept(token)).toMatchObject({ ok: true });
  });

  it('cannot be created by somebody who has just been deactivated', async () => {
    const [person, maker] = [await newPerson(), await newPerson('admin')];
    await active(maker.userId, false);
    const refused = { ok: false, refusal: { code: 'not_allowed' } };
    expect(await createPasswordLink(maker, { userId: person.userId })).toMatchObject(refused);
    expect(await inviteUser(maker, { email: newEmail(), role: 'user', ...all })).toMatchObject(refused);
  });

  it('cannot be created for somebody who is deactivated', async () => {
    const { userId } = await newPerson();
    await setUserActive(account.admin, { userId, active: false });
    expect(await createPasswordLink(account.admin, { userId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('is listed while it can be used, and can be revoked by those who may make it', async () => {
    const [user, admin] = [await newPerson(), await newPerson('admin')];
    await passwordLink(account.admin, user.userId);
    const token = await passwordLink(account.owner, admin.userId);
    const open = await listOpenLinks(pool(), account.owner);
    const ofAdmin = open.find(({ email }) => email === admin.email)!;
    expect(ofAdmin).toMatchObject({ kind: 'password', name: admin.name, role: 'admin', madeBy: account.owner.name });
    expect(open.find(({ email }) => email === user.email)).toMatchObject({
      kind: 'password',
      madeBy: account.admin.name,
    });
    expect(await revokeInvitation(account.admin, { invitationId: ofAdmin.id })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    expect(await revokeInvitation(account.owner, { invitationId: ofAdmin.id })).toMatchObject({ ok: true });
    expect(await accept(token)).toMatchObject(ended);
    expect(await listOpenLinks(pool(), account.owner)).not.toContainEqual(ofAdmin);
  });

  it('is used either before or after a concurrent change of role', async () => {
    const [person, maker] = [await newPerson(), await newPerson('admin')];
    const token = await passwordLink(maker, person.userId);
    const [used, promoted] = await Promise.all([
      accept(token),
      changeUser(account.owner, { userId: person.userId, role: 'owner', ...all }),
    ]);
    expect(promoted.ok).toBe(true);
    const [entry] = await rows<{ first: string }>(
      pool(),
      sql`select command as first from audit_entry
          where subject = ${`user:${person.userId}`} and command in ('users.set-password', 'users.change')
          order by id limit 1`,
    );
    expect(entry).toEqual({ first: used.ok ? 'users.set-password' : 'users.change' });
  });
});

describe('an invitation', () => {
  it('creates a user with the role and sections, once', async () => {
    const { email, token } = await invitation(account.admin, 'user', [account.sectionId]);
    expect(await accept(token, { name: 'Ny', password: 'short' })).toMatchObject({
      ok: false,
      refusal: { field: 'password' },
    });
    expect(await accept(token)).toMatchObject({ ok: false, refusal: { field: 'name' } });
    const both = await Promise.all([1, 2].map(() => accept(token, { name: 'Ny' })));
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    const made = await signInWithPassword(email, NEW, from);
    expect(await findActor(pool(), made.ok ? made.user.sessionId : '', from)).toMatchObject({
      role: 'user',
      sections: [account.sectionId],
      name: 'Ny',
    });
    expect(await rows(pool(), sql`select * from invitation where token_hash = ${token}`)).toEqual([]);
  });

  it('of two accounts to one person creates one user, also if both are accepted at once', async () => {
    const other = await createTestAccount();
    const email = newEmail();
    const tokens = await Promise.all(
      [account.admin, other.admin].map(async (maker) => {
        const invited = await inviteUser(maker, { email, role: 'user', ...all });
        return invited.ok ? invited.value.token : '';
      }),
    );
    const both = await Promise.all(tokens.map((token) => accept(token, { name: 'Ny' })));
    expect(both.map((answer) => (answer.ok ? 'ok' : answer.refusal.code)).sort()).toEqual(['name_taken', 'ok']);
  });

  it('stops working when it is revoked or expired', async () => {
    const [revoked, old] = [await invitation(account.admin), await invitation(account.admin)];
    await revokeInvitation(account.admin, { invitationId: revoked.id });
    await execute(pool(), sql`update invitation set expires_at = now() where id = ${old.id}`);
    for (const { token } of [revoked, old]) expect(await accept(token, { name: 'Late' })).toMatchObject(ended);
  });

  it.each<[string, 'admin' | 'owner', 'user' | 'owner', (maker: UserId) => Promise<unknown>]>([
    ['who is deactivated', 'admin', 'user', (userId) => setUserActive(account.owner, { userId, active: false })],
    [
      'who is no longer an Admin',
      'admin',
      'user',
      (userId) => changeUser(account.owner, { userId, role: 'user', ...all }),
    ],
    [
      'who is no longer an Owner',
      'owner',
      'owner',
      (userId) => changeUser(account.owner, { userId, role: 'admin', ...all }),
    ],
    [
      'who no longer sees its sections',
      'admin',
      'user',
      async (userId) => {
        const sections = [await createTestSection(account.accountId, `Other ${userId}`)];
        return changeUser(account.owner, { userId, role: 'admin', sections });
      },
    ],
  ])('ends for good with a maker %s', async (_what, role, invited, happens) => {
    const maker = await newPerson(role);
    const { token } = await invitation(maker, invited, [account.sectionId]);
    expect(await findOpenLink(pool(), token)).toBeDefined();
    expect(await happens(maker.userId)).toMatchObject({ ok: true });
    expect(await findOpenLink(pool(), token)).toBeUndefined();
    await setUserActive(account.owner, { userId: maker.userId, active: true });
    await changeUser(account.owner, { userId: maker.userId, role, ...all });
    expect(await accept(token, { name: 'Left over' })).toMatchObject(ended);
  });

  it('for an Owner or an Admin cannot be revoked or replaced by Admins', async () => {
    const { id, email, token } = await invitation(account.owner, 'owner');
    const refused = { ok: false, refusal: { code: 'not_allowed' } };
    expect(await revokeInvitation(account.admin, { invitationId: id })).toMatchObject(refused);
    expect(await inviteUser(account.admin, { email, role: 'user', ...all })).toMatchObject(refused);
    expect(await findOpenLink(pool(), token)).toMatchObject({ role: 'owner' });
  });

  it('refuses a name that cannot be stored, with the reason, and can be used again', async () => {
    const { token } = await invitation(account.admin);
    expect(await accept(token, { name: 'N\u0000y' })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', message: UNSTORABLE },
    });
    expect(await accept(token, { name: 'Ny' })).toMatchObject({ ok: true });
  });
});

describe('a forged token', () => {
  it('is refused without hashing a password, and is slowed down after a hundred from one network', async () => {
    const network = { ip: '203.0.113.77', userAgent: null };
    const forged = { token: 'forged', name: 'X', password: 'easy' };
    const answers = await Promise.all(
      Array.from({ length: 110 }, () => acceptInvitation({ ...forged, password: 'password1234' }, network)),
    );
    // Not 'easy to guess': the password is not examined.
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code));
    expect(codes.filter((code) => code === 'not_found')).toHaveLength(100);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(10);
    const { failures } = await one<{ failures: number }>(
      pool(),
      sql`select failures from sign_in_attempt where key = 'token:203.0.113.77'`,
    );
    expect(failures).toBe(100);
  });
});
