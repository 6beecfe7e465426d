// Writes to the inbox, as a part of the statement that makes a change, so that changes and their signals are always
// committed together.
import { sql, type Sql } from '@/lib/db/sql';
import type { SignalCause } from './schema';

/**
 * Appends events to the inboxes of their listeners, as the body of a data-modifying CTE. `happened` selects `topic
 * smallint, subject_id int, profile_id bigint`, each change once; `at`: the time of the change. Without listeners it
 * costs one index probe for each topic and subject. `notBefore`: nobody hears of it earlier. `given`, `hops`,
 * `operationId`: of each, as columns of `happened`, instead of those of the cause.
 */
export function appendSignals(
  cause: SignalCause,
  happened: Sql,
  at: Sql,
  {
    notBefore = null,
    given = sql`null::jsonb`,
    hops = sql`${cause.hops ?? 0}::smallint`,
    operationId = sql`${cause.operationId ?? cause.begunBy ?? null}::int`,
  }: { notBefore?: Date | null; given?: Sql; hops?: Sql; operationId?: Sql } = {},
): Sql {
  const { sectionId, startsFlows = true } = cause;
  return sql`
    insert into signal
      (
        section_id, consumer, consumer_id, purpose, topic, subject_id, profile_id, hops, operation_id, at, leased_until,
        given
      )
    select
      ${sectionId}::int, listener.consumer, listener.consumer_id, listener.purpose, happened.topic, happened.subject_id,
      happened.profile_id, ${hops}, ${operationId}, ${at}, ${notBefore}::timestamptz, ${given}
    from (${happened}) happened
    join listener
      on listener.section_id = ${sectionId} and listener.topic = happened.topic
      and listener.subject_id = happened.subject_id and (${startsFlows}::boolean or not listener.starts)`;
}
