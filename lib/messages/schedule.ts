// What people do with sends: schedule, pause, go on, cancel, and say what became of what is unknown.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { requireSeen, type LastChange } from '@/lib/access/seen';
import { countAudience } from '@/lib/audience/candidates';
import { openAudience } from '@/lib/audience/open';
import { AudienceSchema, isChosen, type Audience } from '@/lib/audience/schema';
import type { MessageId, SectionId, SendId, SenderId, TopicId } from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { ensureBuiltInEvents } from '@/lib/events/built-in';
import { smsFromOf } from '@/lib/sms/sender-name';
import { testOf, withoutTest } from './ab-schedule';
import { approvalRule } from './approval';
import { requireMayServe } from './commands';
import { requireNothingGiven } from './given';
import { beginSteps, countIdle } from './in-steps';
import { lostZones } from './by-person';
import { lostInContent, openToSend, usedBy } from './lost';
import { openSend } from './progress';
import { addMailJobs, addPrepareJob, slotsOf } from './queue';
import { requireReach } from './reach';
import {
  ContentSchema,
  InMessage,
  InSend,
  MessageSettingsSchema,
  WishSchema,
  type MessageSettings,
  type PauseKind,
  type SendOrigin,
  type SendStatus,
  type Wish,
} from './schema';
import { requireWayOut } from './sms-content';
import { compileVersion, requireContent, requireFallbacks, requireNoStray } from './version';
import { momentOf, startOf, zoneNamed } from './when';

const ofMessage = (id: MessageId) => `message:${id}`;

/** What is late by less than this was meant for now. */
const PAST_MS = 60_000;
const FAR_MS = 2 * 366 * 86_400_000;

/**
 * Schedules a message, or sends it now: `{ sendId, startsAt, promised, asked }`. `asked`: the section wants a second person to approve it first.
 * `seen`: the last change that the person has seen. `again`: it has gone out before, and goes to those who have not been among its recipients.
 * Refuses with the first thing that is missing, at its field.
 */
export const scheduleMessage = command({
  name: 'messages.schedule',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({ wish: WishSchema, seen: z.iso.datetime(), again: z.boolean().default(false) }),
  run: async ({ tx, actor }, { sectionId, messageId, wish, seen, again }) => {
    const now = new Date();
    const message = await lockMessage(tx, sectionId, messageId);
    requireSeen(actor, 'message', message, seen, 'Reload the page and look again.');
    await requireNoOpenSend(tx, sectionId, messageId, again);
    if (message.kind === 'service') requireMayServe(actor);
    const sender = await requireSender(tx, sectionId, message.senderId);
    await requireTopics(tx, sectionId, message);
    const startsAt = requireMoment(wish, now);
    requireContent(sectionId, message.content, message.settings);
    requireNoStray(message.content);
    requireReach(sender, message.content, message.settings);
    requireNothingGiven(message.content);
    const ab = again ? null : testOf(message.content, message.settings);
    if (wish.when === 'at' && wish.byPerson !== undefined) {
      if (ab)
        refuse('invalid', 'An A/B test compares people who get it at the same time: choose one time for all.', {
          field: 'wish.byPerson',
        });
      const lost = await lostZones(tx, sectionId, wish.byPerson);
      if (lost) refuse('hidden', lost, { field: 'wish.byPerson' });
    }
    const content = again ? await withoutTest(tx, sectionId, messageId, message.content) : message.content;
    if (content.channel === 'sms') requireWayOut(message.kind, content.text, smsFromOf(sender));
    const compiled = await compileVersion(tx, sectionId, content);
    const [lost] = await lostInContent(tx, sectionId, compiled);
    if (lost) refuse('hidden', lost, { field: 'content' });
    if (!isChosen(message.audience, message.kind)) {
      refuse('invalid', 'Choose who gets it: a service message is sent whatever people have agreed to.', {
        field: 'audience',
      });
    }
    const open = await openAudience(tx, sectionId, message.audience);
    const about = {
      sectionId,
      channel: content.channel,
      kind: message.kind,
      topicIds: message.topicIds,
      ...(again && { exceptRecipientsOf: messageId }),
    } as const;
    await requireFallbacks(tx, open, about, content, now);
    const { gets } = await countAudience(tx, open, about, now);
    await ensureBuiltInEvents(tx, sectionId, 'message');
    const version = await writeVersion(tx, sectionId, messageId, content, compiled, now);
    const asked = (await approvalRule(tx, sectionId)) !== 'none';
    const { sendId } = await one<{ sendId: SendId }>(
      tx,
      sql`
        insert into send (
          section_id, message_id, version, status, approval, wish, starts_at, sender_id, kind, topic_ids, audience, settings,
          promised, ab, created_by, created_at
        )
        values (
          ${sectionId}, ${messageId}, ${version}, ${asked ? 'asked' : 'scheduled'}, ${asked ? 'asked' : null},
          ${JSON.stringify(wish)}, ${startsAt}, ${sender.id}, ${message.kind}, ${message.topicIds}::int[],
          ${JSON.stringify(message.audience)}, ${JSON.stringify(message.settings)}, ${gets},
          ${ab && JSON.stringify(ab)}, ${actorUserId(actor)}, ${now}
        )
        returning id as "sendId"`,
    );
    if (startsAt <= now && !asked) await addPrepareJob(tx, { sectionId, sendId });
    return { sendId, startsAt, promised: gets, asked, name: message.name, kind: message.kind };
  },
  audit: ({ messageId, wish }, { name, kind, startsAt, promised, asked }) => ({
    summary:
      (asked ? 'Asked for approval of' : wish.when === 'now' ? 'Sent' : 'Scheduled') +
      ` the ${kind === 'service' ? 'service message' : 'message'} “${name}”` +
      (wish.when === 'now' ? '' : ` for ${wish.local.replace('T', ' ')} (${wish.zone})`),
    subject: ofMessage(messageId),
    details: { startsAt, promised },
  }),
});

