// Reads of messages for their list and their pages.
import { AudienceSchema, type Audience } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, SectionId, SenderId, SendId, TopicId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import { sendsOn } from '@/lib/sending/queries';
import { DomainCheckSchema, SettingsSchema, type Finding } from '@/lib/sending/schema';
import { smsFromOf } from '@/lib/sms/sender-name';
import type { Hours } from '@/lib/text/hours';
import { figuresOf, type Figures } from './figures';
import { hiddenAmong, messagesNeedingAttention, type HiddenParts } from './attention';
import {
  ContentSchema,
  MessageSettingsSchema,
  type Content,
  type MESSAGE_KINDS,
  type MessageSettings,
  type PauseKind,
  type SendStatus,
} from './schema';
import { referencesIn } from './uses';

/** `drafts`: can be changed. `open`: scheduled, or going out. `sent`: went out, or was stopped while it did. */
export const MESSAGE_FILTERS = ['all', 'drafts', 'open', 'sent'] as const;
export type MessageFilter = (typeof MESSAGE_FILTERS)[number];

/** The last time that a message was scheduled. `gets`: how many were to get it when its audience was frozen. */
export type LastSend = {
  id: SendId;
  status: SendStatus;
  startsAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  pauseKind: PauseKind | null;
  pauseReason: string | null;
  promised: number | null;
  gets: number | null;
};

export type MessageRow = {
  id: MessageId;
  name: string;
  channel: Channel;
  kind: (typeof MESSAGE_KINDS)[number];
  changedAt: Date;
  changedBy: string | null;
  /** It can be changed: it is not scheduled, and nothing of it has gone out to an audience. */
  isDraft: boolean;
  /** Calls of the API send it. */
  isUsedByApi: boolean;
  send: LastSend | null;
  /** Why it needs attention; empty if it does not, or if it has been sent. */
  attention: string[];
};

/** A send after which a message is a draft again: nothing of it went out. */
const leavesDraft = (send: Sql): Sql =>
  sql`(
    ${send}.id is null or ${send}.status in ('nobody', 'returned')
    or ${send}.status = 'cancelled' and ${send}.started_at is null
  )`;

const CONDITIONS: Record<MessageFilter, Sql> = {
  all: sql`true`,
  drafts: sql`(${leavesDraft(sql`send`)} and message.api_send_id is null)`,
  open: sql`(
    send.status in ('asked', 'scheduled', 'preparing', 'sending', 'paused') or message.api_send_id is not null
  )`,
  sent: sql`(send.status = 'done' or send.status = 'cancelled' and send.started_at is not null)`,
};

const from = (sectionId: SectionId): Sql => sql`
  from message
  left join lateral (
    select * from send
    where send.section_id = ${sectionId} and send.message_id = message.id and send.origin = 'broadcast'
    order by send.id desc
    limit 1
  ) send on true
  left join app_user on app_user.id = message.changed_by
  where message.section_id = ${sectionId} and message.deleted_at is null`;

const columns: Sql = sql`
  message.id, message.name, message.channel, message.kind, message.changed_at as "changedAt",
  app_user.name as "changedBy", ${leavesDraft(sql`send`)} as "isDraft",
  message.api_send_id is not null as "isUsedByApi",
  send.id as "sendId", send.status, send.starts_at as "startsAt", send.started_at as "startedAt",
  send.ended_at as "endedAt", send.pause_kind as "pauseKind", send.pause_reason as "pauseReason", send.promised,
  (send.counts ->> 'gets')::int as gets`;

type Flat = Omit<MessageRow, 'send' | 'attention'> & {
  [Key in Exclude<keyof LastSend, 'id'>]: LastSend[Key] | null;
} & { sendId: SendId | null };

function shaped<Row extends Flat>(row: Row) {
  const { sendId, status, startsAt, startedAt, endedAt, pauseKind, pauseReason, promised, gets, ...message } = row;
  const send: LastSend | null =
    sendId === null || status === null || startsAt === null
      ? null
      : { id: sendId, status, startsAt, startedAt, endedAt, pauseKind, pauseReason, promised, gets };
  return { ...message, send };
}

/** What the list is ordered by. `started`: when it went out. `opened` and `clicked`: shares of those who got it. */
export const MESSAGE_ORDERS = ['changed', 'started', 'people', 'opened', 'clicked'] as const;
export type MessageOrder = (typeof MESSAGE_ORDERS)[number];

const ORDERS: Record<Exclude<MessageOrder, 'changed'>, Sql> = {
  started: sql`listed."startedAt"`,
  people: sql`figure.recipients`,
  // A click says that something was opened, and of an SMS nothing else does.
  opened: sql`case when listed.channel = 'email' then figure.opened::float8 / nullif(figure.sent, 0) end`,
  clicked: sql`figure.clicked::float8 / nullif(figure.sent, 0)`,
};

type Place = { at: Date; id: number };

type ListOptions = {
  filter: MessageFilter;
  search: string;
  limit: number;
  order?: MessageOrder;
  /** Of orders other than by change. */
  ascending?: boolean;
  /** Of the order by change: the last message before the page. */
  before?: Place;
  /** Of others: how many messages are before the page. */
  skip?: number;
};

/** `figures`: null if it has not begun to go out. */
export type ListedMessage = MessageRow & { figures: Figures | null };

