// What became of an SMS message: read live from its recipients, over all the times that it was sent.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { inAddress, MessageIdSchema, type SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { namedMessage, ofMessage } from './report';
import type { SmsFailure, SmsTotals } from './report-schema';

/** Figures of an SMS message, and why it failed for whom. */
export const readSmsReport = query({
  name: 'messages.read-sms-report',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: async ({ db }, { sectionId, messageId }) => {
    const message = await namedMessage(db, sectionId, messageId);
    const of = ofMessage(sectionId, message.id);
    return { ...message, totals: await totalsOf(db, of), failures: await failuresOf(db, sectionId, of) };
  },
});

/** Of what was sent, what did not arrive is reported later; what was refused was never sent. */
const totalsOf = (db: Db, of: Sql): Promise<SmsTotals> =>
  one(
    db,
    sql`
      select count(*) as recipients,
        count(*) filter (where state = 'sent') as sent,
        count(*) filter (where state = 'sent' and delivered_at is not null) as delivered,
        count(*) filter (where state = 'sent' and delivered_at is null and bounced_at is null) as underway,
        count(*) filter (where state in ('refused', 'failed') or state = 'sent' and bounced_at is not null) as failed,
        count(*) filter (where state = 'unknown') as unknown,
        count(*) filter (where state = 'skipped') as skipped,
        count(*) filter (where state in ('waiting', 'claimed', 'handing', 'held')) as waiting,
        count(*) filter (where state = 'cancelled') as cancelled,
        count(*) filter (where left_at is not null) as left,
        coalesce(sum(parts) filter (where state in ('sent', 'unknown')), 0)::int as parts
      from recipient where ${of}`,
  );

/** Reasons of refusals and of reports. */
const failuresOf = (db: Db, sectionId: SectionId, of: Sql): Promise<SmsFailure[]> =>
  rows(
    db,
    sql`
      select coalesce(case when state = 'sent' then reported.why else recipient.why end, 'other') as why, count(*)::int as people
      from recipient
      left join lateral (
        select event.why from recipient_event event
        where event.section_id = ${sectionId} and event.number = recipient.number and event.kind = 'bounced'
        order by event.id desc limit 1
      ) reported on true
      where ${of} and (state in ('refused', 'failed') or state = 'sent' and bounced_at is not null)
      group by 1 order by people desc, 1`,
  );
