// What API clients read of messages. Slow reads are stopped after `READS.secondsOfClient`.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import {
  inAddress,
  KeyspaceIdSchema,
  MessageIdSchema,
  SendIdSchema,
  type MessageId,
  type SectionId,
} from '@/lib/db/ids';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { findMessage, listMessages, MESSAGE_FILTERS } from '@/lib/messages/queries';
import { reportOf } from '@/lib/messages/report';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { clientOf } from './client';
import { CLIENT_STATES, NO_MESSAGE, recipientsOfSend, requireReadableAudience, sendsOfMessage } from './messages';

const InMessage = InSection.extend({ messageId: inAddress(MessageIdSchema) });

/** A page of messages, the newest change first. */
export const readMessagesOfClient = query({
  name: 'clients.list-messages',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    filter: z.enum(MESSAGE_FILTERS),
    search: z.string().max(200),
    before: z.object({ at: z.coerce.date(), id: z.int().min(0) }).optional(),
    limit: z.int().min(1).max(1_001),
  }),
  run: async ({ db }, { sectionId, ...page }) => {
    const messages = await listMessages(db, sectionId, page);
    const topics = await topicsOf(
      db,
      sectionId,
      messages.map(({ id }) => id),
    );
    return messages.map((message) => ({ ...message, topics: topics.get(message.id) ?? [] }));
  },
});

/** A message. */
export const readMessageOfClient = query({
  name: 'clients.read-message',
  scope: 'section',
  allow: 'readers',
  input: InMessage,
  run: async ({ db }, { sectionId, messageId }) => {
    const message = messageId === null ? undefined : await findMessage(db, sectionId, messageId);
    if (!message) return refuse('not_found', NO_MESSAGE);
    const topics = await topicsOf(db, sectionId, [message.id]);
    return { ...message, topics: topics.get(message.id) ?? [], values: await valuesOf(db, sectionId, message.id) };
  },
});

/** The discriminators of the topics that messages are about, without hidden ones. */
async function topicsOf(db: Db, sectionId: SectionId, ids: readonly MessageId[]): Promise<Map<MessageId, string[]>> {
  const found = await rows<{ id: MessageId; topics: string[] }>(
    db,
    sql`
      select message.id, array_agg(topic.discriminator order by topic.name) as topics
      from message
      join topic on topic.section_id = ${sectionId} and topic.id = any(message.topic_ids) and topic.hidden_at is null
      where message.section_id = ${sectionId} and message.id = any(${ids}::int[]) and message.kind = 'marketing'
      group by message.id`,
  );
  return new Map(found.map(({ id, topics }) => [id, topics]));
}

/** The values that a call may give to the version that is ready for the API; null if none is. */
async function valuesOf(
  db: Db,
  sectionId: SectionId,
  messageId: MessageId,
): Promise<{ name: string; required: boolean }[] | null> {
  const found = await maybeOne<{ values: { name: string; required: boolean }[] }>(
    db,
    sql`
      select coalesce(version.compiled -> 'given', '[]') as values
      from message
      join send on send.section_id = ${sectionId} and send.id = message.api_send_id
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where message.section_id = ${sectionId} and message.id = ${messageId}`,
  );
  return found?.values ?? null;
}

async function requireMessage(db: Db, sectionId: SectionId, messageId: MessageId | null): Promise<MessageId> {
  const found = await maybeOne<{ id: MessageId }>(
    db,
    sql`
      select id from message
      where section_id = ${sectionId} and id = ${messageId} and deleted_at is null`,
  );
  return found?.id ?? refuse('not_found', NO_MESSAGE);
}

/** The sends of a message with their recipients by state and reason, the newest first. */
export const readSendsOfMessage = query({
  name: 'clients.list-sends',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InMessage,
  run: async ({ db, actor }, { sectionId, messageId: given }) => {
    const messageId = await requireMessage(db, sectionId, given);
    await requireReadableAudience(db, clientOf(actor), { sectionId, messageId });
    return sendsOfMessage(db, sectionId, messageId);
  },
});

/** The report of a message. */
export const readReportOfMessage = query({
  name: 'clients.read-message-report',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InMessage,
  run: async ({ db, actor }, { sectionId, messageId: given }) => {
    const messageId = await requireMessage(db, sectionId, given);
    await requireReadableAudience(db, clientOf(actor), { sectionId, messageId });
    return reportOf(db, sectionId, messageId);
  },
});

/** A page of the recipients of a send that have a key in the keyspace. */
export const readRecipientsOfSend = query({
  name: 'clients.list-recipients',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InMessage.extend({
    keyspaceId: KeyspaceIdSchema,
    sendId: inAddress(SendIdSchema),
    state: z.enum(CLIENT_STATES).optional(),
    after: z.object({ profileId: z.int().min(0), occurrence: z.int().min(0) }),
    limit: z.int().min(1).max(1_000),
  }),
  run: async ({ db, actor, accountId }, { sectionId, keyspaceId, messageId: given, sendId, ...page }) => {
    const keyspace = await openKeyspace(db, actor, accountId, { sectionId, keyspaceId });
    const messageId = await requireMessage(db, sectionId, given);
    const send = await maybeOne<{ ended: boolean }>(
      db,
      sql`
        select ended_at is not null as ended from send
        where section_id = ${sectionId} and id = ${sendId} and message_id = ${messageId}`,
    );
    if (!send || sendId === null) return refuse('not_found', 'There is no such send of this message.');
    await requireReadableAudience(db, clientOf(actor), { sectionId, messageId, keyspaces: [keyspace] });
    // Nobody waits any more: without that, all of them would be looked at to find nobody.
    if (send.ended && page.state === 'waiting') return { recipients: [], next: null };
    return recipientsOfSend(db, clientOf(actor), keyspace, { sendId, ...page });
  },
});
