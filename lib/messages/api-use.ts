// What the page of a message shows of its use by the API.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { inAddress, MessageIdSchema, type MessageId, type SectionId, type SendId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db } from '@/lib/db/sql';
import type { Given } from '@/lib/mail-document/template';
import type { RecipientState } from './schema';

/** What calls send now. */
type InUse = {
  sendId: SendId;
  version: number;
  since: Date;
  isPaused: boolean;
  pauseReason: string | null;
  given: Given[];
  /** The draft has been changed since. */
  isChanged: boolean;
};

/** `use`: null if calls are refused. `people`: of all calls that there were, by state. `wasUsed`: there have been some, or could have been. */
export type ApiUse = {
  use: InUse | null;
  wasUsed: boolean;
  people: Partial<Record<RecipientState, number>>;
  /** For the example of a call. */
  section: string;
};

/** How the API uses a message. */
export const readApiUse = query({
  name: 'messages.read-api-use',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: ({ db }, { sectionId, messageId }) => apiUse(db, sectionId, messageId),
});

async function apiUse(db: Db, sectionId: SectionId, messageId: MessageId | null): Promise<ApiUse> {
  const { section } = await one<{ section: string }>(
    db,
    sql`select discriminator as section from section where id = ${sectionId}`,
  );
  const use = await maybeOne<InUse>(
    db,
    sql`
      select send.id as "sendId", send.version, send.created_at as since, send.status = 'paused' as "isPaused",
        send.pause_reason as "pauseReason", coalesce(version.compiled -> 'given', '[]') as given,
        message.changed_at > send.created_at as "isChanged"
      from message
      join send on send.section_id = ${sectionId} and send.id = message.api_send_id
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where message.section_id = ${sectionId} and message.id = ${messageId}`,
  );
  const sends = await rows<{ id: SendId }>(
    db,
    sql`select id from send where section_id = ${sectionId} and message_id = ${messageId} and origin = 'api'`,
  );
  const counted = await rows<{ state: RecipientState; people: number }>(
    db,
    sql`
      select state, count(*) as people from recipient
      where section_id = ${sectionId} and send_id = any(${sends.map(({ id }) => id)}::int[])
      group by state`,
  );
  const people = Object.fromEntries(counted.map(({ state, people: number }) => [state, number]));
  return { use: use ?? null, wasUsed: sends.length > 0, people, section };
}
