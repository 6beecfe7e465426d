// Signing in: guessing is slow, nobody can find out who has an account, and nobody is locked out by others' guesses.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Origin, UserActor } from '@/lib/access/actor';
import { networkOf } from '@/lib/config/address-range';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount, type TestAccount } from '@/testing/fixtures';
import { inWords, removeOldAttempts, settleAttempt, takeAttempt, type Limit } from './attempts';
import { createUser } from './create';
import { knownDevice, rememberDevice } from './devices';
import { identityOf, type Identity } from './identity';
import { changeMyPassword } from './my-password';
import { hashPassword, passwordFits, requireStrongPassword } from './passwords';
import { signInWithPassword, signInWithProvider } from './sign-in';
import { setUserActive, unlinkIdentity } from './users';

const PASSWORD = 'correct horse battery';
const passwordHash = hashPassword(PASSWORD);
let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

let machine = 0;
/** A machine from which nobody has signed in. */
const elsewhere = (): Origin => ({ ip: `10.77.0.${++machine}`, userAgent: 'test' });

async function newUser(): Promise<UserActor> {
  const email = `${randomUUID().slice(0, 8)}@example.com`;
  const hash = await passwordHash;
  const userId = await transaction((tx) =>
    createUser(tx, account.accountId, { email, name: 'New', role: 'user', passwordHash: hash, sections: 'all' }),
  );
  return { ...account.marketer, userId, email, name: 'New' };
}

const guess = (email: string, from: Origin, device?: string) =>
  signInWithPassword(email, 'a wrong guess', from, device);
const reasons = (answers: Awaited<ReturnType<typeof signInWithPassword>>[], wanted: string) =>
  answers.filter((answer) => !answer.ok && answer.reason === wanted).length;

describe('signing in by password', () => {
  it('accepts the right password, whatever the case of the address, and writes to the audit log', async () => {
    const { email, userId } = await newUser();
    const from = elsewhere();
    expect(await signInWithPassword(` ${email.toUpperCase()} `, PASSWORD, from)).toMatchObject({
      ok: true,
      user: { userId },
    });
    const entries = await rows(
      pool(),
      sql`select ip from audit_entry where user_id = ${userId} and command = 'accounts.sign-in'`,
    );
    expect(entries).toEqual([{ ip: from.ip }]);
  });

  it('gives the same answer to a wrong password, an unknown address, one that cannot be stored, and a deactivated user', async () => {
    const { email, userId } = await newUser();
    const from = elsewhere();
    const wrong = await guess(email, from);
    expect(wrong).toEqual({ ok: false, reason: 'wrong' });
    for (const nobody of ['nobody@example.com', 'no\u0000body@example.com', '\u0000', ''])
      expect(await signInWithPassword(nobody, PASSWORD, from)).toEqual(wrong);
    await setUserActive(account.owner, { userId, active: false });
    expect(await signInWithPassword(email, PASSWORD, from)).toEqual(wrong);
  });

  it('checks ten of eighty concurrent guesses', async () => {
    const { email } = await newUser();
    const from = elsewhere();
    const answers = await Promise.all(Array.from({ length: 80 }, () => guess(email, from)));
    expect(reasons(answers, 'wrong')).toBe(10);
    expect(reasons(answers, 'throttled')).toBe(70);
    expect(await signInWithPassword(email, PASSWORD, from)).toMatchObject({ ok: false, reason: 'throttled' });
  });

  it('checks fifty guesses for one address, from any number of machines', async () => {
    const { email } = await newUser();
    await execute(pool(), sql`insert into sign_in_attempt values (${`email:${JSON.stringify(email)}`}, 49, now())`);
    const answers = await Promise.all(Array.from({ length: 8 }, () => guess(email, elsewhere())));
    expect(reasons(answers, 'wrong')).toBe(1);
    expect(reasons(answers, 'throttled')).toBe(7);
  });

  it('counts no failures for people who know their password', async () => {
    const { email } = await newUser();
    const from = elsewhere();
    for (let time = 0; time < 2; time++)
      expect(await signInWithPassword(email, PASSWORD, from)).toMatchObject({ ok: true });
    const counted = await rows(
      pool(),
      sql`select failures from sign_in_attempt where key like ${`%${from.ip}`} or key like ${`%${email}%`}`,
    );
    expect(counted).toEqual([{ failures: 0 }]);
  });

  it('lets nobody lock a person out: guesses are counted per machine, and a known browser has its own limit', async () => {
    const { email, userId } = await newUser();
    const [attacker, owner] = [elsewhere(), elsewhere()];
    const signedIn = await signInWithPassword(email, PASSWORD, owner);
    const device = rememberDevice(undefined, {
      userId,
      sessionVersion: signedIn.ok ? signedIn.user.sessionVersion : 0,
    });
    for (let time = 0; time < 10; time++) await guess(email, attacker);
    expect(await signInWithPassword(email, PASSWORD, elsewhere())).toMatchObject({ ok: true });
    // From other machines, and from the one that the person uses.
    await execute(
      pool(),
      sql`
        insert into sign_in_attempt
        select key, 1000, now() + interval '5 minutes'
        from unnest(${[`email:${JSON.stringify(email)}`, `network:${owner.ip}`]}::text[]) key
        on conflict (key) do update set failures = excluded.failures, next_at = excluded.next_at`,
    );
    expect(await signInWithPassword(email, PASSWORD, owner)).toMatchObject({ ok: false, reason: 'throttled' });
    expect(await signInWithPassword(email, PASSWORD, owner, device)).toMatchObject({ ok: true });
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(email, owner, device)));
    expect(reasons(answers, 'wrong')).toBe(10);
  });
});

