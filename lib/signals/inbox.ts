// Reads from the inbox. Any number of processes may read concurrently: each gets different signals and never waits, so
// two changes of one profile may be handled at the same time. A signal is never lost, but may be delivered twice if a
// process ended before it acknowledged. A consumer acts on the current state: the profile may have changed or been
// deleted since.
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { topicOf, type Signal } from './schema';

export type Inbox = { sectionId: SectionId; consumer: string };

/**
 * How many signals at most. `after`: only later ones; with the last id that it handled, a consumer need not read past
 * dead rows that are not yet vacuumed. It must read without `after` now and then: ids are assigned before a transaction
 * commits, so an earlier one may appear later.
 */
type Which = { limit: number; now: Date; after?: number };

/**
 * Takes signals from the inbox, oldest first, for effects in this database: handle them in the same transaction. If that
 * is rolled back, or the process ends, the signals are in the inbox again.
 */
export function consumeSignals(tx: Tx, { sectionId, consumer }: Inbox, which: Which): Promise<Signal[]> {
  return read(
    tx,
    sql`
      with due as materialized (${dueSignals({ sectionId, consumer }, which)})
      delete from signal using due
      where signal.section_id = ${sectionId} and signal.id = due.id
      returning ${columns}`,
  );
}

/**
 * Leases signals, oldest first, for effects outside this database: commit, handle them, then call `acknowledge`.
 * Unacknowledged signals can be leased again after `leaseMs`, with `attempts` incremented.
 */
export function leaseSignals(
  db: Db,
  { sectionId, consumer }: Inbox,
  { leaseMs, ...which }: Which & { leaseMs: number },
): Promise<Signal[]> {
  const leasedUntil = new Date(which.now.getTime() + leaseMs);
  return read(
    db,
    sql`
      with due as materialized (${dueSignals({ sectionId, consumer }, which)})
      update signal set leased_until = ${leasedUntil}, attempts = signal.attempts + 1
      from due
      where signal.section_id = ${sectionId} and signal.id = due.id
      returning ${columns}`,
  );
}

/** Deletes leased signals that have been handled. Ignores those that no longer exist. */
export async function acknowledge(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<void> {
  await execute(db, sql`delete from signal where section_id = ${sectionId} and id = any(${ids}::bigint[])`);
}

/**
 * Drops what a consumer has not handled yet about some people. Waits for whoever is handling it: what they do is there to be seen afterwards.
 */
export async function forgetSignals(
  tx: Tx,
  { sectionId, consumer, consumerId, purpose }: Inbox & { consumerId: number; purpose: string },
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
 * The sections with pending signals for a kind of consumer: one index probe for each section with such a listener.
 * Signals left behind by a stopped consumer (`stopListening`) are found once another listens in the section.
 */
export async function sectionsWithSignals(
  db: Db,
  { consumer, now }: { consumer: string; now: Date },
): Promise<SectionId[]> {
  const found = await rows<{ id: SectionId }>(
    db,
    sql`
      select section_id as id
      from (select distinct section_id from listener where consumer = ${consumer}) listening
      where exists (
        select from signal
        where signal.section_id = listening.section_id and signal.consumer = ${consumer} and ${isFree(now)}
      )
      order by id`,
  );
  return found.map(({ id }) => id);
}

const isFree = (now: Date): Sql => sql`(signal.leased_until is null or signal.leased_until <= ${now})`;

const dueSignals = ({ sectionId, consumer }: Inbox, { limit, now, after = 0 }: Which): Sql => sql`
  select signal.id from signal
  where signal.section_id = ${sectionId} and signal.consumer = ${consumer} and signal.id > ${after} and ${isFree(now)}
  order by signal.id
  limit ${limit}
  for update skip locked`;

const columns = sql`
  signal.id, signal.consumer_id as "consumerId", signal.purpose, signal.topic, signal.subject_id as "subjectId",
  signal.profile_id as "profileId", signal.hops, signal.operation_id as "operationId", signal.at, signal.attempts`;

/** Sorts by id, because a statement with `returning` guarantees no order. */
async function read(db: Db, statement: Sql): Promise<Signal[]> {
  const found = await rows<Omit<Signal, 'topic'> & { topic: number }>(db, statement);
  return found.map((signal) => ({ ...signal, topic: topicOf(signal.topic) })).sort((left, right) => left.id - right.id);
}
