// What became of claimed recipients, written down in sets.
import type { OpenSender } from '@/lib/sending/schema';
import { giveRoom } from '@/lib/sending/use';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { Slot } from './leases';
import { hasConsent, isSuppressed } from '@/lib/suppression/may-receive';
import { isReported, isUntried, lockSendsOf } from './recipient-sql';
import { addedToTally, countedResults } from './brakes';
import { isSenderOpen, type ClaimedSend, type ClaimOf } from './claim';
import { isWantedByFlow } from './of-flow';
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

/** Mails of one send that are about to leave. */
export type Leaving = {
  send: Pick<ClaimedSend, 'channel' | 'kind' | 'topicIds' | 'flowId'>;
  claims: readonly ClaimOf[];
};

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
  if (waiting.length === 0) return void (await write(pool(), { slot, lease }, results, null, now));
  await transaction(async (tx) => {
    await lockSendsOf(
      tx,
      slot.sectionId,
      sql`recipient.number = any(${waiting.map(({ number }) => number)}::bigint[])`,
    );
    const written = await write(tx, { slot, lease }, results, null, now);
    const numbers = new Set(written.map(({ number }) => number));
    const unused = results.flatMap(({ number, claimedAt, isUnused }) =>
      isUnused && numbers.has(number) ? [{ at: claimedAt, mails: 1 }] : [],
    );
    await giveRoom(tx, sender, unused);
  });
}

/**
 * Records that mails leave, before they do, and in the same statement results that are there by then: none that is to wait. Returns those that may leave: their send is still being
 * sent, their sender is not paused, the claim and the lease hold, and nobody has withdrawn their consent, been suppressed, or left the flow that sends it since. What a crash leaves
 * in this state is unknown afterwards.
 */
export async function markHanding(
  holder: Pick<Holder, 'slot' | 'lease'>,
  leaving: Leaving,
  results: readonly Result[] = [],
  now = new Date(),
): Promise<Set<ClaimOf>> {
  const written = await write(pool(), holder, results, leaving, now);
  const at = new Map(
    written.flatMap(({ number, state, claimedAt }) => (state === 'handing' ? [[number, claimedAt.getTime()]] : [])),
  );
  // Two claims of one recipient may ask together.
  return new Set(leaving.claims.filter(({ number, claimedAt }) => at.get(number) === claimedAt.getTime()));
}

/** What a mail is that is about to leave, where results are written. */
const handing = (claim: ClaimOf): Said => ({
  ...claim,
  ...{ state: 'handing', why: null, tries: 0, nextAt: null, endedAt: null, code: null, status: null, answer: null },
});

type Said = Omit<Result, 'state'> & { state: Result['state'] | 'handing' };
type Written = { number: number; state: RecipientState; claimedAt: Date };

/** A condition on a recipient, its send and `said.state`: its mail may leave. */
function mayLeave(
  { slot, lease }: Pick<Holder, 'slot' | 'lease'>,
  { channel, kind, topicIds, flowId }: Leaving['send'],
): Sql {
  const { sectionId } = slot;
  const message = { sectionId, channel, kind, topics: topicIds };
  return sql`(
    recipient.state = 'claimed' and send.status = 'sending' and ${isSenderOpen(slot)}
    and exists (select from sender_lease held where held.section_id = ${sectionId} and held.lease = ${lease})
    and not ${isSuppressed(message, sql`recipient.address_key`)}
    ${kind === 'marketing' ? sql`and ${hasConsent(message, sql`recipient.profile_id`)}` : sql``}
    ${flowId === null ? sql`` : sql`and ${isWantedByFlow(sectionId, flowId, sql`recipient`)}`}
  )`;
}

/**
 * One statement for all that is said of recipients at a time, as it takes PostgreSQL longer to begin than to change one of them. Returns those that were written. No index but that of the numbers
 * fits the conditions: that of the leases fills with what has been settled. Its arrays are read as if they were of other rows, so that the plan is kept: for the few that they mostly
 * have, the planner would make another one each time.
 */
function write(
  db: Db,
  { slot, lease }: Pick<Holder, 'slot' | 'lease'>,
  results: readonly Result[],
  leaving: Leaving | null,
  now: Date,
): Promise<Written[]> {
  const { sectionId } = slot;
  const all: Said[] = [...results, ...(leaving?.claims ?? []).map(handing)];
  const of = <Key extends keyof Said>(key: Key) => all.map((one) => one[key]);
  const leaves = sql`said.state = 'handing'`;
  const arrived = sql`(said.state in ('unknown', 'waiting') and ${isReported})`;
  const isOver = sql`(said.state = 'waiting' and send.status = 'cancelled')`;
  // What is known of an earlier attempt stands; nothing is kept of what was said about people who were erased since.
  const heard = (column: Sql, value: Sql) =>
    sql`case when ${isReported} or said.unused or ${leaves} then ${column} when recipient.address is not null then ${value} end`;
  return rows<Written>(
    db,
    sql`
      with written as (
        update recipient set
          state = case when ${arrived} then 'sent' when ${isOver} then 'cancelled' else said.state end,
          why = case when not ${arrived} then said.why end, attempts = recipient.attempts + said.tries,
          next_at = coalesce(said.next_at, recipient.next_at),
          tried_at = case when not (said.unused and ${isUntried}) then recipient.tried_at end,
          ended_at = case
            when ${arrived} then coalesce(recipient.delivered_at, recipient.bounced_at)
            when ${isOver} then ${now}::timestamptz
            else said.ended_at
          end,
          code = ${heard(sql`recipient.code`, sql`said.code`)}, status = ${heard(sql`recipient.status`, sql`said.status`)},
          answer = ${heard(sql`recipient.answer`, sql`said.answer`)},
          parts = coalesce(said.parts, recipient.parts),
          lease = case when ${leaves} or (said.state = 'unknown' and not ${isReported}) then recipient.lease end
        from unnest(
          (select ${of('number')}::bigint[]), (select ${of('state')}::text[]), (select ${of('why')}::text[]),
          (select ${of('tries')}::int[]), (select ${of('nextAt')}::timestamptz[]), (select ${of('endedAt')}::timestamptz[]),
          (select ${of('code')}::smallint[]), (select ${of('status')}::text[]), (select ${of('answer')}::text[]),
          (select ${all.map(({ parts }) => parts ?? null)}::smallint[]),
          (select ${all.map(({ isUnused }) => isUnused === true)}::boolean[]),
          (select ${of('claimedAt')}::timestamptz[])
        ) as said (number, state, why, tries, next_at, ended_at, code, status, answer, parts, unused, claimed_at), send
        where recipient.section_id = ${sectionId} and recipient.number = said.number
          and recipient.lease is not distinct from ${lease}::uuid and recipient.next_at = said.claimed_at
          and send.section_id = ${sectionId} and send.id = recipient.send_id
          and case
            when ${leaves} then ${leaving ? mayLeave({ slot, lease }, leaving.send) : sql`false`}
            else recipient.state in ('claimed', 'handing')
              or (recipient.state = 'unknown' and said.state in ('sent', 'refused'))
          end
        returning recipient.number, recipient.send_id, recipient.state, recipient.why, recipient.next_at
      ),
      counted as (${addedToTally(sectionId, slot.slot, countedResults(sql`written`))})
      select number, state, next_at as "claimedAt" from written`,
    { prepare: true },
  );
}
