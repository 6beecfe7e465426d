// What became of an SMS message: read live from its recipients, over all the times that it was sent.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { inAddress, MessageIdSchema, type MessageId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';
import { linksOf, namedMessage, ofMessage } from './report';
import { SmsFilterSchema, type SmsFailure, type SmsFilter, type SmsRecipient, type SmsTotals } from './report-schema';

const FILE_PAGE = 5_000;

const InReport = InSection.extend({ messageId: inAddress(MessageIdSchema) });

/** Of what was sent, what did not arrive is reported later; what was refused was never sent. */
const FAILED = sql`(
  recipient.state in ('refused', 'failed') or recipient.state = 'sent' and recipient.bounced_at is not null
)`;

const CONDITIONS: Record<SmsFilter, Sql> = {
  all: sql`true`,
  sent: sql`recipient.state = 'sent'`,
  delivered: sql`(recipient.state = 'sent' and recipient.delivered_at is not null)`,
  underway: sql`(recipient.state = 'sent' and recipient.delivered_at is null and recipient.bounced_at is null)`,
  failed: FAILED,
  unknown: sql`recipient.state = 'unknown'`,
  skipped: sql`recipient.state = 'skipped'`,
  waiting: sql`recipient.state in ('waiting', 'claimed', 'handing', 'held')`,
  cancelled: sql`recipient.state = 'cancelled'`,
  clicked: sql`recipient.clicked_at is not null`,
  left: sql`recipient.left_at is not null`,
};

/** Figures of an SMS message, its links, why it failed, and why people were left out. */
export const readSmsReport = query({
  name: 'messages.read-sms-report',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InReport,
  run: async ({ db }, { sectionId, messageId }) => {
    const message = await namedMessage(db, sectionId, messageId);
    const of = ofMessage(sectionId, message.id);
    return {
      ...message,
      totals: await totalsOf(db, of),
      links: await linksOf(db, sectionId, message.id),
      failures: await reasonsOf(db, sectionId, sql`${of} and ${FAILED}`),
      leftOut: await reasonsOf(db, sectionId, sql`${of} and recipient.state = 'skipped'`),
    };
  },
});

const totalsOf = (db: Db, of: Sql): Promise<SmsTotals> => {
  const people = (filter: SmsFilter) => sql`count(*) filter (where ${CONDITIONS[filter]})`;
  return one(
    db,
    sql`
      select count(*) as recipients, ${people('sent')} as sent, ${people('delivered')} as delivered,
        ${people('underway')} as underway, ${people('failed')} as failed, ${people('unknown')} as unknown,
        ${people('skipped')} as skipped, ${people('waiting')} as waiting, ${people('cancelled')} as cancelled,
        ${people('clicked')} as clicked,
        count(*) filter (where clicked_at is null and machine_clicks > 0) as "machineClicked", ${people('left')} as left,
        coalesce(sum(parts) filter (where state in ('sent', 'unknown')), 0)::int as parts
      from recipient where ${of}`,
  );
};

/** Why a recipient failed, or was left out: as a report has it, for what was sent. An expression. */
const reasonOf = (sectionId: SectionId): Sql => sql`
  case
    when recipient.state = 'sent' then (
      select event.why from recipient_event event
      where event.section_id = ${sectionId} and event.number = recipient.number and event.kind = 'bounced'
      order by event.id desc limit 1
    )
    else recipient.why
  end`;

const reasonsOf = (db: Db, sectionId: SectionId, which: Sql): Promise<SmsFailure[]> =>
  rows(
    db,
    sql`
      select reason.why, count(*)::int as people
      from (select coalesce(${reasonOf(sectionId)}, 'other') as why from recipient where ${which}) reason
      group by reason.why order by people desc, reason.why`,
  );

type Page = { filter: SmsFilter; after: number; limit: number };

const pageOf = (
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
  { filter, after, limit }: Page,
): Promise<SmsRecipient[]> =>
  rows(
    db,
    sql`
      select recipient.number, profile.id as "profileId", '+' || recipient.address as address, recipient.state, recipient.why,
        case when ${FAILED} then coalesce(${reasonOf(sectionId)}, 'other') end as failure, recipient.answer, recipient.parts,
        recipient.ended_at as at, recipient.delivered_at as "deliveredAt", recipient.clicked_at as "clickedAt",
        recipient.left_at as "leftAt"
      from recipient
      left join profile on profile.section_id = ${sectionId} and profile.id = recipient.profile_id
      where ${ofMessage(sectionId, messageId)} and ${CONDITIONS[filter]} and recipient.number > ${after}::bigint
      order by recipient.number
      limit ${limit}`,
  );

/** A page of the recipients, in the order in which they were chosen. `after`: the number of the last one seen. */
export const readSmsRecipients = query({
  name: 'messages.read-sms-recipients',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InReport.extend({
    filter: SmsFilterSchema.default('all'),
    after: z.int().min(0).default(0),
    limit: z.int().min(1).max(201).default(50),
  }),
  run: async ({ db }, { sectionId, messageId, ...page }) =>
    pageOf(db, sectionId, (await namedMessage(db, sectionId, messageId)).id, page),
});

/** The recipients as the lines of a CSV file. */
export const readSmsRecipientsFile = query({
  name: 'messages.read-sms-recipients-file',
  scope: 'section',
  allow: 'readers',
  input: InReport.extend({ filter: SmsFilterSchema }),
  run: async ({ db, signal }, { sectionId, messageId, filter }) => {
    const message = await namedMessage(db, sectionId, messageId);
    return { ...message, lines: fileLines(sectionId, message.id, filter, signal) };
  },
});

async function* fileLines(
  sectionId: SectionId,
  messageId: MessageId,
  filter: SmsFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  yield csvLine(['Number', 'State', 'Reason', 'Answer', 'Parts', 'At', 'Delivered', 'Clicked', 'Opted out']);
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const page = await pageOf(pool(), sectionId, messageId, { filter, after, limit: FILE_PAGE });
    let lines = '';
    for (const each of page) {
      const why = each.failure ?? each.why;
      lines += csvLine([
        ...[each.address, each.state, why, each.answer, each.parts, each.at, each.deliveredAt],
        ...[each.clickedAt, each.leftAt],
      ]);
    }
    if (lines !== '') yield lines;
    if (page.length < FILE_PAGE) return;
    after = page.at(-1)!.number;
  }
}
