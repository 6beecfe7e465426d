// Checking a code of an authenticator app, or a recovery code: each is accepted once, guesses are slowed down per person and network,
// and the person is told of them. Codes are asked for only after the password, so anyone guessing here knows it.
import type { Origin } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import { recordAudit } from '@/lib/audit/record';
import { networkOf } from '@/lib/config/address-range';
import { unsealIfReadable } from '@/lib/config/seal';
import type { AccountId, UserId } from '@/lib/db/ids';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { prismaOn } from '@/lib/db/prisma';
import { maybeOne, sql, type Tx } from '@/lib/db/sql';
import { inWords, settleAttempt, takeAttempt, type Limit } from './attempts';
import { deviceInWords, placeInWords, placeOf } from './device-words';
import type { Notice } from './notices';
import { hashOfTyped } from './recovery-codes';
import { mailNotice } from './system-mail';
import { stepOfCode } from './totp';

/** Whose code is checked. `device`: the id of the browser, if it is known for them (devices.ts). */
export type Asked = {
  userId: UserId;
  accountId: AccountId;
  name: string;
  email: string;
  from: Origin;
  device?: string;
};

/** What was right. */
export type Proven = 'app' | 'recovery code';

/** From this many wrong codes in a row on, the person is told, once a day at most. */
const TOLD_FROM = 5;
const TOLD_AGAIN_MS = 86_400_000;
const DAY_MINUTES = 1_440;

type Typed = { kind: 'app'; code: string } | { kind: 'recovery code'; hash: string };

/**
 * Checks a code and does `then` in the same transaction, so that a code is used up only by what it was entered for. Refuses at the
 * field `code`.
 */
export async function withCode<Value>(
  asked: Asked,
  text: string,
  then: (tx: Tx, proven: Proven) => Promise<Value>,
  at = new Date(),
): Promise<Value> {
  const typed = readTyped(text);
  const limits = limitsOf(typed.kind, asked);
  const attempt = await takeAttempt(limits, at);
  if (!attempt.ok) refuse('too_many_requests', tooMany(typed.kind, attempt.waitSeconds), { field: 'code' });
  const done = await transaction(async (tx) => {
    const problem = await tryCode(tx, asked, typed, at);
    return problem === undefined ? { value: await then(tx, typed.kind) } : { problem };
  }, RACE_CODES);
  if (done.problem !== undefined) refuse('invalid', done.problem, { field: 'code' });
  await settleAttempt(limits, at);
  return done.value;
}

function readTyped(text: string): Typed {
  const digits = text.replace(/[\s-]+/g, '');
  if (/^\d{6}$/.test(digits)) return { kind: 'app', code: digits };
  const hash = hashOfTyped(text);
  if (hash !== null) return { kind: 'recovery code', hash };
  return refuse('invalid', 'Enter the six digits that your app shows now, or one of your recovery codes.', {
    field: 'code',
  });
}

/**
 * Six digits can be guessed, so the count stays for a day, and waits grow to six hours: some ten guesses a day. A known browser has its
 * own count; recovery codes cannot be guessed, so they have wide limits, and nobody is locked out by others.
 */
function limitsOf(kind: Typed['kind'], { userId, from, device }: Asked): Limit[] {
  const network = networkOf(from.ip);
  const brief = { firstSeconds: 30, longestSeconds: 900, onSuccess: 'forget' as const };
  const long = { firstSeconds: 60, longestSeconds: 6 * 3_600, onSuccess: 'forget' as const, quietMinutes: DAY_MINUTES };
  const ofNetwork: Limit = {
    key: `code-from:${network}`,
    free: 100,
    firstSeconds: 1,
    longestSeconds: 5,
    onSuccess: 'give back',
  };
  if (kind === 'recovery code') {
    return [
      { key: `recovery:${userId}:${network}`, free: 10, ...brief },
      { key: `recovery:${userId}`, free: 100, ...brief },
      ofNetwork,
    ];
  }
  if (device !== undefined) return [{ key: `code-device:${device}`, free: 10, ...long }, ofNetwork];
  return [
    { key: `code:${userId}:${network}`, free: 5, ...brief },
    { key: `code:${userId}`, free: 10, ...long },
    ofNetwork,
  ];
}

