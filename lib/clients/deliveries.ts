// Service messages to one person, by key: a call adds them to the recipients, and what became of that can be read.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { SERVICE_MAIL } from '@/lib/config/limits';
import type { Channel } from '@/lib/consents/schema';
import { inAddress, KeyspaceIdSchema, MessageIdSchema, positiveId, type AttributeId } from '@/lib/db/ids';
import { maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import type { Given } from '@/lib/messages/given';
import type { RecipientState } from '@/lib/messages/schema';
import { addRecipient, openReady, type ReadyMessage } from '@/lib/messages/transactional';
import { findOrCreate, findProfile, NO_PROFILE, openKey, requireExisting } from '@/lib/profiles/keyspace';
import { clientOf } from './client';
import { clientState, mayReadAddresses } from './messages';

/** What a call may give: what a text can show. */
export const GivenValueSchema = z.union([
  z.string().max(SERVICE_MAIL.valueMax, `A value has at most ${SERVICE_MAIL.valueMax} characters.`),
  z.number(),
]);
const VALUES_MAX = 100;

/**
 * Sends a service message to the profile of a key: `{ number }`, which names the recipient. `create`: makes the profile if there is none.
 * Refuses with `not_found`, and with `conflict` if the message cannot be sent now or the profile has no address.
 */
export const sendToOne = command({
  name: 'clients.send-message',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({
    keyspaceId: KeyspaceIdSchema,
    key: z.string().max(1_000, 'A profile key has at most 320 characters.'),
    messageId: inAddress(MessageIdSchema),
    values: z
      .record(z.string(), GivenValueSchema)
      .refine((values) => Object.keys(values).length <= VALUES_MAX, `Give at most ${VALUES_MAX} values.`)
      .default({}),
    create: z.boolean().default(false),
  }),
  run: async ({ tx, actor, accountId }, { messageId, values, create, ...byKey }) => {
    const profileKey = await openKey(tx, actor, accountId, byKey);
    const message = await openReady(tx, byKey.sectionId, messageId);
    const given = await givenFor(tx, message, values);
    const profileId = create
      ? (await findOrCreate(tx, actor, profileKey)).id
      : ((await findProfile(tx, profileKey)) ?? refuse('not_found', `${NO_PROFILE} Send “create”: true to make it.`));
    await requireExisting(tx, byKey.sectionId, [profileId]);
    return { number: await addRecipient(tx, message, { profileId, given }) };
  },
  // The recipient is the record: a line for each mail would bury the others.
  audit: () => null,
});

/** Refuses values that the message does not use, and those that are missing. */
async function givenFor(
  tx: Tx,
  { sectionId, given, attributeIds }: ReadyMessage,
  values: Record<string, string | number>,
): Promise<Given> {
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)] as const);
  const isOwn = (name: string) => given.some((one) => one.name === name);
  const attributes = await attributesNamed(
    tx,
    sectionId,
    attributeIds,
    texts.flatMap(([name]) => (isOwn(name) ? [] : [name])),
  );
  const unknown = texts.find(([name]) => !isOwn(name) && !attributes.has(name));
  if (unknown) {
    const names = given.map(({ name }) => name).join(', ');
    refuse('invalid', `This message has no value “${unknown[0]}”.${names && ` It has: ${names}.`}`, {
      field: `values.${unknown[0]}`,
    });
  }
  const missing = given.find(({ name, required }) => required && String(values[name] ?? '').trim() === '');
  if (missing) {
    refuse('invalid', `The value “${missing.name}” is missing.`, { field: `values.${missing.name}` });
  }
  return {
    names: Object.fromEntries(texts.filter(([name]) => isOwn(name))),
    attributes: Object.fromEntries(
      texts.flatMap(([name, value]) => (isOwn(name) ? [] : [[String(attributes.get(name)), value]])),
    ),
  };
}

/** Attributes that a message uses, by discriminator. */
async function attributesNamed(
  tx: Tx,
  sectionId: ReadyMessage['sectionId'],
  ids: readonly AttributeId[],
  names: readonly string[],
): Promise<Map<string, AttributeId>> {
  if (names.length === 0) return new Map();
  const found = await rows<{ id: AttributeId; discriminator: string }>(
    tx,
    sql`
      select id, discriminator from attribute
      where section_id = ${sectionId} and id = any(${ids}::int[]) and discriminator = any(${names}::text[])`,
  );
  return new Map(found.map(({ id, discriminator }) => [discriminator, id]));
}

/** What became of a call. */
export const readDelivery = query({
  name: 'clients.read-delivery',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    messageId: inAddress(MessageIdSchema),
    number: inAddress(positiveId(Number.MAX_SAFE_INTEGER)),
  }),
  run: async ({ db, actor }, { sectionId, messageId, number }) => {
    const found = await maybeOne<{
      number: number;
      version: number;
      channel: Channel;
      state: RecipientState;
      why: string | null;
      answer: string | null;
      attempts: number;
      at: Date | null;
      openedAt: Date | null;
      clickedAt: Date | null;
      bouncedAt: Date | null;
      complainedAt: Date | null;
    }>(
      db,
      sql`
        select recipient.number, send.version, message.channel, recipient.state,
          case when recipient.state = 'sent' and recipient.bounced_at is not null then recipient.bounce else recipient.why end as why, recipient.answer,
          recipient.attempts, recipient.ended_at as at, recipient.opened_at as "openedAt",
          recipient.clicked_at as "clickedAt", recipient.bounced_at as "bouncedAt",
          recipient.complained_at as "complainedAt"
        from recipient
        join send on send.section_id = ${sectionId} and send.id = recipient.send_id
        join message on message.section_id = ${sectionId} and message.id = send.message_id
        where recipient.section_id = ${sectionId} and recipient.number = ${number} and send.message_id = ${messageId}
          and send.origin = 'api'`,
    );
    if (!found) return refuse('not_found', 'There is no such delivery of this message.');
    const { channel, state, answer, ...delivery } = found;
    const maySee = await mayReadAddresses(db, clientOf(actor), channel);
    return { ...delivery, state: clientState(state, found.bouncedAt !== null), answer: maySee ? answer : null };
  },
});
