// Writing messages: making, saving, copying, deleting. What goes out is in schedule.ts.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import { requireSeen, type LastChange } from '@/lib/access/seen';
import { AudienceSchema, NOT_CHOSEN, PARTS_MAX } from '@/lib/audience/schema';
import { ChannelSchema, type Channel } from '@/lib/consents/schema';
import { SenderIdSchema, TopicIdSchema, type MessageId, type SectionId } from '@/lib/db/ids';
import type { Models } from '@/lib/db/prisma';
import { maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { freeCopyName, requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { sendersOn, sendsOn } from '@/lib/sending/queries';
import { ContentSchema, InMessage, MESSAGE_KINDS, MessageSettingsSchema, type Content } from './schema';
import { forgetMessageUses, referencesIn, writeMessageUses } from './uses';

const MESSAGES_MAX = 50_000;
const TOPICS_MAX = 50;

const ofMessage = (id: MessageId) => `message:${id}`;

/** Makes a draft: `{ id, changedAt }`. With the section's only sender and its only topic, if there is just one. */
export const createMessage = command({
  name: 'messages.create',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ name: NameSchema, channel: ChannelSchema.default('email') }),
  run: async ({ tx, prisma, actor }, { sectionId, name, channel }) => {
    await requireRoom(prisma, sectionId);
    await requireFreeName({ thing: 'a message', name }, messageNamed(prisma, sectionId));
    const topics = await prisma.topic.findMany({ where: { sectionId, hiddenAt: null }, select: { id: true }, take: 2 });
    const senders = await sendersOn(tx, sectionId, channel);
    const made = await insert(prisma, actor, {
      sectionId,
      name,
      channel,
      kind: 'marketing',
      topicIds: topics.length === 1 ? [topics[0]!.id] : [],
      senderId: senders.length === 1 ? senders[0]!.id : null,
      content: emptyContent(channel),
      audience: NOT_CHOSEN,
      settings: MessageSettingsSchema.parse({}),
    });
    await writeExistingUses(tx, sectionId, made.id);
    return { id: made.id, changedAt: made.changedAt.toISOString() };
  },
  audit: ({ name }, { id }) => ({ summary: `Created the message “${name}”`, subject: ofMessage(id) }),
});

const emptyContent = (channel: Channel): Content =>
  channel === 'sms'
    ? { channel, text: [] }
    : { channel, document: { subject: [], preheader: [], blocks: [] }, ab: null };

const SaveSchema = InMessage.extend({
  seen: z.iso.datetime(),
  name: NameSchema,
  kind: z.enum(MESSAGE_KINDS),
  topicIds: z.array(TopicIdSchema).max(TOPICS_MAX, `Choose at most ${TOPICS_MAX} topics.`),
  senderId: SenderIdSchema.nullable(),
  content: ContentSchema,
  audience: AudienceSchema,
  settings: MessageSettingsSchema,
});

/**
 * Saves a draft whole: `{ changedAt }`. `seen`: the last change that the person has seen; refused with `conflict` if somebody has changed it since, and if
 * the message is scheduled or has been sent.
 */
export const saveMessage = command({
  name: 'messages.save',
  scope: 'section',
  allow: 'everyone',
  input: SaveSchema,
  run: async ({ tx, prisma, actor }, { sectionId, messageId, seen, ...draft }) => {
    const before = await lockDraft(tx, sectionId, messageId);
    requireSeen(actor, 'message', before, seen);
    if (draft.content.channel !== before.channel) refuse('invalid', 'A message stays an email or an SMS.');
    if (draft.kind !== before.kind && draft.kind === 'service') requireMayServe(actor);
    await requireFreeName({ thing: 'a message', name: draft.name, except: messageId }, messageNamed(prisma, sectionId));
    if (
      [...draft.audience.include, ...draft.audience.exclude].some(
        (part) => part.kind === 'message' && part.id === messageId,
      )
    ) {
      refuse('invalid', 'A message cannot choose its people by itself: nobody has got it yet.', { field: 'audience' });
    }
    await requireKnown(tx, sectionId, before.channel, draft);
    const changedAt = new Date(Math.max(Date.now(), before.changedAt.getTime() + 1));
    await prisma.message.update({
      where: { sectionId_id: { sectionId, id: messageId } },
      data: { ...draft, nameKey: nameKey(draft.name), changedAt, changedBy: actorUserId(actor) },
      select: { id: true },
    });
    await writeMessageUses(tx, sectionId, { id: messageId, ...draft });
    return { before: before.name, changedAt: changedAt.toISOString() };
  },
  // A draft is saved while somebody writes: only its name is worth a line.
  audit: ({ messageId, name }, { before }) =>
    before === name ? null : { summary: `Renamed the message “${before}” to “${name}”`, subject: ofMessage(messageId) },
});

