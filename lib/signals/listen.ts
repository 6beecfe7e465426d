// Registers listeners.
import { execute, sql, type Tx } from '@/lib/db/sql';
import { TOPICS, type Consumer, type Subscription } from './schema';

/**
 * Sets everything that a consumer listens for, replacing its earlier subscriptions. Only changes whose statement starts
 * after this is committed are signalled: a consumer reads the existing state once, after that.
 */
export async function listen(
  tx: Tx,
  { sectionId, consumer, consumerId }: Consumer,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const wanted = sql`
    select * from unnest(
      ${subscriptions.map(({ topic }) => TOPICS[topic])}::smallint[], ${subscriptions.map(({ subjectId }) => subjectId)}::int[],
      ${subscriptions.map(({ purpose }) => purpose)}::text[], ${subscriptions.map(({ starts }) => starts)}::boolean[]
    ) as wanted (topic, subject_id, purpose, starts)`;
  await execute(
    tx,
    sql`
      delete from listener
      where section_id = ${sectionId} and consumer = ${consumer} and consumer_id = ${consumerId}
        and (topic, subject_id, purpose) not in (select topic, subject_id, purpose from (${wanted}) wanted)`,
  );
  await execute(
    tx,
    sql`
      insert into listener (section_id, topic, subject_id, consumer, consumer_id, purpose, starts)
      select ${sectionId}::int, topic, subject_id, ${consumer}::text, ${consumerId}::int, purpose, starts
      from (${wanted}) wanted
      order by topic, subject_id, purpose
      on conflict (section_id, topic, subject_id, consumer, consumer_id, purpose) do update
      set starts = excluded.starts`,
  );
}

/**
 * Stops listening and drops the pending signals. Concurrent changes may still leave some: a consumer acknowledges
 * signals for an unknown `consumerId` without doing anything.
 */
export async function stopListening(tx: Tx, consumer: Consumer): Promise<void> {
  await listen(tx, consumer, []);
  await execute(
    tx,
    sql`
      delete from signal
      where section_id = ${consumer.sectionId} and consumer = ${consumer.consumer}
        and consumer_id = ${consumer.consumerId}`,
  );
}
