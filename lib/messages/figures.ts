// How many got each message, opened it and clicked, for the list of messages: over all the times that it went out, as in its report. Rows of recipients are
// counted only where they are few: those who did not get it, by their index. The others are counted as things happen.
import type { SectionId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

/** `recipients`: who were to get it. `opened` and `clicked`: people, not machines. */
export type Figures = { recipients: number; sent: number; opened: number; clicked: number };

/**
 * The figures of messages that have begun to go out, by `message_id`. `messageIds`: selects which.
 * Of a send under way, and of calls, `sent` is what servers have taken.
 */
export const figuresOf = (sectionId: SectionId, messageIds: Sql): Sql => sql`
  select send.message_id, (sum(coalesce(send.gets, handed.people)) filter (where not send.of_failed))::int as recipients,
    sum(
      case when send.is_done then send.gets - lost.people else greatest(0, handed.sent - lost.bounced) end
    )::int as sent,
    sum(answered.opened)::int as opened, sum(answered.clicked)::int as clicked
  from (
    select send.id, send.message_id, send.of_failed, (send.counts ->> 'gets')::int as gets,
      send.status = 'done' and send.counts is not null as is_done
    from send
    where send.section_id = ${sectionId} and send.message_id in (${messageIds}) and send.frozen_at is not null
  ) send
  cross join lateral (
    select coalesce(sum(tally.handed), 0) as people, coalesce(sum(tally.sent), 0) as sent
    from send_tally tally
    where tally.section_id = ${sectionId} and tally.send_id = send.id and not send.is_done
  ) handed
  cross join lateral (
    select coalesce(sum(response.opened), 0) as opened, coalesce(sum(response.clicked), 0) as clicked
    from send_response response
    where response.section_id = ${sectionId} and response.send_id = send.id
  ) answered
  cross join lateral (
    select count(*) as people, count(*) filter (where recipient.state = 'sent') as bounced
    from recipient
    where recipient.section_id = ${sectionId} and recipient.send_id = send.id
      and (recipient.state in ('refused', 'unknown', 'skipped', 'failed', 'cancelled') or recipient.bounced_at is not null)
  ) lost
  group by send.message_id`;