/** A page of messages, newest change first. In other orders those without a value come last. */
export async function listMessages(db: Db, sectionId: SectionId, options: ListOptions): Promise<ListedMessage[]> {
  const { filter, search, limit, order = 'changed', ascending = false, before, skip = 0 } = options;
  const words = nameKey(search).split(' ').filter(Boolean);
  const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  const isByChange = order === 'changed';
  const byChange = sql`"changedAt" desc, id desc`;
  const direction = ascending ? sql`asc` : sql`desc`;
  const found = await rows<Flat & { figures: Figures | null }>(
    db,
    sql`
      with listed as materialized (
        select ${columns} ${from(sectionId)} and ${CONDITIONS[filter]}
          and message.name_key like all (${patterns}::text[])
          ${isByChange && before ? sql`and (message.changed_at, message.id) < (${before.at}::timestamptz, ${before.id}::bigint)` : sql``}
        ${isByChange ? sql`order by message.changed_at desc, message.id desc limit ${limit}` : sql``}
      ),
      figure as (${figuresOf(sectionId, sql`select id from listed`)})
      select listed.*, case when figure.message_id is not null then jsonb_build_object(
        'recipients', figure.recipients, 'sent', figure.sent, 'opened', figure.opened, 'clicked', figure.clicked
      ) end as figures
      from listed
      left join figure on figure.message_id = listed.id
      order by ${isByChange ? sql`` : sql`${ORDERS[order]} ${direction} nulls last, `} ${byChange}
      limit ${limit} offset ${isByChange ? 0 : skip}`,
  );
  const alive = found.filter(({ isDraft, endedAt }) => isDraft || endedAt === null).map(({ id }) => id);
  const attention = await messagesNeedingAttention(db, sectionId, alive);
  return found.map((row) => ({ ...shaped(row), attention: attention.get(row.id) ?? [] }));
}

/** How many messages each filter shows. */
export function messageCounts(db: Db, sectionId: SectionId): Promise<Record<MessageFilter, number>> {
  return one(
    db,
    sql`
      select count(*)::int as all, count(*) filter (where ${CONDITIONS.drafts})::int as drafts,
        count(*) filter (where ${CONDITIONS.open})::int as open, count(*) filter (where ${CONDITIONS.sent})::int as sent
      ${from(sectionId)}`,
  );
}

/** A message with its draft. */
export type MessageDetails = MessageRow & {
  createdAt: Date;
  topicIds: TopicId[];
  senderId: SenderId | null;
  content: Content;
  audience: Audience;
  settings: MessageSettings;
  /** What it refers to in its text and its audience, and is hidden. */
  hidden: HiddenParts;
};

/** A message; undefined if there is none, or it was deleted. */
export async function findMessage(db: Db, sectionId: SectionId, id: MessageId): Promise<MessageDetails | undefined> {
  const row = await maybeOne<
    Flat & {
      createdAt: Date;
      topicIds: TopicId[];
      senderId: SenderId | null;
      content: unknown;
      audience: unknown;
      settings: unknown;
    }
  >(
    db,
    sql`
      select ${columns}, message.created_at as "createdAt", message.topic_ids as "topicIds",
        message.sender_id as "senderId", message.content, message.audience, message.settings
      ${from(sectionId)} and message.id = ${id}`,
  );
  if (!row) return undefined;
  const attention = await messagesNeedingAttention(db, sectionId, [id]);
  const { content: written, audience: chosen, settings, ...message } = shaped(row);
  const [content, audience] = [ContentSchema.parse(written), AudienceSchema.parse(chosen)];
  const { tagIds, attributeIds } = referencesIn(content);
  const inAudience = [...audience.include, ...audience.exclude].flatMap(({ kind, id: partId }) =>
    kind === 'tag' ? [partId] : [],
  );
  return {
    ...message,
    content,
    audience,
    settings: MessageSettingsSchema.parse(settings),
    hidden: await hiddenAmong(db, sectionId, { tagIds: [...tagIds, ...inAudience], attributeIds }),
    attention: attention.get(id) ?? [],
  };
}

/**
 * A sender as writers of messages see it. `from`: what a message says it is from, a name with its address, or of an SMS a number or a name.
 * `isMailbox`: it keeps messages here, and nothing leaves this server.
 */
export type SenderChoice = {
  id: SenderId;
  name: string;
  from: string;
  isMailbox: boolean;
  isPaused: boolean;
  /** Of an SMS sender: when marketing leaves; null: at any time. */
  hours: Hours | null;
  /** Of a mail server: what of its domain is missing or wrong, such as SPF; null: nobody has had it checked. */
  domainFaults: Finding['what'][] | null;
};

/** The senders of a channel, by name. */
export async function senderChoices(db: Db, sectionId: SectionId, channel: Channel): Promise<SenderChoice[]> {
  type Row = Omit<SenderChoice, 'from' | 'hours' | 'domainFaults'> & {
    kind: string;
    fromName: string;
    fromAddress: string;
    settings: unknown;
    domainCheck: unknown;
  };
  const found = await rows<Row>(
    db,
    sql`
      select id, name, kind, from_name as "fromName", from_address as "fromAddress", kind = 'mailbox' as "isMailbox",
        paused_at is not null as "isPaused", settings, domain_check as "domainCheck"
      from sender
      where section_id = ${sectionId} and removed_at is null and ${sendsOn(channel)}
      order by lower(name), id`,
  );
  return found.map(({ kind, fromName, fromAddress, settings, domainCheck, ...sender }) => ({
    ...sender,
    domainFaults: faultsIn(domainCheck),
    hours: SettingsSchema.parse(settings).sms?.hours ?? null,
    from: channel === 'sms' ? smsFromOf({ kind, fromName, fromAddress }) : `${fromName} <${fromAddress}>`,
  }));
}

function faultsIn(domainCheck: unknown): Finding['what'][] | null {
  const { data } = DomainCheckSchema.safeParse(domainCheck);
  return data
    ? data.findings.flatMap(({ what, state }) => (state === 'missing' || state === 'wrong' ? [what] : []))
    : null;
}