/** Service messages go to people who have not agreed: an Admin's decision. */
export function requireMayServe(actor: Actor): void {
  if (mayAct(actor, 'integrators')) return;
  refuse('not_allowed', 'Only Account Owners and Admins can send service messages. Ask one of them.', {
    field: 'kind',
  });
}

type Draft = Pick<z.output<typeof SaveSchema>, 'topicIds' | 'senderId' | 'audience' | 'content'>;

/** Refuses what is not of the section, or is gone. What was hidden stays in a draft, which needs attention then. */
async function requireKnown(
  tx: Tx,
  sectionId: SectionId,
  channel: Channel,
  { topicIds, senderId, audience, content }: Draft,
): Promise<void> {
  const parts = [...audience.include, ...audience.exclude];
  const idsOf = (kind: string) => parts.filter((part) => part.kind === kind).map(({ id }) => id);
  const inText = referencesIn(content);
  await requireAll(tx, sectionId, 'audience', { tag: idsOf('tag'), segment: idsOf('segment') });
  await requireAll(tx, sectionId, 'content', { tag: inText.tagIds, attribute: inText.attributeIds });
  const found = await rows<{ id: number }>(
    tx,
    sql`select id from topic where section_id = ${sectionId} and id = any(${topicIds}::int[])`,
  );
  if (found.length < new Set(topicIds).size) {
    refuse('invalid', 'One of the topics no longer exists. Choose others.', { field: 'topicIds' });
  }
  if (senderId === null) return;
  const sender = await maybeOne(
    tx,
    sql`
      select from sender
      where section_id = ${sectionId} and id = ${senderId} and removed_at is null and ${sendsOn(channel)}`,
  );
  if (!sender) refuse('invalid', 'This sender no longer exists. Choose another one.', { field: 'senderId' });
}

async function requireAll(
  tx: Tx,
  sectionId: SectionId,
  field: string,
  wanted: Partial<Record<'tag' | 'segment' | 'attribute', readonly number[]>>,
): Promise<void> {
  const among = (ids: number[]) => sql`where section_id = ${sectionId} and id = any(${ids}::int[])`;
  const countOf = {
    tag: (ids: number[]) => sql`select count(*)::int as known from tag ${among(ids)}`,
    segment: (ids: number[]) => sql`select count(*)::int as known from segment ${among(ids)}`,
    attribute: (ids: number[]) => sql`select count(*)::int as known from attribute ${among(ids)}`,
  };
  for (const kind of ['tag', 'segment', 'attribute'] as const) {
    const ids = [...new Set(wanted[kind])];
    if (ids.length === 0) continue;
    const { known } = await one<{ known: number }>(tx, countOf[kind](ids));
    if (known < ids.length) refuse('invalid', `One of the ${kind}s no longer exists. Remove it here.`, { field });
  }
}

/**
 * Copies a message as a new draft: `{ id, name, leavesOut }`. `toOthers`: for those who have not got it, as is also meant where its sending was stopped on the
 * way: the copy leaves out who has got it.
 */
