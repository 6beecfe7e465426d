// Rate limits for guesses of passwords and links: an attempt is counted before it is checked, and each further one waits longer.
// Nobody is locked out for good: see 'Guesses wait, nobody is locked out' in docs/decisions.md.
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { refuse } from '@/lib/access/refusal';

/**
 * `free` attempts pass at once; the next waits `firstSeconds`, each further one twice as long, up to `longestSeconds`. `onSuccess`:
 * what a successful attempt does to the count.
 */
export type Limit = {
  key: string;
  free: number;
  firstSeconds: number;
  longestSeconds: number;
  onSuccess: 'forget' | 'give back';
  /** How long after the last wait the count is kept. */
  quietMinutes?: number;
};

export type Attempt = { ok: true } | { ok: false; waitSeconds: number };

/** A count expires after this time without attempts, unless its limit says otherwise. */
const QUIET_MINUTES = 15;

class TooSoon extends Error {
  constructor(readonly waitSeconds: number) {
    super('The next attempt has to wait.');
  }
}

/** Takes one attempt from all of the limits, or from none if one is exhausted; then returns the wait. `at`: the present. */
export async function takeAttempt(limits: readonly Limit[], at = new Date()): Promise<Attempt> {
  try {
    await transaction(async (tx) => {
      for (const limit of inOrder(limits)) await take(tx, limit, at);
    });
    return { ok: true };
  } catch (error) {
    if (error instanceof TooSoon) return { ok: false, waitSeconds: error.waitSeconds };
    throw error;
  }
}

/** Adjusts the counts after a successful attempt. */
export async function settleAttempt(limits: readonly Limit[], at = new Date()): Promise<void> {
  await transaction(async (tx) => {
    for (const { key, onSuccess } of inOrder(limits)) {
      await execute(
        tx,
        onSuccess === 'forget'
          ? sql`delete from sign_in_attempt where key = ${key}`
          : sql`update sign_in_attempt set failures = greatest(failures - 1, 0), next_at = ${at} where key = ${key}`,
      );
    }
  });
}

/** Takes an attempt, or refuses with the time to wait. */
export async function requireAttempt(limits: readonly Limit[]): Promise<void> {
  const attempt = await takeAttempt(limits);
  if (!attempt.ok) refuse('too_many_requests', `Too many attempts. Try again in ${inWords(attempt.waitSeconds)}.`);
}

/** '30 seconds', '4 minutes'. */
export function inWords(seconds: number): string {
  const [count, unit] =
    seconds < 90 ? [Math.max(1, Math.ceil(seconds)), 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Removes expired counts. */
export async function removeOldAttempts(at = new Date()): Promise<void> {
  await execute(pool(), sql`delete from sign_in_attempt where ${isForgotten(sql`sign_in_attempt`, at)}`);
}

/** A fixed order, so that two attempts cannot deadlock. */
const inOrder = (limits: readonly Limit[]) => [...limits].sort((left, right) => (left.key < right.key ? -1 : 1));

const isForgotten = (table: Sql, at: Date): Sql =>
  sql`${table}.next_at < ${at}::timestamptz - make_interval(mins => ${table}.quiet_minutes)`;

async function take(tx: Tx, limit: Limit, at: Date): Promise<void> {
  const { key, free, firstSeconds, longestSeconds, quietMinutes = QUIET_MINUTES } = limit;
  const old = isForgotten(sql`attempt`, at);
  const taken = await maybeOne(
    tx,
    sql`
      insert into sign_in_attempt as attempt (key, failures, next_at, quiet_minutes)
      values (${key}, 1, ${at}, ${quietMinutes})
      on conflict (key) do update
      set failures = case when ${old} then 1 else attempt.failures + 1 end,
          next_at = ${at}::timestamptz + make_interval(secs =>
            case when ${old} or attempt.failures + 1 < ${free}::int then 0
                 else least(${longestSeconds}::float, ${firstSeconds}::float * power(2, least(attempt.failures + 1 - ${free}::int, 20)))
            end)
      where attempt.failures < ${free}::int or attempt.next_at <= ${at}::timestamptz
      returning 1`,
  );
  if (taken) return;
  const { nextAt } = await one<{ nextAt: Date }>(
    tx,
    sql`select next_at as "nextAt" from sign_in_attempt where key = ${key}`,
  );
  throw new TooSoon(Math.max(1, (nextAt.getTime() - at.getTime()) / 1_000));
}
