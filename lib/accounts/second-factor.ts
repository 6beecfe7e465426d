// The second factor of a person: an authenticator app and ten recovery codes. Set up, renewed and turned off by themselves, reset by
// those who may change them; an account can require it of everyone who signs in by password.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { recordAudit } from '@/lib/audit/record';
import { seal } from '@/lib/config/seal';
import { UserIdSchema, type UserId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { tell } from './code-check';
import { requireProof } from './proof';
import { newRecoveryCodes } from './recovery-codes';
import { requireMayGovern, sectionsOf } from './role-rules';
import { sealedToken } from './sealed-token';
import { mailNotice } from './system-mail';
import { appAddress, newSecret, stepOfCode } from './totp';
import { lockUser, requirePerson } from './users';

/** A secret that waits for its first code, for this person only. */
const setUpToken = sealedToken('set-up', z.object({ userId: UserIdSchema, secret: z.string() }), { minutes: 60 });

/** What an app needs, and the token that goes back with its first code. `key`: to type instead of the QR code. */
export type SetUp = { token: string; key: string; address: string };

export const newSetUp = (userId: UserId, email: string, secret = newSecret()): SetUp => ({
  token: setUpToken.make({ userId, secret }),
  key: secret.match(/.{1,4}/g)!.join(' '),
  address: appAddress(secret, email),
});

const CodeSchema = z.string().trim().max(100, 'Enter the six digits that your app shows now.');

/** The secret and its time step if the first code is right. Refuses otherwise. */
export function firstCode(userId: UserId, token: string, code: string, at: Date): { secret: string; step: number } {
  const waiting = setUpToken.read(token, at);
  if (waiting?.userId !== userId) refuse('conflict', 'Too much time has passed. Begin again.');
  const digits = code.replace(/[\s-]+/g, '');
  const step = /^\d{6}$/.test(digits) ? stepOfCode(waiting.secret, digits, at) : null;
  if (step === null) {
    refuse('invalid', 'This code is wrong. Enter the six digits that your app shows now for Tagwell.', {
      field: 'code',
    });
  }
  return { secret: waiting.secret, step };
}

/** Stores a new second factor in place of an earlier one. Returns the recovery codes, which are shown once. */
export async function storeFactor(
  tx: Tx,
  userId: UserId,
  { secret, step }: { secret: string; step: number },
  at: Date,
): Promise<string[]> {
  const prisma = prismaOn(tx);
  await prisma.secondFactor.deleteMany({ where: { userId } });
  await prisma.secondFactor.create({
    data: { userId, secret: seal(secret), since: at, lastStep: step },
    select: { userId: true },
  });
  return addRecoveryCodes(tx, userId);
}

async function addRecoveryCodes(tx: Tx, userId: UserId): Promise<string[]> {
  const { codes, hashes } = newRecoveryCodes();
  await prismaOn(tx).recoveryCode.createMany({ data: hashes.map((codeHash) => ({ userId, codeHash })) });
  return codes;
}

/** The acting person's own row, locked. */
async function ownRow(tx: Tx, actor: Actor) {
  const user = await lockUser(tx, actor.accountId, requirePerson(actor));
  return { accountId: actor.accountId, email: user.email, from: actor.from, userId: user.id };
}

/** Begins to set up an app: nothing is stored before its first code. */
export const beginSecondFactor = query({
  name: 'users.begin-second-factor',
  scope: 'account',
  allow: 'readers',
  input: z.object({ proof: z.string().max(2_000) }),
  run: async ({ db, actor }, { proof }): Promise<SetUp> => {
    const userId = await requireProof(db, actor, proof);
    const { email } = await one<{ email: string }>(db, sql`select email from app_user where id = ${userId}`);
    return newSetUp(userId, email);
  },
});

/** Sets up the app whose first code this is; an earlier app and its recovery codes no longer work. */
export const setUpSecondFactor = command({
  name: 'users.set-up-second-factor',
  secret: true,
  scope: 'account',
  allow: 'everyone',
  input: z.object({ setUp: z.string().max(2_000), code: CodeSchema }),
  run: async ({ tx, actor }, { setUp, code }) => {
    const at = new Date();
    const own = await ownRow(tx, actor);
    const codes = await storeFactor(tx, own.userId, firstCode(own.userId, setUp, code, at), at);
    await tell(tx, own, { what: 'set-up' });
    return { userId: own.userId, codes };
  },
  audit: (_input, { userId }) => ({ summary: 'Set up two-factor sign-in', subject: `user:${userId}` }),
});

/** Makes ten new recovery codes; the earlier ones no longer work. */
export const renewRecoveryCodes = command({
  name: 'users.renew-recovery-codes',
  secret: true,
  scope: 'account',
  allow: 'everyone',
  input: z.object({ proof: z.string().max(2_000) }),
  run: async ({ tx, prisma, actor }, { proof }) => {
    const userId = await requireProof(tx, actor, proof);
    const own = await ownRow(tx, actor);
    if ((await prisma.secondFactor.count({ where: { userId } })) === 0) refuse('conflict', OFF);
    await prisma.recoveryCode.deleteMany({ where: { userId } });
    const codes = await addRecoveryCodes(tx, userId);
    await tell(tx, own, { what: 'codes-renewed' });
    return { userId, codes };
  },
  audit: (_input, { userId }) => ({ summary: 'Made new recovery codes', subject: `user:${userId}` }),
});

/** Turns the actor's own second factor off, unless their account requires it. */
export const turnOffSecondFactor = command({
  name: 'users.turn-off-second-factor',
  scope: 'account',
  allow: 'everyone',
  input: z.object({ proof: z.string().max(2_000) }),
  run: async ({ tx, prisma, actor, accountId }, { proof }) => {
    const userId = await requireProof(tx, actor, proof);
    const own = await ownRow(tx, actor);
    const { secondFactorRequiredAt } = await prisma.account.findFirstOrThrow({
      where: { id: accountId },
      select: { secondFactorRequiredAt: true },
    });
    if (secondFactorRequiredAt) {
      refuse('not_allowed', 'Your account requires two-factor sign-in. You can change to another app instead.');
    }
    const { count } = await prisma.secondFactor.deleteMany({ where: { userId } });
    if (count === 0) refuse('conflict', OFF);
    await tell(tx, own, { what: 'turned-off' });
    return { userId };
  },
  audit: (_input, { userId }) => ({ summary: 'Turned off two-factor sign-in', subject: `user:${userId}` }),
});

const OFF = 'Two-factor sign-in is turned off already. Reload the page.';

/** For somebody who has lost their app and their recovery codes: their password alone is enough again. */
export const resetSecondFactor = command({
  name: 'users.reset-second-factor',
  scope: 'account',
  allow: 'admins',
  input: z.object({ userId: UserIdSchema }),
  run: async ({ tx, prisma, actor, accountId }, { userId }) => {
    if (actor.kind === 'user' && actor.userId === userId) {
      refuse('not_allowed', 'You turn off your own two-factor sign-in under My account, with a code.');
    }
    const user = await lockUser(tx, accountId, userId);
    requireMayGovern(actor, user);
    const { count } = await prisma.secondFactor.deleteMany({ where: { userId } });
    if (count === 0) refuse('conflict', `${user.name} has no two-factor sign-in. Reload the page.`);
    await mailNotice(tx, { accountId, email: user.email }, { what: 'reset', by: actor.name });
    return { name: user.name };
  },
  audit: ({ userId }, { name }) => ({
    summary: `Reset the two-factor sign-in of ${name}`,
    subject: `user:${userId}`,
  }),
});

/** Requires a second factor of everyone in the account who signs in by password, from their next sign-in on; or no longer. */
export const requireSecondFactor = command({
  name: 'accounts.require-second-factor',
  scope: 'account',
  allow: 'admins',
  input: z.object({ required: z.boolean() }),
  run: async ({ prisma, actor, accountId }, { required }) => {
    if (sectionsOf(actor) !== 'all') {
      refuse('not_allowed', 'This concerns people of all sections. Ask an Account Owner or Admin who can access all.');
    }
    const { count } = await prisma.account.updateMany({
      where: { id: accountId, secondFactorRequiredAt: required ? null : { not: null } },
      data: { secondFactorRequiredAt: required ? new Date() : null },
    });
    return { changed: count > 0 };
  },
  audit: ({ required }, { changed }) =>
    changed
      ? {
          summary: required
            ? 'Required two-factor sign-in of everyone'
            : 'Two-factor sign-in is no longer required of everyone',
        }
      : null,
});

/** How somebody signs in, as they see it themselves. `since`: null without a second factor. */
export type OwnSignIn = {
  hasPassword: boolean;
  hasIdentity: boolean;
  since: Date | null;
  codesLeft: number;
  wrongCodes: number;
  isRequired: boolean;
};

export const readOwnSignIn = query({
  name: 'users.read-own-sign-in',
  scope: 'account',
  allow: 'readers',
  input: z.object({}),
  run: async ({ db, actor }): Promise<OwnSignIn> =>
    one<OwnSignIn>(
      db,
      sql`
        select password_hash is not null as "hasPassword", identity_subject is not null as "hasIdentity",
          second_factor.since, coalesce(wrong_codes, 0) as "wrongCodes",
          second_factor_required_at is not null as "isRequired",
          (select count(*)::int from recovery_code where recovery_code.user_id = app_user.id and used_at is null) as "codesLeft"
        from app_user
        join account on account.id = account_id
        left join second_factor on second_factor.user_id = app_user.id
        where app_user.id = ${requirePerson(actor)}`,
    ),
});

/** Since when the account requires a second factor; null if people choose. */
export const readSecondFactorRule = query({
  name: 'accounts.read-second-factor-rule',
  scope: 'account',
  allow: 'admins',
  input: z.object({}),
  run: async ({ db, accountId }): Promise<{ requiredSince: Date | null }> =>
    one(db, sql`select second_factor_required_at as "requiredSince" from account where id = ${accountId}`),
});

/**
 * For the operator of the installation, when nobody is left who could reset it: removes somebody's second factor. Not a command: anyone who
 * runs it has the database. Returns the person's name; undefined if there is nobody with a second factor and this address.
 */
export async function resetByOperator(tx: Tx, email: string): Promise<string | undefined> {
  const user = await maybeOne<{ id: UserId; accountId: Actor['accountId']; name: string; email: string }>(
    tx,
    sql`
      select id, account_id as "accountId", name, email from app_user
      where email = ${email.trim().toLowerCase()} and id in (select user_id from second_factor)
      for update of app_user`,
  );
  if (!user) return undefined;
  await rows(tx, sql`delete from second_factor where user_id = ${user.id}`);
  await recordAudit(tx, {
    accountId: user.accountId,
    sectionId: null,
    actorKind: 'system',
    userId: null,
    actorName: 'Operator',
    command: 'users.reset-second-factor',
    subject: `user:${user.id}`,
    summary: `Reset the two-factor sign-in of ${user.name}, on the server`,
    ip: null,
    userAgent: null,
  });
  await mailNotice(tx, user, { what: 'reset', by: 'The operator of the server' });
  return user.name;
}