export const duplicateMessage = command({
  name: 'messages.duplicate',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({ toOthers: z.boolean().default(false) }),
  run: async ({ tx, prisma, actor }, { sectionId, messageId, toOthers }) => {
    await requireRoom(prisma, sectionId);
    const source = await prisma.message.findFirst({ where: { sectionId, id: messageId, deletedAt: null } });
    if (!source) return refuse('not_found', GONE);
    const name = await freeCopyName('message', source.name, (keys) =>
      prisma.message.findMany({
        where: { sectionId, deletedAt: null, nameKey: { in: keys } },
        select: { nameKey: true },
      }),
    );
    const known = await keptReferences(tx, sectionId, source.topicIds, source.senderId);
    const audience = AudienceSchema.parse(source.audience);
    const leavesOut = (toOthers || (await wasStopped(tx, sectionId, messageId))) && audience.exclude.length < PARTS_MAX;
    if (leavesOut) audience.exclude.push({ kind: 'message', id: messageId });
    const made = await insert(prisma, actor, {
      sectionId,
      name,
      channel: ChannelSchema.parse(source.channel),
      // A copy by somebody who may not send service messages is an ordinary one.
      kind: source.kind === 'service' && mayAct(actor, 'integrators') ? 'service' : 'marketing',
      ...known,
      content: ContentSchema.parse(source.content),
      audience,
      settings: MessageSettingsSchema.parse(source.settings),
    });
    await writeExistingUses(tx, sectionId, made.id);
    return { id: made.id, name, from: source.name, leavesOut };
  },
  audit: (_input, { id, name, from }) => ({
    summary: `Copied the message “${from}” to “${name}”`,
    subject: ofMessage(id),
  }),
});