describe('a known browser', () => {
  it('is known for its people until they change their password', async () => {
    const [anna, bo] = [await newUser(), await newUser()].map(({ userId }) => ({ userId, sessionVersion: 1 }));
    const cookie = rememberDevice(rememberDevice(undefined, anna!), bo!);
    expect([knownDevice(cookie, anna!), knownDevice(cookie, bo!)]).toEqual([expect.any(String), expect.any(String)]);
    expect(knownDevice(cookie, anna!)).not.toBe(knownDevice(cookie, bo!));
    expect(knownDevice(cookie, { ...anna!, sessionVersion: 2 })).toBeUndefined();
    expect(knownDevice(rememberDevice(undefined, anna!), bo!)).toBeUndefined();
    const changed = `${cookie.startsWith('A') ? 'B' : 'A'}${cookie.slice(1)}`;
    for (const forged of [undefined, '', 'forged', cookie.slice(0, -4), changed])
      expect(knownDevice(forged, anna!)).toBeUndefined();
  });
});

describe('an attempt', () => {
  const start = new Date('2026-01-01T12:00:00Z');
  const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
  const limit = (key: string): Limit[] => [
    { key, free: 2, firstSeconds: 30, longestSeconds: 100, onSuccess: 'forget' },
  ];

  it('waits longer each time, up to a limit, and starts over after a quiet time', async () => {
    const limits = limit('waits');
    const steps: [number, number | 'taken'][] = [
      [0, 'taken'],
      [0, 'taken'],
      [0, 30],
      [29, 1],
      [30, 'taken'],
      [30, 60],
      [90, 'taken'],
      [90, 100],
      [190, 'taken'],
      [190, 100],
      [290 + 15 * 60 + 1, 'taken'],
      [290 + 15 * 60 + 1, 'taken'],
    ];
    for (const [seconds, expected] of steps) {
      const attempt = await takeAttempt(limits, after(seconds));
      expect([seconds, attempt.ok ? 'taken' : attempt.waitSeconds]).toEqual([seconds, expected]);
    }
  });

  it('is taken from all limits or from none, and returned after a success', async () => {
    const [one] = limit('one');
    const two: Limit = { ...one!, key: 'two', free: 100, onSuccess: 'give back' };
    for (let time = 0; time < 5; time++) await takeAttempt([two, one!], start);
    const counted = () =>
      rows(pool(), sql`select key, failures from sign_in_attempt where key in ('one', 'two') order by key`);
    expect(await counted()).toEqual([
      { key: 'one', failures: 2 },
      { key: 'two', failures: 2 },
    ]);
    await settleAttempt([one!, two], start);
    expect(await counted()).toEqual([{ key: 'two', failures: 1 }]);
  });

  it('is removed by the nightly task', async () => {
    const long = limit('long').map((item) => ({ ...item, quietMinutes: 10 * 525_600 }));
    await takeAttempt(limit('forgotten'), start);
    await takeAttempt(long, start);
    await takeAttempt(limit('remembered'));
    await removeOldAttempts();
    const left = await rows(
      pool(),
      sql`select key from sign_in_attempt where key in ('forgotten', 'long', 'remembered') order by key`,
    );
    expect(left).toEqual([{ key: 'long' }, { key: 'remembered' }]);
  });

  it('stays for the quiet time of its limit', async () => {
    const [item] = limit('quiet').map((each) => ({ ...each, free: 2, firstSeconds: 60, quietMinutes: 1_440 }));
    const at = (minutes: number) => takeAttempt([item!], new Date(start.getTime() + minutes * 60_000));
    const taken = [await at(0), await at(0), await at(20), await at(20), await at(20 + 1_439), await at(20 + 1_439)];
    expect(taken.map(({ ok }) => ok)).toEqual([true, true, true, false, true, false]);
  });

  it('counts an IPv6 site as one network, and words the time to wait', () => {
    expect(networkOf('2001:db8:1:2:aaaa::1')).toBe(networkOf('2001:db8:1:2:bbbb::2'));
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
    expect([networkOf('::ffff:10.0.0.1'), networkOf('10.0.0.1'), networkOf(null)]).toEqual([
      '10.0.0.1',
      '10.0.0.1',
      'unknown',
    ]);
    expect([0.2, 30, 240].map(inWords)).toEqual(['1 second', '30 seconds', '4 minutes']);
  });
});

