// Messages that flows send. A step of a flow has a send of its own for its message, which stays open: whoever comes to the step becomes a recipient of it,
// and the pipeline does the rest, as for every other message. What a message says is the version that was given last; a changed message is given again.
import { isDeepStrictEqual } from 'node:util';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import type { AttributeValue } from '@/lib/attributes/schema';
import type { Audience } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { FlowId, MessageId, ProfileId, SectionId, SendId, SenderId, TagId } from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { ensureBuiltInEvents } from '@/lib/events/built-in';
import { valueInWords } from '@/lib/mail-document/value-words';
import { addressOf } from '@/lib/suppression/may-receive';
import type { Given } from './given';
import { beginSteps } from './in-steps';
import { laneOf } from './lanes';
import { overLimit } from './limits';
import { addMailJobs, slotsOf } from './queue';
import { lockMessage, requireSender, writeVersion } from './schedule';
import { InMessage, type Content, type RecipientState, type SendStatus } from './schema';
import { checksOfStep } from './step-faults';
import { compileVersion } from './version';

export type FlowStep = { flowId: FlowId; stepId: string; messageId: MessageId; channel: Channel };

type About = { tx: Tx; actor: Actor; sectionId: SectionId; exitTagId: TagId | null; now: Date };

/**
 * Makes the message of a step ready to be sent, as it is now. What is ready and says the same stays as it is. Refuses what is missing, and who may not have
 * it sent.
 */
export async function readyForStep(about: About, step: FlowStep): Promise<void> {
  const { tx, actor, sectionId, exitTagId, now } = about;
  const { flowId, stepId, messageId, channel } = step;
  const message = await lockMessage(tx, sectionId, messageId);
  const sender = await requireSender(tx, sectionId, message.senderId);
  for (const check of checksOfStep({ db: tx, actor, sectionId }, message, channel, sender)) await check();
  const version = await versionOf(about, messageId, message.content);
  const audience: Audience = { include: [], exclude: excluded(message.audience, exitTagId), most: null };
  const current = await findCurrent(tx, sectionId, step);
  const isSame = current?.version === version && current.senderId === sender.id && current.kind === message.kind;
  if (current && isSame && ['sending', 'paused'].includes(current.status)) return;
  await execute(
    tx,
    sql`
      insert into send (
        section_id, message_id, origin, flow_id, flow_step, version, status, wish, starts_at, sender_id, kind, topic_ids,
        audience, settings, brakes, created_by, created_at, started_at, frozen_at
      )
      values (
        ${sectionId}, ${messageId}, 'flow', ${flowId}, ${stepId}, ${version}, 'sending', '{"when":"now"}', ${now}, ${sender.id},
        ${message.kind}, ${message.kind === 'service' ? [] : message.topicIds}::int[], ${JSON.stringify(audience)},
        ${JSON.stringify(message.settings)}, false, ${actorUserId(actor)}, ${now}, ${now}, ${now}
      )`,
  );
}

/** The exit tag is asked for as an exclusion too, so that a hidden one stops the message. */
const excluded = ({ exclude }: Audience, exitTagId: TagId | null): Audience['exclude'] =>
  exitTagId === null ? exclude : [...exclude, { kind: 'tag', id: exitTagId }];

/** The version of a message that says what it says now: the last one, or a new one. */
async function versionOf({ tx, sectionId, now }: About, messageId: MessageId, content: Content): Promise<number> {
  const compiled = await compileVersion(tx, sectionId, content);
  await ensureBuiltInEvents(tx, sectionId, 'message');
  const last = await maybeOne<{ version: number; content: unknown; compiled: unknown }>(
    tx,
    sql`
      select version, content, compiled from message_version
      where section_id = ${sectionId} and message_id = ${messageId}
      order by version desc limit 1`,
  );
  const asStored: unknown = JSON.parse(JSON.stringify({ content, compiled }));
  const known = last && { content: last.content, compiled: last.compiled };
  if (last && isDeepStrictEqual(known, asStored)) return last.version;
  return writeVersion(tx, sectionId, messageId, content, compiled, now);
}

type Current = {
  sendId: SendId;
  senderId: SenderId;
  channel: Channel;
  kind: string;
  version: number;
  status: SendStatus;
};

