// The course of a send: what its rows and its state say, and how it changes by itself.
import { AudienceSchema } from '@/lib/audience/schema';
import type { FlowId, MessageId, SectionId, SendId, SenderId, TopicId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import type { CompiledMail } from '@/lib/mail-document/compile';
import { SendTestSchema, type SendTest } from './ab-schema';
import { LANES, LANES_OF_SERVICE } from './lanes';
import type { Slot } from './leases';
import { SERVICE_SLOT } from './queue';
import { MessageSettingsSchema, type MessageSettings, type PauseKind } from './schema';
import type { ClaimedSend } from './claim';
import type { CompiledSms } from './sms-content';

/** A send with what is sent. */
export type OpenSend = ClaimedSend & {
  messageId: MessageId;
  settings: MessageSettings;
  /** Its A/B test. */
  ab: SendTest | null;
  frozenAt: Date | null;
  ofFailed: boolean;
} & ({ channel: 'email'; compiled: CompiledMail } | { channel: 'sms'; compiled: CompiledSms });

type Row = {
  sectionId: SectionId;
  id: SendId;
  messageId: MessageId;
  kind: 'marketing' | 'service';
  topicIds: TopicId[];
  flowId: FlowId | null;
  audience: unknown;
  settings: unknown;
  ab: unknown;
  frozenAt: Date | null;
  ofFailed: boolean;
} & ({ channel: 'email'; compiled: CompiledMail } | { channel: 'sms'; compiled: CompiledSms });

/** The sends that go out in a slot of a sender now, oldest first; of those that calls or flows add to, those that have something to do. */
export async function sendsUnderWay(db: Db, { sectionId, senderId, slot }: Slot): Promise<SendId[]> {
  const found = await rows<{ id: SendId }>(
    db,
    sql`
      select id from send
      where section_id = ${sectionId} and sender_id = ${senderId} and status = 'sending'
        and ${slot === SERVICE_SLOT ? hasOwn(sectionId, 'api') : sql`(origin = 'broadcast' or ${hasOwn(sectionId, 'flow')})`}
      order by starts_at, id`,
  );
  return found.map(({ id }) => id);
}

/** Those of the senders of a section that have something to do for calls of the API, or for flows: a mail, or a send to end. */
export async function sendersWithWork(
  db: Db,
  sectionId: SectionId,
  origin: 'api' | 'flow',
  senderIds: readonly SenderId[],
): Promise<SenderId[]> {
  const found = await rows<{ id: SenderId }>(
    db,
    sql`
      select distinct sender_id as id from send
      where section_id = ${sectionId} and sender_id = any(${senderIds}::int[]) and status = 'sending'
        and ${hasOwn(sectionId, origin)}`,
  );
  return found.map(({ id }) => id);
}

const hasOwn = (sectionId: SectionId, origin: 'api' | 'flow'): Sql => sql`
  origin = ${origin} and (
    ${hasWaiting(sectionId)} or not ${origin === 'api' ? isUsedByApi(sectionId) : isUsedByFlow(sectionId)}
  )`;

const hasWaiting = (sectionId: SectionId): Sql => sql`exists (
  select from recipient
  where recipient.section_id = ${sectionId} and recipient.send_id = send.id and recipient.state = 'waiting'
)`;

/** A condition on a send: calls of the API add recipients to it. */
export const isUsedByApi = (sectionId: SectionId): Sql => sql`exists (
  select from message
  where message.section_id = ${sectionId} and message.id = send.message_id and message.api_send_id = send.id
)`;

/** A condition on a send of a flow: the flow adds recipients to it, as it has no newer one for the same step and message. */
const isUsedByFlow = (sectionId: SectionId): Sql => sql`not exists (
  select from send newer
  where newer.section_id = ${sectionId} and newer.flow_id = send.flow_id and newer.flow_step = send.flow_step
    and newer.message_id = send.message_id and newer.id > send.id
)`;

/** A send with its content. Undefined if there is none. */
export async function openSend(db: Db, sectionId: SectionId, id: SendId): Promise<OpenSend | undefined> {
  const row = await maybeOne<Row>(
    db,
    sql`
      select send.section_id as "sectionId", send.id, send.message_id as "messageId", message.channel, send.kind,
        send.topic_ids as "topicIds", send.flow_id as "flowId", send.audience, send.settings, send.ab, send.frozen_at as "frozenAt",
        send.of_failed as "ofFailed", version.compiled
      from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      join message_version version
        on version.section_id = ${sectionId} and version.message_id = send.message_id and version.version = send.version
      where send.section_id = ${sectionId} and send.id = ${id}`,
  );
  return (
    row && {
      ...row,
      audience: AudienceSchema.parse(row.audience),
      settings: MessageSettingsSchema.parse(row.settings),
      ab: SendTestSchema.nullable().parse(row.ab),
    }
  );
}

const ofSend = (sectionId: SectionId, id: SendId): Sql => sql`section_id = ${sectionId} and id = ${id}`;

/** Stops a send until somebody has looked. Changes nothing if it is not under way, or if somebody has switched its brakes off. */
export async function stopSend(
  db: Db,
  sectionId: SectionId,
  id: SendId,
  kind: PauseKind,
  reason: string,
): Promise<boolean> {
  const stopped = await execute(
    db,
    sql`
      update send set status = 'paused', pause_kind = ${kind}, pause_reason = ${reason}
      where ${ofSend(sectionId, id)} and status in ('scheduled', 'preparing', 'sending')
        ${kind === 'brake' ? sql`and brakes` : kind === 'late' ? sql`and status <> 'sending'` : sql``}`,
  );
  return stopped > 0;
}

/** Stops all sends that go out through a sender: its server takes none of them. */
export async function stopSendsOf(
  db: Db,
  { sectionId, senderId }: { sectionId: SectionId; senderId: SenderId },
  reason: string,
): Promise<void> {
  await execute(
    db,
    sql`
      update send set status = 'paused', pause_kind = 'sender', pause_reason = ${reason}
      where section_id = ${sectionId} and sender_id = ${senderId} and status = 'sending'`,
  );
}

/** Whether any row of a send is still to be settled, in a statement about it. */
const hasOpenRows = (sectionId: SectionId, id: SendId): Sql => sql`(
  exists (
    select from recipient where section_id = ${sectionId} and send_id = ${id} and state = 'waiting'
  ) or exists (
    select from recipient where section_id = ${sectionId} and send_id = ${id} and state in ('claimed', 'handing')
  ) or send.ab is not null and exists (
    select from recipient where section_id = ${sectionId} and send_id = ${id} and state = 'held'
  )
)`;

/**
 * Ends a send of which no row waits, is claimed, is being handed over, or is held, and that no call adds to. Says whether it has ended. Locks it first: somebody may be
 * about to have the unknown sent again.
 */
export async function endIfDone(tx: Tx, sectionId: SectionId, id: SendId, now = new Date()): Promise<boolean> {
  await execute(tx, sql`select from send where ${ofSend(sectionId, id)} for no key update`);
  const ended = await execute(
    tx,
    sql`
      update send set status = 'done', ended_at = ${now}
      where ${ofSend(sectionId, id)} and status = 'sending' and not ${hasOpenRows(sectionId, id)}
        and (
          origin = 'broadcast' or origin = 'api' and not ${isUsedByApi(sectionId)}
          or origin = 'flow' and not ${isUsedByFlow(sectionId)}
        )`,
  );
  return ended > 0;
}

/** When the next row of a send is due, by lane. */
export const nextDue = (db: Db, sectionId: SectionId, id: SendId): Promise<{ lane: number; at: Date }[]> =>
  rows(
    db,
    sql`
      select lane.lane, due.next_at as at
      from unnest(${[...LANES, ...LANES_OF_SERVICE]}::smallint[]) as lane (lane)
      cross join lateral (
        select recipient.next_at from recipient
        where recipient.section_id = ${sectionId} and recipient.send_id = ${id} and recipient.state = 'waiting'
          and recipient.lane = lane.lane
        order by recipient.next_at limit 1
      ) due`,
  );