function tooMany(kind: Typed['kind'], seconds: number): string {
  const wait = seconds < 5_400 ? inWords(seconds) : `${Math.ceil(seconds / 3_600)} hours`;
  return kind === 'app'
    ? `Too many wrong codes. Try again in ${wait}, or use a recovery code.`
    : `Too many wrong codes. Try again in ${wait}.`;
}

/** Uses up the code; otherwise counts it as wrong, and says what is wrong with it. */
async function tryCode(tx: Tx, asked: Asked, typed: Typed, at: Date): Promise<string | undefined> {
  const { userId } = asked;
  const factor = await maybeOne<{ secret: Buffer; lastStep: number; wrongCodes: number; toldAt: Date | null }>(
    tx,
    sql`
      select secret, last_step as "lastStep", wrong_codes as "wrongCodes", told_at as "toldAt" from second_factor
      where user_id = ${userId}
      for update`,
  );
  if (!factor) return 'Two-factor sign-in has been turned off in the meantime. Sign in again.';
  if (typed.kind === 'recovery code') {
    const used = await prismaOn(tx).recoveryCode.updateMany({
      where: { userId, codeHash: typed.hash, usedAt: null },
      data: { usedAt: at },
    });
    if (used.count === 0) return wrong(tx, asked, factor, at, 'This recovery code is wrong, or has been used before.');
    const left = await prismaOn(tx).recoveryCode.count({ where: { userId, usedAt: null } });
    await tell(tx, asked, { what: 'recovery-code-used', left });
    await setFactor(tx, userId, { wrongCodes: 0 });
    return undefined;
  }
  const secret = unsealIfReadable(factor.secret);
  if (secret === undefined) {
    return 'Codes of your app cannot be checked any more, as the secret of this installation has changed. Use a recovery code, or ask an Account Owner or Admin to reset your two-factor sign-in.';
  }
  const step = stepOfCode(secret, typed.code, at);
  if (step === null) {
    const more = 'If it stays wrong, look whether the clock of your phone is right.';
    return wrong(tx, asked, factor, at, `This code is wrong. Enter the one that your app shows now. ${more}`);
  }
  if (step <= factor.lastStep) return 'This code has been used already. Wait for the next one.';
  await setFactor(tx, userId, { lastStep: step, wrongCodes: 0 });
  return undefined;
}

const setFactor = (tx: Tx, userId: UserId, data: { lastStep?: number; wrongCodes?: number; toldAt?: Date }) =>
  prismaOn(tx).secondFactor.update({ where: { userId }, data, select: { userId: true } });

/** Counts a wrong code, and tells the person and the audit log once there are too many to be mistakes. */
async function wrong(
  tx: Tx,
  asked: Asked,
  factor: { wrongCodes: number; toldAt: Date | null },
  at: Date,
  message: string,
): Promise<string> {
  const { userId, accountId, name, from } = asked;
  const count = factor.wrongCodes + 1;
  const isToldLately = factor.toldAt !== null && at.getTime() - factor.toldAt.getTime() < TOLD_AGAIN_MS;
  if (count < TOLD_FROM || isToldLately) {
    await setFactor(tx, userId, { wrongCodes: count });
    return message;
  }
  await setFactor(tx, userId, { wrongCodes: count, toldAt: at });
  await tell(tx, asked, { what: 'wrong-codes', count });
  await recordAudit(tx, {
    accountId,
    sectionId: null,
    actorKind: 'system',
    userId,
    actorName: 'Tagwell',
    command: 'accounts.wrong-codes',
    subject: `user:${userId}`,
    summary: `${count} wrong codes in a row after the right password of ${name}`,
    ...from,
  });
  return message;
}

/** Every notice but a reset: those say in which browser and where. */
type Placed = Extract<Notice, { device: string }>;
type Unplaced<Which> = Which extends Placed ? Omit<Which, 'device' | 'place'> : never;

/** Tells the person by mail what happened, in which browser and where. */
export async function tell(
  tx: Tx,
  { accountId, email, from }: Pick<Asked, 'accountId' | 'email' | 'from'>,
  notice: Unplaced<Placed>,
): Promise<void> {
  const where = { device: deviceInWords(from.userAgent), place: placeInWords(placeOf(from.ip)) };
  await mailNotice(tx, { accountId, email }, { ...notice, ...where });
}
