// What became of a message: read live from its recipients and what they did, over all the times that it was sent.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { command } from '@/lib/access/command';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import type { Channel } from '@/lib/consents/schema';
import { inAddress, MessageIdSchema, type MessageId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';
import { linkKey, linksOfVersions } from '@/lib/events/clicked-links';
import { namesOfProfiles } from '@/lib/profiles/queries';
import { inNames, linksOfMessages } from '@/lib/segments/message-links';
import { reportedTest } from './ab-report';
import { laneName } from './lanes';
import { isOpen } from './recipient-sql';
import {
  LinkKeySchema,
  RecipientFilterSchema,
  ReportGroupSchema,
  type RecipientFilter,
  type ReportHour,
  type ReportLink,
  type ReportProvider,
  type ReportReason,
  type ReportRecipient,
  type ReportTotals,
} from './report-schema';
import { InMessage } from './schema';
import { messageSegmentRules } from './segment-of';

const HOURS = 48;
const FILE_PAGE = 5_000;

const InReport = InSection.extend({ messageId: inAddress(MessageIdSchema) });

/** A condition on `recipient`: the message's. Of somebody for whom it had failed and was sent once more, the last one. */
export const ofMessage = (sectionId: SectionId, messageId: MessageId): Sql => sql`
  recipient.section_id = ${sectionId} and recipient.send_id in (
    select send.id from send where send.section_id = ${sectionId} and send.message_id = ${messageId}
  ) and not exists (
    select from recipient later
    join send on send.section_id = ${sectionId} and send.id = later.send_id
    where later.section_id = ${sectionId} and later.profile_id = recipient.profile_id and later.send_id > recipient.send_id
      and send.message_id = ${messageId} and send.of_failed
  )`;

/** The whole report of a message. */
export const readReport = query({
  name: 'messages.read-report',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InReport,
  run: async ({ db }, { sectionId, messageId }) => {
    const message = await namedMessage(db, sectionId, messageId);
    const report = await reportOf(db, sectionId, message.id);
    return { ...message, ...report, test: await reportedTest(db, sectionId, message.id) };
  },
});

/** What became of a message. */
export async function reportOf(db: Db, sectionId: SectionId, messageId: MessageId) {
  const of = ofMessage(sectionId, messageId);
  return {
    totals: await totals(db, of),
    reasons: await reasons(db, of),
    links: await linksOf(db, sectionId, messageId),
    providers: await providers(db, of),
    hours: await hours(db, of),
  };
}

/** A message that is there, and whether its report grows. Refuses others. */
export async function namedMessage(db: Db, sectionId: SectionId, messageId: MessageId | null) {
  const found = await maybeOne<{ id: MessageId; name: string; channel: Channel; open: boolean }>(
    db,
    sql`
      select message.id, message.name, message.channel, exists (
        select from send
        where send.section_id = ${sectionId} and send.message_id = message.id and send.origin = 'broadcast'
          and send.status in ('preparing', 'sending')
      ) as open
      from message
      where message.section_id = ${sectionId} and message.id = ${messageId} and message.deleted_at is null`,
  );
  return found ?? refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
}

const CAME_BACK = sql`(recipient.bounced_at is not null and recipient.state <> 'refused')`;
const GOT = sql`(recipient.state = 'sent' and recipient.bounced_at is null)`;

const totals = (db: Db, of: Sql): Promise<ReportTotals> =>
  one(
    db,
    sql`
      select count(*) as recipients,
        count(*) filter (where ${GOT}) as sent,
        count(*) filter (where state = 'refused') as refused,
        count(*) filter (where state = 'unknown') as unknown,
        count(*) filter (where state = 'skipped') as skipped,
        count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state in ('waiting', 'claimed', 'handing', 'held')) as waiting,
        count(*) filter (where state = 'cancelled') as cancelled,
        count(*) filter (where opened_at is not null) as opened,
        count(*) filter (where opened_at is null and machine_opens > 0) as "machineOpened",
        count(*) filter (where clicked_at is not null) as clicked,
        count(*) filter (where clicked_at is null and machine_clicks > 0) as "machineClicked",
        count(*) filter (where left_at is not null) as left,
        count(*) filter (where ${CAME_BACK}) as bounced,
        count(*) filter (where complained_at is not null) as complained
      from recipient where ${of}`,
  );

const reasons = (db: Db, of: Sql): Promise<ReportReason[]> =>
  rows(
    db,
    sql`
      select case when ${CAME_BACK} then 'bounced' else state end as state,
        coalesce(case when ${CAME_BACK} then bounce else why end, '') as why, count(*) as people
      from recipient
      where ${of} and (state in ('refused', 'skipped', 'failed', 'unknown') or ${CAME_BACK})
      group by 1, 2
      order by people desc, 1, 2
      limit 50`,
  );

/** Links by their place and their address, in which values stand by name, in the newest version that has them. */
export async function linksOf(db: Db, sectionId: SectionId, messageId: MessageId): Promise<ReportLink[]> {
  const found = await rows<ReportLink>(
    db,
    sql`
      with sent as (
        select send.id, send.version from send where send.section_id = ${sectionId} and send.message_id = ${messageId}
      ),
      link as (
        select version, nth, link ->> 'place' as place, link ->> 'address' as address, ${linkKey(sql`link`)} as key
        from ${linksOfVersions(sectionId, sql`array[${messageId}]::int[]`)} links
      ),
      done as (
        select sent.version, event.link, event.machine, count(*) as times, count(distinct event.number) as people
        from recipient_event event
        join sent on sent.id = event.send_id
        where event.section_id = ${sectionId} and event.kind = 'clicked'
        group by sent.version, event.link, event.machine
      )
      select link.key, link.place, link.address,
        coalesce(sum(done.people) filter (where not done.machine), 0)::int as clicked,
        coalesce(sum(done.times) filter (where not done.machine), 0)::int as clicks,
        coalesce(sum(done.times) filter (where done.machine), 0)::int as machine
      from link
      left join done on done.version = link.version and done.link = link.nth
      group by link.key, link.place, link.address
      order by clicked desc, clicks desc, min(link.nth)
      limit 200`,
  );
  return inNames(db, sectionId, found);
}

async function providers(db: Db, of: Sql): Promise<ReportProvider[]> {
  const found = await rows<Omit<ReportProvider, 'provider'> & { lane: number }>(
    db,
    sql`
      select case when lane % 100 < 16 then lane % 100 else 16 end as lane, count(*) filter (where ${GOT}) as sent,
        count(*) filter (where state = 'refused') as refused, count(*) filter (where ${CAME_BACK}) as bounced,
        count(*) filter (where opened_at is not null) as opened,
        count(*) filter (where clicked_at is not null) as clicked
      from recipient
      where ${of} and state in ('sent', 'refused')
      group by 1
      order by sent desc`,
  );
  return found.map(({ lane, ...counts }) => ({ ...counts, provider: laneName(lane) ?? 'All others' }));
}

/** What people did, by the hour since they got the mail. */
const hours = (db: Db, of: Sql): Promise<ReportHour[]> =>
  rows(
    db,
    sql`
      select least(${HOURS}::int, greatest(0, floor(extract(epoch from did.at - recipient.ended_at) / 3600)))::int as hour,
        count(*) filter (where did.kind = 'opened') as opened, count(*) filter (where did.kind = 'clicked') as clicked,
        count(*) filter (where did.kind = 'left') as left
      from recipient
      cross join lateral (
        values ('opened', recipient.opened_at), ('clicked', recipient.clicked_at), ('left', recipient.left_at)
      ) did (kind, at)
      where ${of} and did.at is not null and recipient.ended_at is not null
      group by 1
      order by 1`,
  );

const FILTERS: Record<RecipientFilter, Sql> = {
  all: sql`true`,
  sent: GOT,
  refused: sql`recipient.state = 'refused'`,
  unknown: sql`recipient.state = 'unknown'`,
  skipped: sql`recipient.state = 'skipped'`,
  failed: sql`recipient.state = 'failed'`,
  waiting: isOpen,
  cancelled: sql`recipient.state = 'cancelled'`,
  opened: sql`recipient.opened_at is not null`,
  clicked: sql`recipient.clicked_at is not null`,
  left: sql`recipient.left_at is not null`,
  bounced: CAME_BACK,
  complained: sql`recipient.complained_at is not null`,
};

async function pageOf(
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
  { filter, after, limit }: { filter: RecipientFilter; after: number; limit: number },
): Promise<ReportRecipient[]> {
  const found = await rows<Omit<ReportRecipient, 'name'>>(
    db,
    sql`
      select recipient.number, profile.id as "profileId", recipient.address, recipient.state, recipient.why, recipient.answer,
        recipient.ended_at as at, recipient.opened_at as "openedAt", recipient.clicked_at as "clickedAt",
        recipient.left_at as "leftAt", case when ${CAME_BACK} then coalesce(recipient.bounce, 'other') end as bounce,
        recipient.bounced_at as "bouncedAt", recipient.complained_at as "complainedAt"
      from recipient
      left join profile on profile.section_id = ${sectionId} and profile.id = recipient.profile_id
      where ${ofMessage(sectionId, messageId)} and ${FILTERS[filter]} and recipient.number > ${after}::bigint
      order by recipient.number
      limit ${limit}`,
  );
  const ids = found.flatMap(({ profileId }) => (profileId === null ? [] : [profileId]));
  const names = new Map((await namesOfProfiles(db, sectionId, ids)).map(({ id, name }) => [id, name]));
  return found.map((each) => ({ ...each, name: each.profileId === null ? null : (names.get(each.profileId) ?? null) }));
}

/** A page of the recipients, in the order in which they were chosen. `after`: the number of the last one seen. */
export const readRecipients = query({
  name: 'messages.read-recipients',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InReport.extend({
    filter: RecipientFilterSchema.default('all'),
    after: z.int().min(0).default(0),
    limit: z.int().min(1).max(201).default(50),
  }),
  run: async ({ db }, { sectionId, messageId, ...page }) =>
    pageOf(db, sectionId, (await namedMessage(db, sectionId, messageId)).id, page),
});

/** The recipients as the lines of a CSV file. */
export const readRecipientsFile = query({
  name: 'messages.read-recipients-file',
  scope: 'section',
  allow: 'readers',
  input: InReport.extend({ filter: RecipientFilterSchema }),
  run: async ({ db, signal }, { sectionId, messageId, filter }) => {
    const message = await namedMessage(db, sectionId, messageId);
    return { ...message, lines: fileLines(sectionId, message.id, filter, signal) };
  },
});

async function* fileLines(
  sectionId: SectionId,
  messageId: MessageId,
  filter: RecipientFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  yield csvLine([
    'Profile',
    'Name',
    'Address',
    'State',
    'Reason',
    'Answer',
    'At',
    'Opened',
    'Clicked',
    'Unsubscribed',
    'Bounced',
    'Called it spam',
  ]);
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const page = await pageOf(pool(), sectionId, messageId, { filter, after, limit: FILE_PAGE });
    let lines = '';
    for (const each of page) {
      lines += csvLine([
        ...[
          each.profileId,
          each.name,
          each.address,
          each.state,
          each.why,
          each.answer,
          each.at,
          each.openedAt,
          each.clickedAt,
          each.leftAt,
        ],
        ...[each.bouncedAt, each.complainedAt],
      ]);
    }
    if (lines !== '') yield lines;
    if (page.length < FILE_PAGE) return;
    after = page.at(-1)!.number;
  }
}