describe('a password', () => {
  const known = ['olga.owner@example.com', 'Olga Owner', 'Fjord AS', 'Nordic Outfitters AB'];

  it.each([
    '123456789012',
    'aaaaaaaaaaaaaaaa',
    '              ',
    'password1234',
    'qwertyuiop12',
    'olga.owner@example.com',
    'OlgaOwner2026',
    'x1'.repeat(100),
    'Nordic Outfitters',
    'nordic-outfitters AB',
    'Outfitters Nordic 26',
    'Fjord AS, Nordic Outfitters',
  ])('that is easy to guess is refused: %s', async (password) => {
    await expect(requireStrongPassword(password, known)).rejects.toThrow('easy to guess');
  });

  it('of a few words is accepted', async () => {
    await requireStrongPassword('seven grey umbrellas', known);
    await requireStrongPassword('seven grey nordic umbrellas', known);
  });

  it('matches from every keyboard, and hashes from before normalisation still match', async () => {
    const [composed, decomposed] = ['sju grå paraplyer', 'sju gra\u030a paraplyer'];
    expect(await passwordFits(await hashPassword(composed), decomposed)).toBe(true);
    const { hash } = await import('@node-rs/argon2');
    expect(await passwordFits(await hash(decomposed), decomposed)).toBe(true);
    expect(await passwordFits(await hash(decomposed), 'another')).toBe(false);
  });

  it('is changed only by those who know it: ten of thirty concurrent guesses are checked', async () => {
    const me = await newUser();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => changeMyPassword(me, { current: 'a guess', password: 'seven grey umbrellas' })),
    );
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code));
    expect(codes.filter((code) => code === 'invalid')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(20);
    expect(await changeMyPassword(me, { current: PASSWORD, password: 'seven grey umbrellas' })).toMatchObject({
      ok: false,
      refusal: { code: 'too_many_requests' },
    });
  });

  it('is refused if it is easy to guess, and one of two concurrent changes wins', async () => {
    const me = await newUser();
    expect(await changeMyPassword(me, { current: PASSWORD, password: me.email })).toMatchObject({
      ok: false,
      refusal: { field: 'password' },
    });
    expect(await changeMyPassword(me, { current: PASSWORD, password: PASSWORD })).toMatchObject({
      ok: false,
      refusal: { field: 'password', message: 'This is your current password. Choose a different one.' },
    });
    const both = await Promise.all(
      ['seven grey umbrellas', 'eight blue bicycles'].map((password) =>
        changeMyPassword(me, { current: PASSWORD, password }),
      ),
    );
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('single sign-on', () => {
  const from: Origin = { ip: null, userAgent: null };
  const identity = (email: string | null, more: Partial<Identity> = {}): Identity => ({
    issuer: 'https://id.example.com',
    subject: `sub-${email}`,
    email,
    emailVerified: true,
    ...more,
  });

  it.each([
    [true, true, true],
    ['true', true, true],
    [undefined, false, true],
    [false, false, false],
    ['false', false, false],
  ])('treats an address with email_verified %j as verified: %j; if the operator trusts it: %j', (given, not, if_) => {
    const claims = { iss: 'https://id.example.com', sub: '1', email: 'owner@example.com', email_verified: given };
    expect(identityOf(claims, { trustEmail: false })).toMatchObject({ emailVerified: not });
    expect(identityOf(claims, { trustEmail: true })).toMatchObject({ emailVerified: if_ });
  });

  it.each([{}, { sub: '1' }, { iss: 'x', sub: '' }, { iss: 'x', sub: 'a\u0000' }, { iss: 'x', sub: 1 }, null])(
    'finds no identity in the claims %j',
    (claims) => expect(identityOf(claims, { trustEmail: true })).toBeNull(),
  );

  it('signs in by a verified address the first time, and by issuer and subject from then on', async () => {
    const { email, userId } = await newUser();
    const anna = identity(email.toUpperCase());
    expect(await signInWithProvider({ ...anna, emailVerified: false }, from)).toEqual({
      ok: false,
      reason: 'unverified',
    });
    expect(await signInWithProvider(anna, from)).toMatchObject({ ok: true, user: { userId } });
    const others = [{ subject: 'somebody else' }, { issuer: 'https://other.example.com' }];
    for (const other of others)
      expect(await signInWithProvider({ ...anna, ...other }, from)).toEqual({ ok: false, reason: 'other-identity' });
    const moved = { ...anna, email: 'anna.now@example.com', emailVerified: false };
    expect(await signInWithProvider(moved, from)).toMatchObject({ ok: true, user: { userId, email } });
  });

  it('is linked once by concurrent sign-ins', async () => {
    const { email } = await newUser();
    const anna = identity(email);
    const same = await Promise.all([1, 2, 3].map(() => signInWithProvider(anna, from)));
    expect(same.map(({ ok }) => ok)).toEqual([true, true, true]);
    const { email: another } = await newUser();
    const two = await Promise.all(
      ['a', 'b'].map((subject) => signInWithProvider(identity(another, { subject }), from)),
    );
    expect(two.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('is unlinked by an Admin, or by the person', async () => {
    const person = await newUser();
    for (const [by, subject] of [
      [account.admin, 'first'],
      [person, 'second'],
      [account.owner, 'third'],
    ] as const) {
      const signedIn = await signInWithProvider(identity(person.email, { subject }), from);
      expect(signedIn).toMatchObject({ ok: true });
      expect(await unlinkIdentity(by, { userId: person.userId })).toMatchObject({ ok: true });
    }
    const other = { ...account.marketer, userId: account.marketer.userId };
    expect(await unlinkIdentity(other, { userId: person.userId })).toMatchObject({ ok: false });
    expect(await unlinkIdentity(account.owner, { userId: person.userId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('refuses people without a user, and deactivated users', async () => {
    const { email, userId } = await newUser();
    expect(await signInWithProvider(identity('stranger@example.com'), from)).toEqual({ ok: false, reason: 'unknown' });
    expect(await signInWithProvider(identity(null), from)).toEqual({ ok: false, reason: 'unknown' });
    await signInWithProvider(identity(email), from);
    await setUserActive(account.owner, { userId, active: false });
    expect(await signInWithProvider(identity(email), from)).toEqual({ ok: false, reason: 'unknown' });
  });
});
