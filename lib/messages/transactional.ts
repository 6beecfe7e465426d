// Service messages that the API sends to one person by each call: made ready by an Admin, as a version that stays as it is until the next
// one is. A call adds a recipient to the send of that version; the pipeline does the rest, in a slot of its own.
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { requireSeen } from '@/lib/access/seen';
import { EVERYONE } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { MessageId, ProfileId, SectionId, SendId, SenderId } from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { ensureBuiltInEvents } from '@/lib/events/built-in';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { SERVICE_MAIL } from '@/lib/config/limits';
import { addressOf } from '@/lib/suppression/may-receive';
import type { Given } from './given';
import { laneOf, SERVICE_LANES } from './lanes';
import { beginSteps } from './in-steps';
import { lostInContent, openToSend } from './lost';
import { endIfDone } from './progress';
import { addMailJobs, slotsOf } from './queue';
import { lockMessage, requireSender, writeVersion } from './schedule';
import { requireReach } from './reach';
import { InMessage, type SendStatus } from './schema';
import { compileVersion, requireContent, requireNoStray, valuesIn } from './version';
import { z } from 'zod';

const ofMessage = (id: MessageId) => `message:${id}`;

/**
 * Makes a service message ready for calls of the API, or the changes of one that is: `{ version }`. `seen`: the last change that the person
 * has seen.
 */
