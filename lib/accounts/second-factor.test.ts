// The second factor: a code is accepted once and with a clock that is a little off, guesses are slow and are told, and nothing but the
// operator, an Admin or a code gets around it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Origin, UserActor } from '@/lib/access/actor';
import { valueOf } from '@/lib/access/refusal';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { addMailbox, chooseForSystemMail } from '@/lib/sending/commands';
import { listCaught, readCaught } from '@/lib/sending/caught';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { acceptInvitation } from './accept';
import { createApiKey } from './api-keys';
import { checkClient } from './callers';
import { createUser } from './create';
import { rememberDevice } from './devices';
import { createPasswordLink, inviteUser } from './invitations';
import { changeMyPassword } from './my-password';
import { hashPassword } from './passwords';
import { proveMyself } from './proof';
import { readUsers } from './reads';
import {
  beginSecondFactor,
  readOwnSignIn,
  renewRecoveryCodes,
  requireSecondFactor,
  resetByOperator,
  resetSecondFactor,
  setUpSecondFactor,
  turnOffSecondFactor,
} from './second-factor';
import { finishBySettingUp, finishWithCode, readSecondStep } from './second-step';
import { signInWithPassword, signInWithProvider } from './sign-in';
import { sendSystemMail } from './system-mail';
import { codeAt } from './totp';
import { setUserActive } from './users';

const PASSWORD = 'seven warm lamps on a hill';
let passwordHash: string;
let account: TestAccount;
beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD);
  account = await createTestAccount();
});

let machine = 0;
/** A machine from which nobody has signed in. */
const elsewhere = (): Origin => ({
  ip: `10.78.${Math.floor(++machine / 250)}.${machine % 250}`,
  userAgent: 'Firefox/1 Linux',
});

type Person = { actor: UserActor; secret: string; codes: string[] };

async function newPerson(in_ = account): Promise<UserActor> {
  const email = `${randomUUID().slice(0, 8)}@example.com`;
  const userId = await transaction((tx) =>
    createUser(tx, in_.accountId, { email, name: 'Nora', role: 'user', passwordHash, sections: 'all' }),
  );
  return { ...in_.marketer, userId, email, name: 'Nora', sections: 'all' };
}

const prove = async (actor: UserActor, code?: string) =>
  valueOf(await proveMyself(actor, { password: PASSWORD, ...(code && { code }) })).proof;

/** Sets the second factor up as the page does. */
async function withFactor(actor: UserActor, proof?: string): Promise<Person> {
  const begun = valueOf(await beginSecondFactor(actor, { proof: proof ?? (await prove(actor)) }));
  const secret = begun.key.replaceAll(' ', '');
  const { codes } = valueOf(await setUpSecondFactor(actor, { setUp: begun.token, code: codeAt(secret, new Date()) }));
  return { actor, secret, codes };
}
const newPersonWithFactor = async (in_ = account) => withFactor(await newPerson(in_));

/** The first step of a sign-in; returns the token of the second. */
async function firstStep({ email }: { email: string }, from = elsewhere(), device?: string): Promise<string> {
  const result = await signInWithPassword(email, PASSWORD, from, device);
  if (result.ok || result.reason !== 'second-step') throw new Error(JSON.stringify(result));
  return result.step.token;
}
/** Of the next step, as that of now was used for setting up; it stays good if a step ends in the middle of a test. */
const now = (person: Person, off = 1) => codeAt(person.secret, new Date(Date.now() + off * 30_000));
const wrongFor = (person: Person) => {
  const right = [-2, -1, 0, 1, 2].map((off) => now(person, off));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code))!;
};
const enter = (token: string, code: string, from = elsewhere(), device?: string, at?: Date) =>
  finishWithCode(token, { code }, from, device, at);
const REFUSED = { ok: false, refusal: { code: 'invalid', field: 'code' } };
const refusedAs = (message: string) => ({
  ok: false,
  refusal: { message: expect.stringContaining(message) as string },
});
const sessionsOf = async ({ userId }: UserActor) =>
  (await rows(pool(), sql`select from user_session where user_id = ${userId}`)).length;