/** Whether its last sending was paused or cancelled after it had begun. */
async function wasStopped(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<boolean> {
  const last = await maybeOne<{ stopped: boolean }>(
    tx,
    sql`
      select status in ('paused', 'cancelled') and frozen_at is not null as stopped from send
      where section_id = ${sectionId} and message_id = ${messageId} and origin = 'broadcast'
      order by id desc limit 1`,
  );
  return last?.stopped ?? false;
}

async function keptReferences(tx: Tx, sectionId: SectionId, topicIds: number[], senderId: number | null) {
  const topics = await rows<{ id: number }>(
    tx,
    sql`select id from topic where section_id = ${sectionId} and id = any(${topicIds}::int[])`,
  );
  const sender = await maybeOne<{ id: number }>(
    tx,
    sql`select id from sender where section_id = ${sectionId} and id = ${senderId} and removed_at is null`,
  );
  return { topicIds: topics.map(({ id }) => id), senderId: sender?.id ?? null };
}

/** Deletes a draft, or brings it back (`deleted: false`). What is scheduled is cancelled first; what was sent stays for its report. */
export const deleteMessage = command({
  name: 'messages.delete',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({ deleted: z.boolean().default(true) }),
  run: async ({ tx, prisma }, { sectionId, messageId, deleted }) => {
    const where = { sectionId_id: { sectionId, id: messageId } };
    if (deleted) {
      const { name } = await lockDraft(tx, sectionId, messageId);
      await requireUnusedByApi(tx, sectionId, messageId);
      await prisma.message.update({ where, data: { deletedAt: new Date() }, select: { id: true } });
      await forgetMessageUses(tx, sectionId, messageId);
      return { name };
    }
    const gone = await maybeOne<{ name: string }>(
      tx,
      sql`
        select name from message
        where section_id = ${sectionId} and id = ${messageId} and deleted_at is not null
        for update`,
    );
    if (!gone) return refuse('conflict', 'This message is there already.');
    await requireFreeName({ thing: 'a message', name: gone.name }, messageNamed(prisma, sectionId));
    await prisma.message.update({ where, data: { deletedAt: null }, select: { id: true } });
    await writeExistingUses(tx, sectionId, messageId);
    return gone;
  },
  audit: ({ messageId, deleted }, { name }) => ({
    summary: `${deleted ? 'Deleted' : 'Brought back'} the message “${name}”`,
    subject: ofMessage(messageId),
  }),
});

/** What the API has sent stays for its report. */
async function requireUnusedByApi(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<void> {
  const used = await maybeOne<{ now: boolean }>(
    tx,
    sql`
      select api_send_id is not null as now from message
      where section_id = ${sectionId} and id = ${messageId} and (
        api_send_id is not null or exists (
          select from send
          join recipient on recipient.section_id = ${sectionId} and recipient.send_id = send.id
          where send.section_id = ${sectionId} and send.message_id = ${messageId}
        )
      )`,
  );
  if (!used) return;
  refuse(
    'conflict',
    used.now
      ? 'The API uses this message. Take it back first.'
      : 'The API has sent this message, so it stays for its report.',
  );
}

/** Records what a message uses, without what was deleted meanwhile: its audience needs attention for that. */
async function writeExistingUses(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<void> {
  const message = await maybeOne<{ content: unknown; audience: unknown; topicIds: number[] }>(
    tx,
    sql`
      select content, audience, topic_ids as "topicIds" from message
      where section_id = ${sectionId} and id = ${messageId}`,
  );
  if (!message) return;
  const audience = AudienceSchema.parse(message.audience);
  const segments = await rows<{ id: number }>(tx, sql`select id from segment where section_id = ${sectionId}`);
  const exists = ({ kind, id }: { kind: string; id: number }) =>
    kind !== 'segment' || segments.some((segment) => segment.id === id);
  await writeMessageUses(tx, sectionId, {
    id: messageId,
    content: ContentSchema.parse(message.content),
    audience: { ...audience, include: audience.include.filter(exists), exclude: audience.exclude.filter(exists) },
    topicIds: TopicIdSchema.array().parse(message.topicIds),
  });
}

const GONE = 'This message does not exist in this section: it may have been deleted.';

/** A message that can be changed. */
type LockedDraft = LastChange & { name: string; channel: Channel; kind: string };

/** Locks a message for a change. Refuses with `not_found`, and with `conflict` if it is scheduled, goes out or has gone out. */
export async function lockDraft(tx: Tx, sectionId: SectionId, messageId: MessageId): Promise<LockedDraft> {
  const found = await maybeOne<LockedDraft>(
    tx,
    sql`
      select message.name, message.channel, message.kind, message.changed_at as "changedAt",
        message.changed_by as "changedById", app_user.name as "changedBy"
      from message left join app_user on app_user.id = message.changed_by
      where message.section_id = ${sectionId} and message.id = ${messageId} and message.deleted_at is null
      for update of message`,
  );
  if (!found) return refuse('not_found', GONE);
  const send = await maybeOne<{ status: string }>(
    tx,
    sql`
      select status from send
      where section_id = ${sectionId} and message_id = ${messageId} and origin = 'broadcast'
        and status not in ('nobody', 'returned')
        and (status <> 'cancelled' or started_at is not null)
      limit 1`,
  );
  if (send?.status === 'asked') {
    refuse('conflict', 'This message waits for approval. Take it back first, then change it and ask again.');
  }
  if (send?.status === 'scheduled') {
    refuse('conflict', 'This message is scheduled. Cancel that first, then change it and schedule it again.');
  }
  if (send) refuse('conflict', 'This message has gone out, so it stays as it is. Make a copy to change it.');
  return found;
}

async function requireRoom(prisma: Models, sectionId: SectionId): Promise<void> {
  const count = await prisma.message.count({ where: { sectionId, deletedAt: null } });
  if (count >= MESSAGES_MAX) {
    refuse('conflict', `A section has at most ${MESSAGES_MAX.toLocaleString('en-GB')} messages. Delete some first.`);
  }
}

const messageNamed = (prisma: Models, sectionId: SectionId) => (key: string) =>
  prisma.message.findFirst({ where: { sectionId, nameKey: key, deletedAt: null }, select: { id: true, name: true } });

type NewMessage = {
  sectionId: SectionId;
  name: string;
  channel: Channel;
  kind: (typeof MESSAGE_KINDS)[number];
  topicIds: number[];
  senderId: number | null;
  content: Content;
  audience: z.output<typeof AudienceSchema>;
  settings: z.output<typeof MessageSettingsSchema>;
};

async function insert(prisma: Models, actor: Actor, message: NewMessage): Promise<{ id: MessageId; changedAt: Date }> {
  const at = new Date();
  const by = actorUserId(actor);
  return prisma.message.create({
    data: { ...message, nameKey: nameKey(message.name), createdAt: at, createdBy: by, changedAt: at, changedBy: by },
    select: { id: true, changedAt: true },
  });
}
