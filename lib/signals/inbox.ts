// Reads from the inbox. Any number of processes may read concurrently: each gets different signals and never waits, so
// two changes of one profile may be handled at the same time. A signal is never lost, but may be delivered twice if a
// process ended before it acknowledged. A consumer acts on the current state: the profile may have changed or been
// deleted since.
import type { ProfileId, OperationId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { topicOf, type Signal } from './schema';

/** `consumerId`: of one of the consumers only. */
export type Inbox = { sectionId: SectionId; consumer: string; consumerId?: number };

/**
 * How many signals at most. `after`: only later ones; with the last id that it handled, a consumer need not read past
 * dead rows that are not yet vacuumed. It must read without `after` now and then: ids are assigned before a transaction
 * commits, so an earlier one may appear later.
 */
type Which = { limit: number; now: Date; after?: number };

/**
 * Takes signals from the inbox, oldest first, for effects in this database: handle them in the same transaction. If that
 * is rolled back, or the process ends, the signals are in the inbox again. Those about somebody who is being erased or
 * merged at this moment are left there: whoever does that holds the profile, and is going to want its signals.
 */
export function consumeSignals(tx: Tx, inbox: Inbox, which: Which): Promise<Signal[]> {
  return read(
    tx,
    sql`
      with due as materialized (${dueSignals(inbox, which, { lockingProfiles: true })})
      delete from signal using due
      where ${isDue(inbox)}
      returning ${columns}`,
  );
}

/**
 * Leases signals, oldest first, for effects outside this database: commit, handle them, then call `acknowledge`.
 * Unacknowledged signals can be leased again after `leaseMs`, with `attempts` incremented.
 */
export function leaseSignals(
  db: Db,
  inbox: Inbox,
  { leaseMs, ...which }: Which & { leaseMs: number },
): Promise<Signal[]> {
  const leasedUntil = new Date(which.now.getTime() + leaseMs);
  return read(
    db,
    sql`
      with due as materialized (${dueSignals(inbox, which)})
      update signal set leased_until = ${leasedUntil}, attempts = signal.attempts + 1
      from due
      where ${isDue(inbox)}
      returning ${columns}`,
  );
}

/** Deletes leased signals that have been handled. Ignores those that no longer exist. */
export async function acknowledge(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<void> {
  await execute(db, sql`delete from signal where section_id = ${sectionId} and id = any(${ids}::bigint[])`);
}

/**
 * Drops what a consumer has not handled yet about some people. Waits for the process that handles it: what it does can be seen afterwards.
 */
export async function forgetSignals(
  tx: Tx,
  { sectionId, consumer, consumerId, purpose }: Required<Inbox> & { purpose: string },
  profileIds: readonly ProfileId[],
): Promise<void> {
  await execute(
    tx,
    sql`
      delete from signal
      where section_id = ${sectionId} and consumer = ${consumer} and consumer_id = ${consumerId} and purpose = ${purpose}
        and profile_id = any(${profileIds}::bigint[])`,
  );
}

/**
 * Whether there is something in the inbox of a consumer: a condition that costs one probe of an index. Written as the first of a range in the order of that index:
 * of an `exists`, the planner thinks that it finds one at once by reading the table, and reads all of it for a consumer that has none. `after`: only later ones.
 */
export const hasSignals = (
  { sectionId, consumer, consumerId }: { sectionId: Sql; consumer: string; consumerId: Sql },
  now: Date,
  after = 0,
): Sql => sql`
  (
    select true from signal
    where signal.section_id = ${sectionId}
      and (signal.consumer, signal.consumer_id, signal.id) > (${consumer}::text, ${consumerId}, ${after}::bigint)
      and (signal.consumer, signal.consumer_id) <= (${consumer}::text, ${consumerId}) and ${isFree(now)}
    order by signal.consumer, signal.consumer_id, signal.id
    limit 1
  ) is not null`;

/** Drops pending signals of some operations, such as those that were undone. */
export async function forgetSignalsOf(
  tx: Tx,
  { sectionId, consumer, purpose }: { sectionId: SectionId; consumer: string; purpose: string },
  operationIds: readonly OperationId[],
): Promise<void> {
  await execute(
    tx,
    sql`
      delete from signal
      where section_id = ${sectionId} and consumer = ${consumer} and purpose = ${purpose}
        and operation_id = any(${operationIds}::int[])`,
  );
}

const isFree = (now: Date): Sql => sql`(signal.leased_until is null or signal.leased_until <= ${now})`;

const dueSignals = (
  { sectionId, consumer, consumerId }: Inbox,
  { limit, now, after = 0 }: Which,
  { lockingProfiles = false } = {},
): Sql => sql`
  select signal.consumer_id, signal.id from signal
  ${lockingProfiles ? sql`join profile on profile.section_id = ${sectionId} and profile.id = signal.profile_id` : sql``}
  where signal.section_id = ${sectionId} and signal.consumer = ${consumer} and signal.id > ${after} and ${isFree(now)}
    ${consumerId === undefined ? sql`` : sql`and signal.consumer_id = ${consumerId}`}
  order by signal.id
  limit ${limit}
  for update of signal skip locked
  ${lockingProfiles ? sql`for key share of profile skip locked` : sql``}`;

/** A signal that is in `due`. */
const isDue = ({ sectionId, consumer }: Inbox): Sql => sql`
  signal.section_id = ${sectionId} and signal.consumer = ${consumer} and signal.consumer_id = due.consumer_id
  and signal.id = due.id`;

const columns = sql`
  signal.id, signal.consumer_id as "consumerId", signal.purpose, signal.topic, signal.subject_id as "subjectId",
  signal.profile_id as "profileId", signal.hops, signal.operation_id as "operationId", signal.at, signal.attempts,
  signal.given`;

/** Sorts by id, because a statement with `returning` guarantees no order. */
async function read(db: Db, statement: Sql): Promise<Signal[]> {
  const found = await rows<Omit<Signal, 'topic'> & { topic: number }>(db, statement);
  return found.map((signal) => ({ ...signal, topic: topicOf(signal.topic) })).sort((left, right) => left.id - right.id);
}
