// Messages that were sent, for tests of what comes after: written as the pipeline leaves them.
import type { MessageId, ProfileId, SectionId, SendId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { EVERYONE } from '@/lib/audience/schema';
import { MessageSettingsSchema, type MessageSettings } from '@/lib/messages/schema';
import { addMailbox } from '@/lib/sending/commands';
import type { TestAccount } from './fixtures';

type Sent = {
  name?: string;
  topicIds: readonly TopicId[];
  links?: readonly string[];
  settings?: Partial<MessageSettings>;
};

/** A message that has gone out to nobody yet: `makeRecipient` adds its recipients. */
export async function makeSend(
  account: TestAccount,
  { name = 'Message', topicIds, links = [], settings }: Sent,
): Promise<SendId> {
  const { sectionId } = account;
  await addMailbox(account.admin, { sectionId });
  const now = new Date();
  const compiled = {
    subject: 'News',
    preheader: '',
    html: '<!doctype html><html><body>Hello <a href="{{ unsubscribe_url }}">Unsubscribe</a></body></html>',
    text: 'Hello {{ unsubscribe_url }}',
    links: links.map((address, place) => ({ address, place: `Link ${place + 1}` })),
    fallbacks: [],
    given: [],
    attributeIds: [],
    tagIds: [],
    language: 'en',
  };
  const content = { channel: 'email', document: { subject: [], preheader: [], blocks: [] } };
  const audience = JSON.stringify(EVERYONE);
  const all = JSON.stringify(MessageSettingsSchema.parse(settings ?? {}));
  const { id } = await one<{ id: MessageId }>(
    pool(),
    sql`
      insert into message (section_id, channel, kind, name, name_key, topic_ids, content, audience, settings, created_at, changed_at)
      values (${sectionId}, 'email', 'marketing', ${name}, lower(${name}), ${topicIds}::int[], ${JSON.stringify(content)},
        ${audience}, ${all}, ${now}, ${now})
      returning id`,
  );
  await execute(
    pool(),
    sql`
      insert into message_version (section_id, message_id, version, content, compiled, created_at)
      values (${sectionId}, ${id}, 1, ${JSON.stringify(content)}, ${JSON.stringify(compiled)}, ${now})`,
  );
  const send = await one<{ id: SendId }>(
    pool(),
    sql`
      insert into send (section_id, message_id, version, status, wish, starts_at, sender_id, kind, topic_ids, audience, settings,
        created_at, started_at, frozen_at, ended_at)
      select ${sectionId}::int, ${id}::int, 1, 'done', '{"when":"now"}', ${now}, id, 'marketing', ${topicIds}::int[], ${audience}, ${all},
        ${now}, ${now}, ${now}, ${now}
      from sender where section_id = ${sectionId} and removed_at is null
      order by id limit 1
      returning id`,
  );
  return send.id;
}

/** A recipient who got the mail an hour ago, or what became of it instead. Returns the number. */
export async function makeRecipient(
  sectionId: SectionId,
  sendId: SendId,
  profileId: ProfileId,
  { state = 'sent', why = null }: { state?: string; why?: string | null } = {},
): Promise<number> {
  const { number } = await one<{ number: number }>(
    pool(),
    sql`
      insert into recipient (section_id, send_id, profile_id, state, why, address, address_key, ended_at)
      select ${sectionId}::int, ${sendId}::int, ${profileId}::bigint, ${state}, ${why}, own.key, own.key,
        ${new Date(Date.now() - 3_600_000)}
      from profile_key own
      join keyspace on keyspace.id = own.keyspace_id and keyspace.kind = 'email'
      where own.section_id = ${sectionId} and own.profile_id = ${profileId}
      returning number`,
  );
  return number;
}