const audited = async ({ userId }: UserActor) =>
  (
    await rows<{ summary: string }>(
      pool(),
      sql`select summary from audit_entry where user_id = ${userId} or subject = ${`user:${userId}`} order by id`,
    )
  ).map(({ summary }) => summary);

describe('setting it up', () => {
  it('takes the password and a first code; the secret is sealed, the recovery codes are hashes', async () => {
    const actor = await newPerson();
    expect(await proveMyself(actor, { password: 'not mine' })).toMatchObject({
      ok: false,
      refusal: { field: 'password' },
    });
    expect(await beginSecondFactor(actor, { proof: 'forged' })).toMatchObject(refusedAs('Enter your password'));
    const begun = valueOf(await beginSecondFactor(actor, { proof: await prove(actor) }));
    expect(await setUpSecondFactor(actor, { setUp: begun.token, code: '12345' })).toMatchObject(REFUSED);
    expect(valueOf(await readOwnSignIn(actor, {}))).toMatchObject({ since: null, hasPassword: true });
    const secret = begun.key.replaceAll(' ', '');
    const { codes } = valueOf(await setUpSecondFactor(actor, { setUp: begun.token, code: codeAt(secret, new Date()) }));
    expect(codes).toHaveLength(10);
    expect(valueOf(await readOwnSignIn(actor, {}))).toMatchObject({ since: expect.any(Date) as Date, codesLeft: 10 });
    const stored = await one<{ text: string }>(
      pool(),
      sql`
        select second_factor::text || (select string_agg(code_hash, ' ') from recovery_code where user_id = ${actor.userId}) as text
        from second_factor where user_id = ${actor.userId}`,
    );
    const kept = await one<{ secret: Buffer }>(
      pool(),
      sql`select secret from second_factor where user_id = ${actor.userId}`,
    );
    for (const plain of [secret, ...codes, ...codes.map((code) => code.replaceAll('-', ''))]) {
      expect(stored.text).not.toContain(plain);
      expect(kept.secret.toString('latin1')).not.toContain(plain);
    }
  });

  it('is for the person who began it, and proofs are for whom they were made', async () => {
    const [actor, other] = [await newPerson(), await newPerson()];
    const proof = await prove(actor);
    expect(await beginSecondFactor(other, { proof })).toMatchObject(refusedAs('Enter your password'));
    const begun = valueOf(await beginSecondFactor(actor, { proof }));
    const code = codeAt(begun.key.replaceAll(' ', ''), new Date());
    expect(await setUpSecondFactor(other, { setUp: begun.token, code })).toMatchObject(refusedAs('Begin again'));
    // A changed password ends proofs.
    valueOf(await changeMyPassword(actor, { current: PASSWORD, password: `${PASSWORD} again` }));
    expect(await beginSecondFactor(actor, { proof })).toMatchObject(refusedAs('Enter your password'));
  });

  it('asks for a code too once there is one, and a new app ends the old one with its recovery codes', async () => {
    const old = await newPersonWithFactor();
    expect(await proveMyself(old.actor, { password: PASSWORD })).toMatchObject(REFUSED);
    expect(await proveMyself(old.actor, { password: PASSWORD, code: wrongFor(old) })).toMatchObject(REFUSED);
    const fresh = await withFactor(old.actor, await prove(old.actor, now(old)));
    const token = await firstStep(old.actor);
    expect(await enter(token, now(old, 1))).toMatchObject(REFUSED);
    expect(await enter(token, old.codes[0]!)).toMatchObject(REFUSED);
    expect(await enter(token, now(fresh))).toMatchObject({ ok: true });
  });
});

