// What became of claimed recipients, written down in sets.
import type { OpenSender } from '@/lib/sending/schema';
import { giveRoom } from '@/lib/sending/use';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { Slot } from './leases';
import { isReported, isUntried, lockSendsOf } from './recipient-sql';
import { addedToTally, countedResults } from './brakes';
import type { ClaimOf } from './claim';
import type { RecipientState } from './schema';

/** What became of a claimed recipient. `tries`: attempts that count. `isUnused`: it was given back, and no server has heard of it. */
export type Result = ClaimOf & {
  state: Extract<RecipientState, 'sent' | 'refused' | 'unknown' | 'failed' | 'skipped' | 'waiting'>;
  why: string | null;
  tries: 0 | 1;
  nextAt: Date | null;
  endedAt: Date | null;
  code: number | null;
  status: string | null;
  answer: string | null;
  /** How many parts an SMS took. */
  parts?: number;
  isUnused?: true;
};

/** Who works on recipients, in which slot and under which lease. */
export type Holder = { slot: Slot; lease: string; sender: Pick<OpenSender, 'sectionId' | 'id'> };

/**
 * Writes results. Those of a lost lease, or of a claim that was taken back, change nothing, except that something unknown becomes known. What was to wait again has ended if
 * the send was cancelled. What was not used of the sender's limits is given back.
 */
export async function keepResults(
  { slot, lease, sender }: Holder,
  results: readonly Result[],
  now = new Date(),
): Promise<void> {
  const waiting = results.filter(({ state }) => state === 'waiting');
  if (waiting.length === 0) return void (await write(pool(), slot, lease, results, now));
  await transaction(async (tx) => {
    await lockSendsOf(
      tx,
      slot.sectionId,
      sql`recipient.number = any(${waiting.map(({ number }) => number)}::bigint[])`,
    );
    const written = await write(tx, slot, lease, results, now);
    const unused = results.flatMap(({ number, claimedAt, isUnused }) =>
      isUnused && written.has(number) ? [{ at: claimedAt, mails: 1 }] : [],
    );
    await giveRoom(tx, sender, unused);
  });
}

/** Returns the numbers of those that were written. */
async function write(
  db: Db,
  { sectionId, slot }: Slot,
  lease: string,
  results: readonly Result[],
  now: Date,
): Promise<Set<number>> {
  const of = <Key extends keyof Result>(key: Key) => results.map((result) => result[key]);
  const arrived = sql`(result.state in ('unknown', 'waiting') and ${isReported})`;
  const isOver = sql`(result.state = 'waiting' and send.status = 'cancelled')`;
  // What is known of an earlier attempt stands; nothing is kept of what was said about people who were erased since.
  const said = (column: Sql, value: Sql) =>
    sql`case when ${isReported} or result.unused then ${column} when recipient.address is not null then ${value} end`;
  const written = await rows<{ number: number }>(
    db,
    sql`
      with written as (
        update recipient set
          state = case when ${arrived} then 'sent' when ${isOver} then 'cancelled' else result.state end,
          why = case when not ${arrived} then result.why end, attempts = recipient.attempts + result.tries,
          next_at = coalesce(result.next_at, recipient.next_at),
          tried_at = case when not (result.unused and ${isUntried}) then recipient.tried_at end,
          ended_at = case
            when ${arrived} then coalesce(recipient.delivered_at, recipient.bounced_at)
            when ${isOver} then ${now}::timestamptz
            else result.ended_at
          end,
          code = ${said(sql`recipient.code`, sql`result.code`)}, status = ${said(sql`recipient.status`, sql`result.status`)},
          answer = ${said(sql`recipient.answer`, sql`result.answer`)},
          parts = coalesce(result.parts, recipient.parts),
          lease = case when result.state = 'unknown' and not ${isReported} then recipient.lease end
        from unnest(
          ${of('number')}::bigint[], ${of('state')}::text[], ${of('why')}::text[], ${of('tries')}::int[],
          ${of('nextAt')}::timestamptz[], ${of('endedAt')}::timestamptz[], ${of('code')}::smallint[], ${of('status')}::text[],
          ${of('answer')}::text[], ${results.map(({ parts }) => parts ?? null)}::smallint[],
          ${results.map(({ isUnused }) => isUnused === true)}::boolean[], ${of('claimedAt')}::timestamptz[]
        ) as result (number, state, why, tries, next_at, ended_at, code, status, answer, parts, unused, claimed_at), send
        where recipient.section_id = ${sectionId} and recipient.number = result.number
          and recipient.lease = ${lease} and recipient.next_at = result.claimed_at
          and send.section_id = ${sectionId} and send.id = recipient.send_id
          and (
            recipient.state in ('claimed', 'handing')
            or (recipient.state = 'unknown' and result.state in ('sent', 'refused'))
          )
        returning recipient.number, recipient.send_id, recipient.state, recipient.why
      ),
      counted as (${addedToTally(sectionId, slot, countedResults(sql`written`))})
      select number from written`,
    { prepare: true },
  );
  return new Set(written.map(({ number }) => number));
}