type Message = LastChange & {
  name: string;
  kind: 'marketing' | 'service';
  topicIds: TopicId[];
  senderId: SenderId | null;
  /** The send that calls of the API add to. */
  apiSendId: SendId | null;
  content: z.output<typeof ContentSchema>;
  audience: Audience;
  settings: MessageSettings;
};

/** Locks a message for what is done with it as it is saved. */
export async function lockMessage(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<Message> {
  const found = await maybeOne<Message>(
    tx,
    sql`
      select message.name, kind, topic_ids as "topicIds", sender_id as "senderId", api_send_id as "apiSendId",
        changed_at as "changedAt", changed_by as "changedById", app_user.name as "changedBy", content, audience, settings
      from message left join app_user on app_user.id = message.changed_by
      where message.section_id = ${sectionId} and message.id = ${messageId} and message.deleted_at is null
      for update of message`,
  );
  if (!found) return refuse('not_found', 'This message does not exist in this section: it may have been deleted.');
  return {
    ...found,
    content: ContentSchema.parse(found.content),
    audience: AudienceSchema.parse(found.audience),
    settings: MessageSettingsSchema.parse(found.settings),
  };
}

async function requireNoOpenSend(tx: Tx, sectionId: SectionId, messageId: MessageId, again: boolean): Promise<void> {
  const before = await one<{ open: boolean; gone: boolean; byApi: boolean }>(
    tx,
    sql`
      select
        coalesce(bool_or(status in ('asked', 'scheduled', 'preparing', 'sending', 'paused')), false) as open,
        coalesce(bool_or(frozen_at is not null and status <> 'nobody'), false) as gone,
        coalesce(bool_or(origin = 'api'), false) as "byApi"
      from send where section_id = ${sectionId} and message_id = ${messageId}`,
  );
  if (before.byApi) refuse('conflict', 'This message is for the API. Make a copy to send it to many.');
  if (before.open) refuse('conflict', 'This message is scheduled already, waits for approval, or is on its way.');
  if (before.gone && !again) {
    refuse('conflict', 'This message has gone out. It can go to those who have not been among its recipients yet.');
  }
}

type Sender = { id: SenderId; kind: string; fromAddress: string; fromName: string };

/** The sender of a message. */
export async function requireSender(tx: Tx, sectionId: SectionId, senderId: SenderId | null): Promise<Sender> {
  const known = await maybeOne<Sender>(
    tx,
    sql`
      select id, kind, from_address as "fromAddress", from_name as "fromName" from sender
      where section_id = ${sectionId} and id = ${senderId} and removed_at is null for share`,
  );
  return known ?? refuse('invalid', 'Choose a sender.', { field: 'senderId' });
}

async function requireTopics(tx: Tx, sectionId: SectionId, { kind, topicIds }: Message): Promise<void> {
  if (kind === 'service') return;
  const { known } = await one<{ known: number }>(
    tx,
    sql`
      select count(*)::int as known from topic
      where section_id = ${sectionId} and id = any(${topicIds}::int[]) and hidden_at is null`,
  );
  if (topicIds.length === 0) {
    refuse('invalid', 'Choose a topic: the message goes to people who have agreed to get it.', { field: 'topicIds' });
  }
  if (known < topicIds.length) {
    refuse('hidden', 'One of the topics is hidden or gone. Choose others.', { field: 'topicIds' });
  }
}

function requireMoment(wish: Wish, now: Date): Date {
  if (wish.when === 'now') return now;
  if (!zoneNamed(wish.zone)) refuse('invalid', 'This time zone does not exist.', { field: 'wish.zone' });
  const moment = momentOf(wish, now) ?? refuse('invalid', 'This date does not exist.', { field: 'wish.local' });
  if (moment.getTime() < now.getTime() - PAST_MS) {
    refuse('invalid', 'This time has passed. Choose a later one, or send it now.', { field: 'wish.local' });
  }
  if (moment.getTime() > now.getTime() + FAR_MS) {
    refuse('invalid', 'Choose a time within two years.', { field: 'wish.local' });
  }
  return startOf(wish, now)!;
}

/** Keeps what is sent, for good. Returns the number of the version. */
export async function writeVersion(
  tx: Tx,
  sectionId: SectionId,
  messageId: MessageId,
  content: object,
  compiled: object,
  now: Date,
): Promise<number> {
  const { version } = await one<{ version: number }>(
    tx,
    sql`
      select coalesce(max(version), 0) + 1 as version from message_version
      where section_id = ${sectionId} and message_id = ${messageId}`,
  );
  await execute(
    tx,
    sql`
      insert into message_version (section_id, message_id, version, content, compiled, created_at)
      values (${sectionId}, ${messageId}, ${version}, ${JSON.stringify(content)}, ${JSON.stringify(compiled)}, ${now})`,
  );
  return version;
}

type Locked = {
  status: SendStatus;
  name: string;
  messageId: MessageId;
  senderId: SenderId;
  kind: string;
  pauseKind: PauseKind | null;
  isFrozen: boolean;
  origin: SendOrigin;
  /** Calls of the API add to it. */
  isUsedByApi: boolean;
};

/** Locks a send for a change. Refuses if it does not exist, or if the actor may not send such messages. */
async function lockSend(tx: Tx, actor: Actor, sectionId: SectionId, sendId: SendId): Promise<Locked> {
  const found = await maybeOne<Locked>(
    tx,
    sql`
      select send.status, message.name, send.message_id as "messageId", send.sender_id as "senderId", send.kind,
        send.pause_kind as "pauseKind", send.frozen_at is not null as "isFrozen",
        send.origin, message.api_send_id is not distinct from send.id as "isUsedByApi"
      from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where send.section_id = ${sectionId} and send.id = ${sendId} for update of send`,
  );
  if (!found) return refuse('not_found', 'This send does not exist in this section.');
  if (found.kind === 'service') requireMayServe(actor);
  return found;
}

/** Pauses what is being sent: what is on its way arrives, and nothing more leaves. */
export const pauseSend = command({
  name: 'messages.pause-send',
  scope: 'section',
  allow: 'everyone',
  input: InSend,
  run: async ({ tx, actor }, { sectionId, sendId }) => {
    const send = await lockSend(tx, actor, sectionId, sendId);
    if (send.status !== 'sending') refuse('conflict', 'This message is not being sent now.');
    const by = actor.kind === 'user' ? actor.name : 'Somebody';
    await execute(
      tx,
      sql`
        update send set status = 'paused', pause_kind = 'person', pause_reason = ${`${by} has paused it.`}
        where section_id = ${sectionId} and id = ${sendId}`,
    );
    return send;
  },
  audit: (_input, { name, messageId }) => ({
    summary: `Paused the sending of “${name}”`,
    subject: ofMessage(messageId),
  }),
});

/** Goes on with a paused send. Whoever goes on after its brakes have stopped it has decided, and they stop it no more. */
export const resumeSend = command({
  name: 'messages.resume-send',
  scope: 'section',
  allow: 'everyone',
  input: InSend,
  run: async ({ tx, actor }, { sectionId, sendId }) => {
    const send = await lockSend(tx, actor, sectionId, sendId);
    if (send.status !== 'paused') refuse('conflict', 'This send is not paused.');
    if (send.pauseKind === 'choice') refuse('conflict', 'Choose the variant that the others get: then it goes on.');
    const now = new Date();
    if (send.pauseKind === 'attention') await requireRepaired(tx, sectionId, sendId);
    // Without an audience it starts from the beginning, now.
    await execute(
      tx,
      sql`
        update send set
          status = ${send.isFrozen ? 'sending' : 'scheduled'},
          starts_at = case when ${!send.isFrozen} then ${now}::timestamptz else starts_at end,
          wish = case when ${!send.isFrozen} then '{"when":"now"}'::jsonb else wish end,
          brakes = brakes and ${send.pauseKind !== 'brake'}, pause_kind = null, pause_reason = null
        where section_id = ${sectionId} and id = ${sendId}`,
    );
    if (send.pauseKind === 'sender') await forgetHoldUps(tx, sectionId, send.senderId);
    const slots = slotsOf(send.origin);
    if (send.isFrozen) await addMailJobs(tx, { sectionId, senderId: send.senderId }, { slots });
    else await addPrepareJob(tx, { sectionId, sendId });
    return send;
  },
  audit: (_input, { name, messageId }) => ({
    summary: `Went on with the sending of “${name}”`,
    subject: ofMessage(messageId),
  }),
});

/** It would stop again at once, and nobody would be told. */
async function requireRepaired(tx: Tx, sectionId: SectionId, sendId: SendId): Promise<void> {
  const send = await openSend(tx, sectionId, sendId);
  const opened = send && (await openToSend(tx, sectionId, usedBy(send)));
  if (opened && 'attention' in opened) refuse('hidden', `It cannot go on. ${opened.attention}`);
}

/** Somebody has seen to the sender: it is tried at once. */
async function forgetHoldUps(tx: Tx, sectionId: SectionId, senderId: SenderId): Promise<void> {
  await execute(tx, sql`delete from sender_lane where section_id = ${sectionId} and sender_id = ${senderId}`);
}

/** Cancels a send: what waits never leaves. Before anybody was to get it, the message becomes a draft again. */
export const cancelSend = command({
  name: 'messages.cancel-send',
  scope: 'section',
  allow: 'everyone',
  input: InSend,
  run: async ({ tx, actor }, { sectionId, sendId }) => {
    const send = await lockSend(tx, actor, sectionId, sendId);
    if (!['asked', 'scheduled', 'preparing', 'sending', 'paused'].includes(send.status)) {
      refuse('conflict', 'There is nothing to cancel: this send has ended.');
    }
    if (send.isUsedByApi) refuse('conflict', 'The API uses this message. Take it back instead.');
    const now = new Date();
    const cancelled = await countIdle(tx, { sectionId, sendId }, ['waiting', 'held']);
    await execute(
      tx,
      sql`
        update send set
          status = 'cancelled', ended_at = ${now}, pause_kind = null, pause_reason = null,
          started_at = case when frozen_at is not null then started_at end
        where section_id = ${sectionId} and id = ${sendId}`,
    );
    await beginSteps(tx, { sectionId, sendId }, now);
    return { ...send, cancelled };
  },
  audit: (_input, { name, messageId, cancelled }) => ({
    summary: `Cancelled the sending of “${name}”`,
    subject: ofMessage(messageId),
    details: { cancelled },
  }),
});

/** Says what became of the mails of which nobody knows whether they left: they count as sent, or they are sent again. */
export const resolveUnknown = command({
  name: 'messages.resolve-unknown',
  scope: 'section',
  allow: 'everyone',
  input: InSend.extend({ as: z.enum(['sent', 'again']) }),
  run: async ({ tx, actor }, { sectionId, sendId, as }) => {
    const send = await lockSend(tx, actor, sectionId, sendId);
    const goesOn = as === 'again';
    if (goesOn && send.status === 'cancelled')
      refuse('conflict', 'This send was cancelled: nothing more is sent of it.');
    const now = new Date();
    const resolved = await execute(
      tx,
      sql`
        update recipient set
          state = ${goesOn ? 'waiting' : 'sent'}, why = ${goesOn ? null : 'resolved'}, lease = null,
          next_at = ${now}, ended_at = case when ${goesOn} then null else ended_at end
        where section_id = ${sectionId} and send_id = ${sendId} and state = 'unknown'
          ${goesOn ? sql`and address is not null` : sql``}`,
    );
    if (resolved === 0) refuse('conflict', 'There is no mail of which that is unknown.');
    if (goesOn && send.status === 'done') {
      await execute(
        tx,
        sql`
          update send set status = 'sending', ended_at = null
          where section_id = ${sectionId} and id = ${sendId}`,
      );
    }
    if (goesOn && ['sending', 'done'].includes(send.status)) {
      await addMailJobs(tx, { sectionId, senderId: send.senderId }, { slots: slotsOf(send.origin) });
    }
    return { ...send, resolved };
  },
  audit: ({ as }, { name, messageId, resolved }) => ({
    summary:
      as === 'again'
        ? `Sent “${name}” again to ${resolved} of whom it was unknown whether they got it`
        : `Noted that ${resolved} got “${name}”, of whom it was unknown`,
    subject: ofMessage(messageId),
  }),
});
