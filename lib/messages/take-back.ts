// Takes recipients back that are claimed and have not begun to leave, as their people are merged or erased: what was claimed was about somebody else.
import type { SectionId, SenderId } from '@/lib/db/ids';
import { execute, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { giveRoom } from '@/lib/sending/use';
import { addMailJobs, slotsOf } from './queue';
import { isOpen, isReported, isUntried } from './recipient-sql';
import type { SendOrigin } from './schema';

/**
 * Keeps the recipients `which`, a condition on `recipient`, as they are until the transaction ends, with their sends, and has those wait again that are claimed:
 * nothing of them leaves before they are judged anew. Sends that are about to be frozen come before or after.
 */
export async function lockAndTakeBack(tx: Tx, sectionId: SectionId, which: Sql, now: Date): Promise<void> {
  await execute(
    tx,
    sql`
      select from send
      where send.section_id = ${sectionId} and (
        send.status in ('scheduled', 'preparing') or send.id in (
          select recipient.send_id from recipient where recipient.section_id = ${sectionId} and ${which} and ${isOpen}
        )
      )
      order by send.id for share`,
  );
  await execute(
    tx,
    sql`
      select from recipient where recipient.section_id = ${sectionId} and ${which} and ${isOpen}
      order by recipient.number for update`,
  );
  const claimed = await rows<{ senderId: SenderId; origin: SendOrigin; at: Date; isUntried: boolean; mails: number }>(
    tx,
    sql`
      select send.sender_id as "senderId", send.origin, recipient.tried_at as at, ${isUntried} as "isUntried",
        count(*)::int as mails
      from recipient
      join send on send.section_id = ${sectionId} and send.id = recipient.send_id
      where recipient.section_id = ${sectionId} and ${which} and recipient.state = 'claimed'
      group by 1, 2, 3, 4
      order by 1`,
  );
  if (claimed.length === 0) return;
  await execute(
    tx,
    sql`
      update recipient set
        state = case
          when ${isReported} then 'sent'
          when send.status = 'cancelled' then 'cancelled'
          else 'waiting'
        end,
        tried_at = case when not ${isUntried} then recipient.tried_at end,
        next_at = ${now}, lease = null,
        ended_at = case when ${isReported} or send.status = 'cancelled' then ${now}::timestamptz end
      from send
      where recipient.section_id = ${sectionId} and ${which} and recipient.state = 'claimed'
        and send.section_id = ${sectionId} and send.id = recipient.send_id`,
  );
  for (const { senderId, origin, ...taken } of claimed) {
    if (taken.isUntried) await giveRoom(tx, { sectionId, id: senderId }, [taken]);
    await addMailJobs(tx, { sectionId, senderId }, { slots: slotsOf(origin) });
  }
}