/** The send to which a step adds now: the last one. */
function findCurrent(tx: Tx, sectionId: SectionId, step: Omit<FlowStep, 'channel'>): Promise<Current | undefined> {
  return maybeOne(
    tx,
    sql`
      select send.id as "sendId", send.sender_id as "senderId", message.channel, send.kind, send.version, send.status
      from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where send.section_id = ${sectionId} and send.flow_id = ${step.flowId} and send.flow_step = ${step.stepId}
        and send.message_id = ${step.messageId}
      order by send.id desc limit 1`,
  );
}

/**
 * Adds people to the recipients of a step’s message: the number of each. Absent: those without an address. Undefined: the step sends nothing now. `given`:
 * what a call gave along with some of them, for the message’s own variables.
 */
export async function addToStep(
  tx: Tx,
  sectionId: SectionId,
  step: Omit<FlowStep, 'channel'>,
  profileIds: readonly ProfileId[],
  given: ReadonlyMap<ProfileId, Record<string, AttributeValue>>,
  now: Date,
): Promise<Map<ProfileId, number> | undefined> {
  const current = await findCurrent(tx, sectionId, step);
  if (!current || !['sending', 'paused'].includes(current.status)) return undefined;
  const { sendId, senderId, channel } = current;
  const numbers = await rows<{ number: number }>(
    tx,
    sql`select nextval('recipient_number_seq') as number from generate_series(1, ${profileIds.length}::int)`,
  );
  const language = given.size === 0 ? '' : await languageOf(tx, sectionId, sendId);
  const variables = profileIds.map((id) => variablesFrom(given.get(id), language));
  const added = await rows<{ profileId: ProfileId; number: number }>(
    tx,
    sql`
      insert into recipient (
        section_id, send_id, profile_id, number, occurrence, given, state, address, address_key, lane, next_at
      )
      select ${sectionId}::int, ${sendId}::int, addressed.profile_id, addressed.number, addressed.number,
        addressed.given, 'waiting', addressed.address, addressed.address, ${laneOf(channel, sql`addressed.address`)}, ${now}::timestamptz
      from (
        select person.profile_id, person.number, person.given, ${addressOf(sectionId, channel, sql`person.profile_id`)} as address
        from unnest(
          ${profileIds}::bigint[], ${numbers.map(({ number }) => number)}::bigint[], ${variables}::jsonb[]
        ) person (profile_id, number, given)
      ) addressed
      where addressed.address is not null
      returning profile_id as "profileId", number`,
  );
  if (added.length > 0) await addMailJobs(tx, { sectionId, senderId }, { slots: slotsOf('flow') });
  return new Map(added.map(({ profileId, number }) => [profileId, number]));
}

/** Of the message that a send sends, for values in words. */
async function languageOf(tx: Tx, sectionId: SectionId, sendId: SendId): Promise<string> {
  const { language } = await one<{ language: string | null }>(
    tx,
    sql`
      select version.compiled ->> 'language' as language from send
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where send.section_id = ${sectionId} and send.id = ${sendId}`,
  );
  return language ?? 'en';
}

/** Of a recipient, as JSON. A text that is written as a day is a day. */
function variablesFrom(data: Record<string, AttributeValue> | undefined, language: string): string | null {
  if (!data) return null;
  const names = Object.entries(data).map(([name, value]) => [name, valueInWords('date', value, language)]);
  const given: Given = { names: Object.fromEntries(names) as Given['names'], attributes: {} };
  return JSON.stringify(given);
}

/** Of people who come to a step, those who have had as many messages as the section allows, and when they may get one again. */
export async function overLimitAtStep(
  tx: Tx,
  sectionId: SectionId,
  step: Omit<FlowStep, 'channel'>,
  profileIds: readonly ProfileId[],
  now: Date,
): Promise<Map<ProfileId, Date>> {
  const current = await findCurrent(tx, sectionId, step);
  if (current?.kind !== 'marketing') return new Map();
  return overLimit(tx, { sectionId, channel: current.channel, now }, profileIds);
}

/** What became of recipients, by number. Absent: they are gone. */
export async function whatBecameOf(
  tx: Tx,
  sectionId: SectionId,
  numbers: readonly number[],
): Promise<Map<number, { state: RecipientState; why: string | null }>> {
  const found = await rows<{ number: number; state: RecipientState; why: string | null }>(
    tx,
    sql`
      select number, state, why from recipient
      where section_id = ${sectionId} and number = any(${numbers}::bigint[])`,
  );
  return new Map(found.map(({ number, ...became }) => [number, became]));
}

