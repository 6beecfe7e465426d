// What statements about recipients have in common.
import type { SectionId } from '@/lib/db/ids';
import { execute, sql, type Sql, type Tx } from '@/lib/db/sql';

/** A report or an answer has come, so it was sent, whatever is known of its hand-over. A condition on `recipient`. */
export const isReported: Sql = sql`(recipient.delivered_at is not null or recipient.bounced_at is not null)`;

/**
 * Nobody knows yet what becomes of it. Written as the partial indexes are, so that the few of a million who still wait are found at once. A condition on
 * `recipient`.
 */
export const isOpen: Sql = sql`(
  recipient.state = 'waiting' or recipient.state = 'held' or recipient.state in ('claimed', 'handing')
)`;

/** No server has said anything about it. A condition on `recipient`. */
export const isUntried: Sql = sql`(recipient.attempts = 0 and recipient.code is null and recipient.answer is null)`;

/**
 * Keeps the sends of recipients as they are until the transaction ends, so that none is cancelled between a look at it and a row that is to wait. `which`: a
 * condition on `recipient`.
 */
export async function lockSendsOf(tx: Tx, sectionId: SectionId, which: Sql): Promise<void> {
  await execute(
    tx,
    sql`
      select from send
      where send.section_id = ${sectionId} and send.id in (
        select recipient.send_id from recipient where recipient.section_id = ${sectionId} and ${which}
      )
      order by send.id for share`,
  );
}