describe('signing in with it', () => {
  it('has no session before the code; then it has, and the audit log says how', async () => {
    const person = await newPersonWithFactor();
    const token = await firstStep(person.actor);
    expect([await sessionsOf(person.actor), await readSecondStep(token)]).toEqual([0, 'code']);
    const from = elsewhere();
    const code = now(person);
    expect(await enter(token, ` ${code.slice(0, 3)} ${code.slice(3)} `, from)).toMatchObject({
      ok: true,
      value: { userId: person.actor.userId, email: person.actor.email },
    });
    expect(await sessionsOf(person.actor)).toBe(1);
    expect((await audited(person.actor)).at(-1)).toBe('Signed in by password and a code');
  });

  it('says nothing of it to a wrong password', async () => {
    const person = await newPersonWithFactor();
    const answer = await signInWithPassword(person.actor.email, 'wrong', elsewhere());
    expect(answer).toEqual(await signInWithPassword('nobody@example.com', 'wrong', elsewhere()));
  });

  it('accepts a code once, also of two at once, and none that is older', async () => {
    const person = await newPersonWithFactor();
    const [here, there] = [await firstStep(person.actor), await firstStep(person.actor)];
    const code = now(person);
    const both = await Promise.all([enter(here, code), enter(there, code)]);
    expect(both.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    expect(both.find(({ ok }) => !ok)).toMatchObject(refusedAs('has been used already'));
    expect(await enter(here, now(person, 0))).toMatchObject(refusedAs('has been used already'));
    expect(await sessionsOf(person.actor)).toBe(1);
  });

  it('accepts it with a clock one step off, not two', async () => {
    const person = await newPersonWithFactor();
    const at = new Date();
    const code = (off: number) => codeAt(person.secret, new Date(at.getTime() + off * 30_000));
    const token = await firstStep(person.actor);
    for (const off of [-3, 2]) expect(await enter(token, code(off), elsewhere(), undefined, at)).toMatchObject(REFUSED);
    expect(await enter(token, code(1), elsewhere(), undefined, at)).toMatchObject({ ok: true });
    const later = new Date(at.getTime() + 60_000);
    expect(await enter(token, code(1), elsewhere(), undefined, later)).toMatchObject(refusedAs('used already'));
    expect(await enter(token, code(2), elsewhere(), undefined, later)).toMatchObject({ ok: true });
  });

  it('accepts each recovery code once, also of two at once', async () => {
    const person = await newPersonWithFactor();
    const [here, there] = [await firstStep(person.actor), await firstStep(person.actor)];
    const code = person.codes[3]!;
    const both = await Promise.all([enter(here, code), enter(there, code.toUpperCase())]);
    expect(both.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    expect(await enter(here, code)).toMatchObject(refusedAs('has been used before'));
    expect(valueOf(await readOwnSignIn(person.actor, {})).codesLeft).toBe(9);
    expect(await enter(here, person.codes[4]!)).toMatchObject({ ok: true });
    expect(await audited(person.actor)).toContain('Signed in by password and a recovery code');
  });

  it('refuses what is no code in plain words', async () => {
    const person = await newPersonWithFactor();
    const token = await firstStep(person.actor);
    for (const code of ['', '12345', '1234567', '<b>', '١٢٣٤٥٦', 'a'.repeat(100)])
      expect(await enter(token, code)).toMatchObject(refusedAs('six digits'));
    expect(await enter(token, 'a'.repeat(101))).toMatchObject({ ok: false });
    expect(await enter(token, '123\u0000')).toMatchObject({ ok: false });
  });

  it('ends its second step with time, a new password, and a deactivated person', async () => {
    const person = await newPersonWithFactor();
    const token = await firstStep(person.actor);
    const late = new Date(Date.now() + 31 * 60_000);
    const ENDED = { ok: false, refusal: { code: 'not_found' } };
    expect([await readSecondStep(token, late), await readSecondStep('forged')]).toEqual([undefined, undefined]);
    expect(await enter(token, codeAt(person.secret, late), elsewhere(), undefined, late)).toMatchObject(ENDED);
    expect(await finishWithCode(undefined, { code: now(person) }, elsewhere())).toMatchObject(ENDED);
    valueOf(await changeMyPassword(person.actor, { current: PASSWORD, password: `${PASSWORD} again` }));
    expect(await enter(token, now(person))).toMatchObject(ENDED);
    const other = await newPersonWithFactor();
    const theirs = await firstStep(other.actor);
    valueOf(await setUserActive(account.owner, { userId: other.actor.userId, active: false }));
    expect(await enter(theirs, now(other))).toMatchObject(ENDED);
  });

  it('is not got around by a password link', async () => {
    const person = await newPersonWithFactor();
    const { token } = valueOf(await createPasswordLink(account.owner, { userId: person.actor.userId }));
    const used = valueOf(await acceptInvitation({ token, password: `${PASSWORD} again` }, elsewhere()));
    expect([used.sessionId, await sessionsOf(person.actor)]).toEqual([undefined, 0]);
    expect(await enter(used.step!.token, now(person))).toMatchObject({ ok: true });
    expect((await audited(person.actor)).at(-1)).toBe('Signed in with a link and a code');
  });

  it('leaves single sign-on to the identity provider', async () => {
    const { actor } = await newPersonWithFactor();
    const identity = { issuer: 'https://id.example', subject: actor.email, email: actor.email, emailVerified: true };
    expect(await signInWithProvider(identity, elsewhere())).toMatchObject({ ok: true });
  });

  it('says what to do where the secret of the installation has changed; recovery codes still work', async () => {
    const person = await newPersonWithFactor();
    await execute(
      pool(),
      sql`update second_factor set secret = ${Buffer.alloc(60)} where user_id = ${person.actor.userId}`,
    );
    const token = await firstStep(person.actor);
    expect(await enter(token, now(person))).toMatchObject(refusedAs('Use a recovery code'));
    expect(await enter(token, person.codes[0]!)).toMatchObject({ ok: true });
  });
});

describe('guesses', () => {
  it('are five from one network and ten from all, then wait, also for the right code', async () => {
    const person = await newPersonWithFactor();
    const token = await firstStep(person.actor);
    const attacker = elsewhere();
    const answers = await Promise.all(Array.from({ length: 12 }, () => enter(token, wrongFor(person), attacker)));
    const refused = (list: typeof answers, code: string) =>
      list.filter((answer) => !answer.ok && answer.refusal.code === code).length;
    expect([refused(answers, 'invalid'), refused(answers, 'too_many_requests')]).toEqual([5, 7]);
    const more = await Promise.all(Array.from({ length: 12 }, () => enter(token, wrongFor(person))));
    expect([refused(more, 'invalid'), refused(more, 'too_many_requests')]).toEqual([5, 7]);
    expect(await enter(token, now(person))).toMatchObject(refusedAs('or use a recovery code'));
    const again = await firstStep(person.actor);
    // Neither a recovery code nor a known browser waits for it.
    expect(await enter(again, person.codes[0]!, attacker)).toMatchObject({ ok: true });
    const device = rememberDevice(undefined, { userId: person.actor.userId, sessionVersion: 1 });
    expect(await enter(again, now(person), attacker, device)).toMatchObject({ ok: true });
    const known = await Promise.all(Array.from({ length: 12 }, () => enter(again, wrongFor(person), attacker, device)));
    expect([refused(known, 'invalid'), refused(known, 'too_many_requests')]).toEqual([10, 2]);
  });

  it('are forgotten after a right code', async () => {
    const person = await newPersonWithFactor();
    const from = elsewhere();
    const token = await firstStep(person.actor);
    for (let time = 0; time < 4; time++) await enter(token, wrongFor(person), from);
    expect(valueOf(await readOwnSignIn(person.actor, {})).wrongCodes).toBe(4);
    expect(await enter(token, now(person), from)).toMatchObject({ ok: true });
    expect(valueOf(await readOwnSignIn(person.actor, {})).wrongCodes).toBe(0);
    expect(await enter(token, wrongFor(person), from)).toMatchObject(REFUSED);
  });
});

describe('the person', () => {
  beforeEach(async () => {
    await execute(pool(), sql`delete from system_mail`);
  });
  const subjects = async () => {
    const waiting = await rows<{ id: number }>(pool(), sql`select id from system_mail where state = 'waiting'`);
    for (const { id } of waiting) await sendSystemMail(id);
    return rows<{ to: string; notice: { what: string } }>(
      pool(),
      sql`select to_address as "to", notice from system_mail where state = 'sent' order by id`,
    );
  };

  it('is told by mail of guesses, once a day, and of every change', async () => {
    const told = await createTestAccount();
    const { id: senderId } = valueOf(await addMailbox(told.admin, { sectionId: told.sectionId }));
    valueOf(await chooseForSystemMail(told.owner, { sectionId: told.sectionId, senderId, used: true }));
    const person = await newPersonWithFactor(told);
    const token = await firstStep(person.actor);
    for (let time = 0; time < 8; time++) await enter(token, wrongFor(person));
    await enter(token, person.codes[0]!);
    const proof = await prove(person.actor, person.codes[1]);
    valueOf(await renewRecoveryCodes(person.actor, { proof }));
    valueOf(await turnOffSecondFactor(person.actor, { proof }));
    const mails = await subjects();
    expect(mails.map(({ notice }) => notice.what)).toEqual([
      'set-up',
      'wrong-codes',
      'recovery-code-used',
      'recovery-code-used',
      'codes-renewed',
      'turned-off',
    ]);
    expect(new Set(mails.map(({ to }) => to))).toEqual(new Set([person.actor.email]));
    const where = { sectionId: told.sectionId, senderId, reader: 'owner' as const };
    const lines = await listCaught(pool(), { ...where, search: 'wrong codes', limit: 20 });
    const mail = (await readCaught(pool(), { ...where, id: lines[0]!.id }))!;
    expect(mail.text).toContain('5 wrong codes in a row');
    expect(mail.text).toContain('Firefox on Linux, from 10.78.');
    expect((await audited(person.actor)).filter((line) => line.includes('wrong codes'))).toHaveLength(1);
    expect(await listCaught(pool(), { ...where, reader: 'admin', search: '', limit: 20 })).toEqual([]);
  });

  it('gets none where the account has no sender for it', async () => {
    const person = await newPersonWithFactor();
    const token = await firstStep(person.actor);
    for (let time = 0; time < 5; time++) await enter(token, wrongFor(person));
    expect(await subjects()).toEqual([]);
    expect((await audited(person.actor)).at(-1)).toContain('5 wrong codes in a row after the right password');
  });
});

describe('an account', () => {
  it('that requires it leads people without it to set it up at their next sign-in, and newcomers too', async () => {
    const strict = await createTestAccount();
    const actor = await newPerson(strict);
    const before = await signInWithPassword(actor.email, PASSWORD, elsewhere());
    valueOf(await requireSecondFactor(strict.admin, { required: true }));
    expect([before.ok, await sessionsOf(actor)]).toEqual([true, 1]);
    expect(valueOf(await readOwnSignIn(actor, {}))).toMatchObject({ isRequired: true, since: null });

    const token = await firstStep(actor);
    const step = await readSecondStep(token);
    if (typeof step !== 'object') throw new Error('There is nothing to set up.');
    expect(await readSecondStep(token)).toMatchObject({ key: step.key });
    const code = codeAt(step.key.replaceAll(' ', ''), new Date());
    expect(await finishBySettingUp(token, { code: '000000', setUp: step.token }, elsewhere())).toMatchObject(REFUSED);
    const other = await firstStep(actor);
    const otherStep = (await readSecondStep(other)) as typeof step;
    expect(otherStep.key).not.toBe(step.key);
    const done = valueOf(await finishBySettingUp(token, { code, setUp: step.token }, elsewhere()));
    expect([done.codes.length, await sessionsOf(actor)]).toEqual([10, 2]);
    // The other browser cannot put its own app in place of this one.
    const late = { code: codeAt(otherStep.key.replaceAll(' ', ''), new Date()), setUp: otherStep.token };
    expect(await finishBySettingUp(other, late, elsewhere())).toMatchObject(refusedAs('in another browser'));
    expect(await readSecondStep(other)).toBe('code');
    const proof = await prove(actor, done.codes[0]);
    expect(await turnOffSecondFactor(actor, { proof })).toMatchObject(refusedAs('Your account requires'));

    const invited = `${randomUUID().slice(0, 8)}@example.com`;
    const link = valueOf(await inviteUser(strict.owner, { email: invited, role: 'user', sections: 'all' }));
    const joined = valueOf(await acceptInvitation({ token: link.token, name: 'New', password: PASSWORD }, elsewhere()));
    expect(joined.sessionId).toBeUndefined();
    expect(await readSecondStep(joined.step!.token)).toMatchObject({ key: expect.any(String) as string });

    valueOf(await requireSecondFactor(strict.admin, { required: false }));
    expect(await signInWithPassword(invited, PASSWORD, elsewhere())).toMatchObject({ ok: true });
    expect(await turnOffSecondFactor(actor, { proof })).toMatchObject({ ok: true });
    expect(await signInWithPassword(actor.email, PASSWORD, elsewhere())).toMatchObject({ ok: true });
  });

  it('is required by Admins with all sections only; what is so already is not written down', async () => {
    const strict = await createTestAccount();
    const limited = { ...strict.admin, sections: [await createTestSection(strict.accountId, 'Own')] };
    expect(await requireSecondFactor(limited, { required: true })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    expect(await requireSecondFactor(strict.marketer, { required: true })).toMatchObject({
      ok: false,
      refusal: { code: 'not_allowed' },
    });
    for (let time = 0; time < 2; time++) valueOf(await requireSecondFactor(strict.owner, { required: true }));
    const lines = (await audited(strict.owner)).filter((line) => line.startsWith('Required two-factor'));
    expect(lines).toHaveLength(1);
  });

  it('goes on answering its API keys, and single sign-on', async () => {
    const strict = await createTestAccount();
    const key = { name: 'Shop', keyspaces: 'all', sections: 'all', canWrite: true, expiresAt: null };
    const { clientId, secret } = valueOf(await createApiKey(strict.owner, key));
    valueOf(await requireSecondFactor(strict.owner, { required: true }));
    expect(await checkClient(clientId, secret)).toMatchObject({ accountId: strict.accountId });
    const actor = await newPerson(strict);
    const identity = { issuer: 'https://id.example', subject: actor.email, email: actor.email, emailVerified: true };
    expect(await signInWithProvider(identity, elsewhere())).toMatchObject({ ok: true });
  });
});

describe('a lost second factor', () => {
  it('is reset by those who may change the person, and audited; not by themselves, nor by others', async () => {
    const person = await newPersonWithFactor();
    const { userId } = person.actor;
    expect(valueOf(await readUsers(account.owner, {})).find(({ id }) => id === userId)).toMatchObject({
      hasSecondFactor: true,
    });
    const limited = { ...account.admin, sections: [account.sectionId] };
    for (const actor of [person.actor, account.marketer, limited])
      expect(await resetSecondFactor(actor, { userId })).toMatchObject({ ok: false, refusal: { code: 'not_allowed' } });
    const owner = await withFactor(
      await newPerson().then(async (actor): Promise<UserActor> => {
        await execute(pool(), sql`update app_user set role = 'owner' where id = ${actor.userId}`);
        return { ...actor, role: 'owner' };
      }),
    );
    expect(await resetSecondFactor(account.admin, { userId: owner.actor.userId })).toMatchObject({ ok: false });
    expect(await resetSecondFactor(owner.actor, { userId: owner.actor.userId })).toMatchObject({ ok: false });
    const token = await firstStep(person.actor);
    valueOf(await resetSecondFactor(account.admin, { userId }));
    expect(await resetSecondFactor(account.admin, { userId })).toMatchObject(refusedAs('has no two-factor'));
    expect((await audited(person.actor)).at(-1)).toBe('Reset the two-factor sign-in of Nora');
    // The second step of before does not let anybody in.
    expect(await readSecondStep(token)).toBeUndefined();
    for (const code of [now(person), person.codes[0]!]) expect(await enter(token, code)).toMatchObject({ ok: false });
    expect(await signInWithPassword(person.actor.email, PASSWORD, elsewhere())).toMatchObject({ ok: true });
  });

  it('of the only Owner is reset by the operator’s command', async () => {
    const person = await newPersonWithFactor();
    expect(await transaction((tx) => resetByOperator(tx, 'nobody@example.com'))).toBeUndefined();
    const { VITEST: _vitest, ...env } = process.env;
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/second-factor-reset.ts', ...args], { env });
    expect((await run(person.actor.email.toUpperCase())).stdout).toContain('Done: Nora signs in with the password');
    expect(await transaction((tx) => resetByOperator(tx, person.actor.email))).toBeUndefined();
    expect(await signInWithPassword(person.actor.email, PASSWORD, elsewhere())).toMatchObject({ ok: true });
    expect(await audited(person.actor)).toContain('Reset the two-factor sign-in of Nora, on the server');
  });
});