/** Nothing of a flow leaves until it goes on. */
export async function pauseSendsOf(tx: Tx, sectionId: SectionId, flowId: FlowId): Promise<void> {
  await execute(
    tx,
    sql`
      update send set status = 'paused', pause_kind = 'flow', pause_reason = 'The flow is paused.'
      where section_id = ${sectionId} and flow_id = ${flowId} and status = 'sending'`,
  );
}

/** What a flow has paused leaves again, and what waited for it to be fixed. `exitTagId`: as it is now. */
export async function resumeSendsOf(
  tx: Tx,
  sectionId: SectionId,
  flowId: FlowId,
  exitTagId: TagId | null,
): Promise<void> {
  const resumed = await rows<{ senderId: SenderId }>(
    tx,
    sql`
      update send set status = 'sending', pause_kind = null, pause_reason = null
      where section_id = ${sectionId} and flow_id = ${flowId} and status = 'paused'
        and pause_kind in ('flow', 'attention')
      returning sender_id as "senderId"`,
  );
  await excludeFromSendsOf(tx, sectionId, flowId, exitTagId);
  for (const senderId of new Set(resumed.map((send) => send.senderId))) {
    await addMailJobs(tx, { sectionId, senderId }, { slots: slotsOf('flow') });
  }
}

/** The exit tag of a flow has changed. */
async function excludeFromSendsOf(
  tx: Tx,
  sectionId: SectionId,
  flowId: FlowId,
  exitTagId: TagId | null,
): Promise<void> {
  const open = await rows<{ id: SendId; audience: Audience }>(
    tx,
    sql`
      select send.id, message.audience from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where send.section_id = ${sectionId} and send.flow_id = ${flowId} and send.status in ('sending', 'paused')`,
  );
  for (const { id, audience } of open) {
    const changed: Audience = { include: [], exclude: excluded(audience, exitTagId), most: null };
    await execute(
      tx,
      sql`
        update send set audience = ${JSON.stringify(changed)}::jsonb where section_id = ${sectionId} and id = ${id}`,
    );
  }
}

/** The flow is stopped: what waits never leaves. */
export async function cancelSendsOf(tx: Tx, sectionId: SectionId, flowId: FlowId, now: Date): Promise<void> {
  const cancelled = await rows<{ sendId: SendId }>(
    tx,
    sql`
      update send set status = 'cancelled', ended_at = ${now}, pause_kind = null, pause_reason = null
      where section_id = ${sectionId} and flow_id = ${flowId} and status in ('sending', 'paused')
      returning id as "sendId"`,
  );
  for (const { sendId } of cancelled) await beginSteps(tx, { sectionId, sendId }, now);
}

/** Has flows send a message as it is now, from now on: `{ steps }`. What somebody is about to get is as it was. */
export const giveToFlows = command({
  name: 'messages.give-to-flows',
  scope: 'section',
  allow: 'everyone',
  input: InMessage,
  run: async ({ tx, actor }, { sectionId, messageId }) => {
    const now = new Date();
    const { name, content } = await lockMessage(tx, sectionId, messageId);
    const steps = await rows<{ flowId: FlowId; stepId: string; exitTagId: TagId | null }>(
      tx,
      sql`
        select distinct send.flow_id as "flowId", send.flow_step as "stepId", flow.exit_tag_id as "exitTagId"
        from send
        join flow on flow.section_id = ${sectionId} and flow.id = send.flow_id
        where send.section_id = ${sectionId} and send.message_id = ${messageId} and send.origin = 'flow'
          and send.status in ('sending', 'paused') and flow.state = 'live'`,
    );
    if (steps.length === 0) refuse('conflict', 'No live flow sends this message.');
    for (const { exitTagId, ...step } of steps) {
      await readyForStep({ tx, actor, sectionId, exitTagId, now }, { ...step, messageId, channel: content.channel });
    }
    return { name, steps: steps.length };
  },
  audit: ({ messageId }, { name }) => ({
    summary: `Had flows send the message “${name}” as it is now`,
    subject: `message:${messageId}`,
  }),
});