export const giveToApi = command({
  name: 'messages.give-to-api',
  scope: 'section',
  allow: 'admins',
  input: InMessage.extend({ seen: z.iso.datetime() }),
  run: async ({ tx, actor }, { sectionId, messageId, seen }) => {
    const now = new Date();
    const message = await lockMessage(tx, sectionId, messageId);
    requireSeen(actor, 'message', message, seen, 'Reload the page and look again.');
    if (message.kind !== 'service') {
      refuse('invalid', 'Only service messages are sent by the API. Choose “Service” as its kind.', { field: 'kind' });
    }
    await requireNoBroadcast(tx, sectionId, messageId);
    const sender = await requireSender(tx, sectionId, message.senderId);
    const { content } = message;
    requireContent(sectionId, content, message.settings);
    requireNoStray(content);
    requireReach(sender, content, message.settings);
    if (content.channel === 'email' && content.ab) {
      refuse('invalid', 'A/B tests are for messages to many. End the test first.', { field: 'content' });
    }
    if (valuesIn(content).some(({ fallback }) => fallback.trim() === '')) {
      refuse('invalid', 'Say in the content what stands for each value of people who do not have it.', {
        field: 'content',
      });
    }
    const compiled = await compileVersion(tx, sectionId, content);
    const [lost] = await lostInContent(tx, sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    await ensureBuiltInEvents(tx, sectionId, 'message');
    const version = await writeVersion(tx, sectionId, messageId, content, compiled, now);
    const { id } = await one<{ id: SendId }>(
      tx,
      sql`
        insert into send (
          section_id, message_id, origin, version, status, wish, starts_at, sender_id, kind, topic_ids, audience, settings,
          brakes, created_by, created_at, started_at, frozen_at
        )
        values (
          ${sectionId}, ${messageId}, 'api', ${version}, 'sending', '{"when":"now"}', ${now}, ${sender.id}, 'service',
          array[]::int[], ${JSON.stringify(EVERYONE)}, ${JSON.stringify(message.settings)}, false, ${actorUserId(actor)},
          ${now}, ${now}, ${now}
        )
        returning id`,
    );
    await replace(tx, sectionId, messageId, id, now);
    return { version, name: message.name };
  },
  audit: ({ messageId }, { version, name }) => ({
    summary:
      version === 1
        ? `Gave the message “${name}” to the API`
        : `Gave the message “${name}” to the API, in its version ${version}`,
    subject: ofMessage(messageId),
  }),
});

/** Takes a message back: calls are refused from now on. What they have asked for before is still sent. */
export const takeFromApi = command({
  name: 'messages.take-from-api',
  scope: 'section',
  allow: 'admins',
  input: InMessage,
  run: async ({ tx }, { sectionId, messageId }) => {
    const { name, apiSendId } = await lockMessage(tx, sectionId, messageId);
    if (apiSendId === null) refuse('conflict', 'The API does not use this message.');
    await replace(tx, sectionId, messageId, null, new Date());
    return { name };
  },
  audit: ({ messageId }, { name }) => ({
    summary: `Took the message “${name}” back from the API`,
    subject: ofMessage(messageId),
  }),
});

async function requireNoBroadcast(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<void> {
  const found = await maybeOne(
    tx,
    sql`
      select from send
      where section_id = ${sectionId} and message_id = ${messageId} and origin = 'broadcast'
        and status not in ('nobody', 'returned')
        and (status <> 'cancelled' or started_at is not null)
      limit 1`,
  );
  if (found) refuse('conflict', 'This message is scheduled, or has gone out to many. Make a copy for the API.');
}

/**
 * Lets calls use another send of the locked message, or none. The one before ends once its mails have gone; if it is paused, they never will, so it
 * is cancelled.
 */
async function replace(
  tx: Tx,
  sectionId: SectionId,
  messageId: MessageId,
  sendId: SendId | null,
  now: Date,
): Promise<void> {
  const before = await maybeOne<{ id: SendId; status: SendStatus }>(
    tx,
    sql`
      select send.id, send.status from message
      join send on send.section_id = ${sectionId} and send.id = message.api_send_id
      where message.section_id = ${sectionId} and message.id = ${messageId}
      for update of send`,
  );
  await execute(
    tx,
    sql`update message set api_send_id = ${sendId} where section_id = ${sectionId} and id = ${messageId}`,
  );
  if (!before) return;
  if (before.status !== 'paused') return void (await endIfDone(tx, sectionId, before.id, now));
  await execute(
    tx,
    sql`
      update send set status = 'cancelled', ended_at = ${now}, pause_kind = null, pause_reason = null
      where section_id = ${sectionId} and id = ${before.id}`,
  );
  await beginSteps(tx, { sectionId, sendId: before.id }, now);
}

/** A message as a call uses it. */
export type ReadyMessage = {
  sectionId: SectionId;
  messageId: MessageId;
  sendId: SendId;
  senderId: SenderId;
  channel: Channel;
  version: number;
} & Pick<CompiledMail, 'given' | 'attributeIds' | 'tagIds'>;

/**
 * Opens a message for a call, and keeps it as it is until the transaction ends. Refuses with `not_found`, and with `conflict` if it is not ready, is
 * paused or needs attention.
 */
export async function openReady(tx: Tx, sectionId: SectionId, messageId: MessageId | null): Promise<ReadyMessage> {
  const found = await maybeOne<
    Omit<ReadyMessage, 'sectionId' | 'messageId'> & { id: MessageId; status: SendStatus; pauseReason: string | null }
  >(
    tx,
    sql`
      select message.id, message.channel, send.id as "sendId", send.sender_id as "senderId", send.version, send.status,
        send.pause_reason as "pauseReason", coalesce(version.compiled -> 'given', '[]') as given,
        coalesce(version.compiled -> 'attributeIds', '[]') as "attributeIds",
        coalesce(version.compiled -> 'tagIds', '[]') as "tagIds"
      from message
      left join send on send.section_id = ${sectionId} and send.id = message.api_send_id
      left join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where message.section_id = ${sectionId} and message.id = ${messageId} and message.deleted_at is null
      for share of message`,
  );
  if (!found) return refuse('not_found', 'There is no such message in this section.');
  const { id, status, pauseReason, ...ready } = found;
  if (ready.sendId === null) {
    refuse('conflict', 'This message is not ready for the API. An Admin makes it ready on its page: Use by the API.');
  }
  if (status !== 'sending') refuse('conflict', `This message is paused. ${pauseReason ?? ''}`.trim());
  const opened = await openToSend(tx, sectionId, { audience: EVERYONE, content: ready, topicIds: [] });
  if ('attention' in opened) refuse('conflict', `This message needs attention. ${opened.attention}`);
  return { sectionId, messageId: id, ...ready };
}

/**
 * Adds somebody to the recipients of a message that is open: returns the number of the recipient. Refuses with `conflict` somebody without an
 * address, and with `too_many_requests` if they have had too many.
 */
export async function addRecipient(
  tx: Tx,
  { sectionId, sendId, senderId, channel }: ReadyMessage,
  { profileId, given }: { profileId: ProfileId; given: Given },
  now = new Date(),
): Promise<number> {
  const number = await newNumber(tx, sectionId, sendId, profileId, now);
  const { address, lane } = await one<{ address: string | null; lane: number | null }>(
    tx,
    sql`
      select own.address, ${laneOf(channel, sql`own.address`)} + ${SERVICE_LANES}::int as lane
      from (select ${addressOf(sectionId, channel, sql`${profileId}::bigint`)} as address) own`,
  );
  if (address === null)
    refuse('conflict', `This profile has no ${channel === 'email' ? 'email address' : 'mobile number'}.`);
  await execute(
    tx,
    sql`
      insert into recipient (
        section_id, send_id, profile_id, number, occurrence, given, state, address, address_key, lane, next_at
      )
      values (
        ${sectionId}, ${sendId}, ${profileId}, ${number}, ${number}, ${JSON.stringify(given)}, 'waiting', ${address}, ${address},
        ${lane}, ${now}
      )`,
  );
  await addMailJobs(tx, { sectionId, senderId }, { slots: slotsOf('api') });
  return number;
}

/**
 * A number for one more recipient, unless the profile has had the message often: a client that repeats itself without end does not fill
 * somebody's mailbox. It comes with the count, as a query of a table has its numbers from the coordinator of a cluster: those of the
 * workers are too large for the tokens in mails.
 */
async function newNumber(
  tx: Tx,
  sectionId: SectionId,
  sendId: SendId,
  profileId: ProfileId,
  now: Date,
): Promise<number> {
  const since = new Date(now.getTime() - 3_600_000);
  const { few, number } = await one<{ few: boolean; number: number }>(
    tx,
    sql`
      select count(*) < ${SERVICE_MAIL.perPersonAndHour}::int as few, nextval('recipient_number_seq') as number
      from recipient
      where section_id = ${sectionId} and send_id = ${sendId} and profile_id = ${profileId}
        and coalesce(tried_at, next_at) > ${since}`,
  );
  if (few) return number;
  refuse(
    'too_many_requests',
    `This profile got this message ${SERVICE_MAIL.perPersonAndHour} times within the last hour: more are not sent.`,
  );
}
