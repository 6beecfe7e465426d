// The turns in which all processes call a CRM: a token bucket for each key of a vendor's limit. Each turn is one short statement.
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import type { TakeTurn } from './limiter';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * See `TakeTurn`. A row far ahead of `now` was written by a machine whose clock is ahead: it is written anew, so that nobody waits for
 * that clock. Each process then keeps to the limit by itself.
 */
export const takeTurn: TakeTurn = async (key, { everyMs, burst }, now) => {
  // Of processes that wait, each is one turn ahead.
  const furthest = now + (burst + 10) * everyMs + MINUTE_MS;
  const { freeAt } = await one<{ freeAt: number }>(
    pool(),
    sql`
      insert into crm_turn as turn (key, free_at) values (${key}, ${now + everyMs})
      on conflict (key) do update
      set free_at = case
        when turn.free_at > ${furthest} then excluded.free_at
        else greatest(turn.free_at + ${everyMs}, excluded.free_at)
      end
      returning free_at as "freeAt"`,
  );
  return Math.max(0, Math.ceil(freeAt - burst * everyMs - now));
};

/** Removes the rows of keys that were not used for a day. */
export async function removeOldTurns(now = Date.now()): Promise<void> {
  await execute(pool(), sql`delete from crm_turn where free_at < ${now - DAY_MS}`);
}
