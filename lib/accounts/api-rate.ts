// Limits of calls per account, shared by all processes: each takes calls in blocks from a counter in the database.
import type { AccountId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';

/** `limit` calls in each window of `seconds`. */
export type RateLimit = { limit: number; seconds: number };

/** `left`: calls that the account has left, as far as this process knows. `retryAfter`: seconds. */
export type Taken = { ok: true; left: number } | { ok: false; retryAfter: number };

type Window = {
  since: number;
  left: number;
  /** What was left for all processes when this one last asked. */
  elsewhere: number;
  /** The account has used up this window. */
  empty: boolean;
  /** A request for a block in progress: calls that arrive in the meantime wait for it instead of requesting their own. */
  asking: Promise<void> | undefined;
};

const windows = new Map<string, Window>();
const BLOCKS = 10;

/** Takes one call from the account's window, or returns when the next window begins. */
export async function takeCall(accountId: AccountId, bucket: string, limit: RateLimit): Promise<Taken> {
  const length = limit.seconds * 1_000;
  const since = Math.floor(Date.now() / length) * length;
  const name = `${accountId}:${bucket}`;
  let window = windows.get(name);
  if (window?.since !== since) {
    window = { since, left: 0, elsewhere: 0, empty: false, asking: undefined };
    windows.set(name, window);
  }
  while (window.left === 0 && !window.empty) {
    window.asking ??= takeBlock(window, accountId, bucket, limit);
    await window.asking;
  }
  if (window.left === 0)
    return { ok: false, retryAfter: Math.max(1, Math.ceil((since + length - Date.now()) / 1_000)) };
  window.left--;
  return { ok: true, left: window.left + window.elsewhere };
}

async function takeBlock(window: Window, accountId: AccountId, bucket: string, { limit }: RateLimit): Promise<void> {
  const block = Math.max(1, Math.floor(limit / BLOCKS));
  try {
    // Incremented before checking the limit, so that two processes cannot take the same calls.
    const [counter] = await rows<{ taken: number }>(
      pool(),
      sql`
        insert into api_rate (account_id, bucket, since, taken)
        values (${accountId}, ${bucket}, ${new Date(window.since)}, ${block})
        on conflict (account_id, bucket, since) do update set taken = api_rate.taken + ${block}
        returning taken`,
      { prepare: true },
    );
    const granted = Math.max(0, Math.min(block, limit - (counter!.taken - block)));
    window.left += granted;
    window.elsewhere = Math.max(0, limit - counter!.taken);
    window.empty = granted === 0;
  } finally {
    window.asking = undefined;
  }
}

/** Removes the counters of past windows. */
export async function removeOldRates(now = new Date()): Promise<void> {
  await execute(pool(), sql`delete from api_rate where since < ${new Date(now.getTime() - 3_600_000)}`);
}
