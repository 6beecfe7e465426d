// What people do with sends that are scheduled or on their way: pause, resume, cancel, and say what became of what is unknown.
import { z } from 'zod';
import { type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import type { MessageId, SectionId, SendId, SenderId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { requireMayServe } from './commands';
import { beginSteps, countIdle } from './in-steps';
import { openToSend, usedBy } from './lost';
import { openSend } from './progress';
import { addMailJobs, addPrepareJob, slotsOf } from './queue';
import { InSend, type PauseKind, type SendOrigin, type SendStatus } from './schema';

const ofMessage = (id: MessageId) => `message:${id}`;

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

function requireNoFlow({ origin }: Locked): void {
  if (origin === 'flow') refuse('conflict', 'A flow sends this message. Pause or stop the flow instead.');
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
    requireNoFlow(send);
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

/** Resumes a paused send. If its brakes had stopped it, the person has decided: they do not stop it again. */
export const resumeSend = command({
  name: 'messages.resume-send',
  scope: 'section',
  allow: 'everyone',
  input: InSend,
  run: async ({ tx, actor }, { sectionId, sendId }) => {
    const send = await lockSend(tx, actor, sectionId, sendId);
    if (send.status !== 'paused') refuse('conflict', 'This send is not paused.');
    if (send.pauseKind === 'flow') refuse('conflict', 'The flow that sends it is paused. Let the flow go on.');
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
    requireNoFlow(send);
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