/** Records that the recipients of a message are downloaded. Changes nothing. */
export const recordRecipientsExport = command({
  name: 'messages.export-recipients',
  scope: 'section',
  allow: 'readers',
  input: InMessage,
  run: ({ tx }, { sectionId, messageId }) => namedMessage(tx, sectionId, messageId),
  audit: ({ messageId }, { name }) => ({
    summary: `Exported the recipients of the message “${name}”`,
    subject: `message:${messageId}`,
  }),
});

/** The links of a message as what rules of segments can ask for, also once it is deleted. */
export const readLinkOptions = query({
  name: 'messages.list-link-options',
  scope: 'section',
  allow: 'readers',
  input: InReport,
  run: ({ db }, { sectionId, messageId }) => linksOfMessages(db, sectionId, messageId === null ? [] : [messageId]),
});

/** Rules for a segment of a group of the report, or of those who clicked a link; null if there is no such message or group. */
export const readMessageSegmentRules = query({
  name: 'messages.read-segment-rules',
  scope: 'section',
  allow: 'readers',
  input: InReport.extend({ group: ReportGroupSchema, link: LinkKeySchema.optional() }),
  run: async ({ db }, { sectionId, messageId, group, link }) =>
    messageId === null ? null : ((await messageSegmentRules(db, sectionId, messageId, group, link)) ?? null),
});
