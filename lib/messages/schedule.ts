// Scheduling a message, now or for later, with all that has to hold before it may leave.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { requireSeen, type LastChange } from '@/lib/access/seen';
import { countAudience } from '@/lib/audience/candidates';
import { openAudience } from '@/lib/audience/open';
import { AudienceSchema, isChosen, type Audience } from '@/lib/audience/schema';
import type { AttributeId, MessageId, SectionId, SendId, SenderId, TopicId } from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { ensureBuiltInEvents } from '@/lib/events/built-in';
import { smsFromOf } from '@/lib/sms/sender-name';
import { testOf, withoutTest } from './ab-schedule';
import { approvalRule } from './approval';
import { requireMayServe } from './commands';
import { requireNothingGiven } from './given';
import { lostZones, namesZones } from './by-person';
import { lostInContent } from './lost';
import { addPrepareJob } from './queue';
import { requireReach } from './reach';
import { ContentSchema, InMessage, MessageSettingsSchema, WishSchema, type MessageSettings, type Wish } from './schema';
import { requireWayOut } from './sms-content';
import { compileVersion, requireContent, requireFallbacks, requireNoStray } from './version';
import { momentOf, startOf, zoneNamed } from './when';

const ofMessage = (id: MessageId) => `message:${id}`;

/** What is late by less than this was meant for now. */
const PAST_MS = 60_000;
const FAR_MS = 2 * 366 * 86_400_000;

/**
 * Schedules a message, or sends it now: `{ sendId, startsAt, promised, asked }`. `asked`: the section wants a second person to approve it first.
 * `seen`: the last change that the person has seen. `again`: it has gone out before, and goes to those who have not been among its recipients; with `failed`, to those
 * of them for whom it is known to have failed.
 * Refuses with the first thing that is missing, at its field.
 */
export const scheduleMessage = command({
  name: 'messages.schedule',
  scope: 'section',
  allow: 'everyone',
  input: InMessage.extend({
    wish: WishSchema,
    seen: z.iso.datetime(),
    again: z.boolean().default(false),
    failed: z.boolean().default(false),
  }),
  run: async ({ tx, actor }, { sectionId, messageId, wish, seen, again: wanted, failed }) => {
    const now = new Date();
    const again = wanted || failed;
    const message = await lockMessage(tx, sectionId, messageId);
    // Whoever failed was chosen already.
    if (failed) message.audience.most = null;
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
      await requireZones(tx, sectionId, wish.byPerson, { isTest: ab !== null });
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
      ...(failed ? { failedOf: messageId } : again && { exceptRecipientsOf: messageId }),
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
          promised, ab, of_failed, created_by, created_at
        )
        values (
          ${sectionId}, ${messageId}, ${version}, ${asked ? 'asked' : 'scheduled'}, ${asked ? 'asked' : null},
          ${JSON.stringify(wish)}, ${startsAt}, ${sender.id}, ${message.kind}, ${message.topicIds}::int[],
          ${JSON.stringify(message.audience)}, ${JSON.stringify(message.settings)}, ${gets},
          ${ab && JSON.stringify(ab)}, ${failed}, ${actorUserId(actor)}, ${now}
        )
        returning id as "sendId"`,
    );
    if (startsAt <= now && !asked) await addPrepareJob(tx, { sectionId, sendId });
    return { sendId, startsAt, promised: gets, asked, name: message.name, kind: message.kind };
  },
  audit: ({ messageId, wish, failed }, { name, kind, startsAt, promised, asked }) => ({
    summary:
      (asked ? 'Asked for approval of' : wish.when === 'now' ? 'Sent' : 'Scheduled') +
      ` the ${kind === 'service' ? 'service message' : 'message'} “${name}”` +
      (failed ? ' to those for whom it had failed' : '') +
      (wish.when === 'now' ? '' : ` for ${wish.local.replace('T', ' ')} (${wish.zone})`),
    subject: ofMessage(messageId),
    details: { startsAt, promised },
  }),
});

/** A message as it is saved. */
export type Message = LastChange & {
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
      from send where section_id = ${sectionId} and message_id = ${messageId} and origin <> 'flow'`,
  );
  if (before.byApi) refuse('conflict', 'This message is for the API. Make a copy to send it to many.');
  if (before.open) refuse('conflict', 'This message is scheduled already, waits for approval, or is on its way.');
  if (before.gone && !again) {
    refuse('conflict', 'This message has gone out. It can go to those who have not been among its recipients yet.');
  }
}

export type Sender = { id: SenderId; kind: string; fromAddress: string; fromName: string };

/** The sender of a message; undefined: none is chosen, or it was removed. */
export function findSender(db: Db, sectionId: SectionId, senderId: SenderId | null): Promise<Sender | undefined> {
  return maybeOne(db, senderOf(sectionId, senderId));
}

/** The same, which stays until the transaction ends. */
export async function requireSender(tx: Tx, sectionId: SectionId, senderId: SenderId | null): Promise<Sender> {
  const known = await maybeOne<Sender>(tx, sql`${senderOf(sectionId, senderId)} for share`);
  return known ?? refuse('invalid', 'Choose a sender.', { field: 'senderId' });
}

const senderOf = (sectionId: SectionId, senderId: SenderId | null): Sql => sql`
  select id, kind, from_address as "fromAddress", from_name as "fromName" from sender
  where section_id = ${sectionId} and id = ${senderId} and removed_at is null`;

/** The topics of a marketing message. */
export async function requireTopics(
  db: Db,
  sectionId: SectionId,
  { kind, topicIds }: Pick<Message, 'kind' | 'topicIds'>,
): Promise<void> {
  if (kind === 'service') return;
  const { known } = await one<{ known: number }>(
    db,
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

async function requireZones(
  tx: Tx,
  sectionId: SectionId,
  attributeId: AttributeId,
  { isTest }: { isTest: boolean },
): Promise<void> {
  const field = { field: 'wish.byPerson' };
  if (isTest)
    refuse('invalid', 'An A/B test compares people who get it at the same time: choose one time for all.', field);
  const lost = await lostZones(tx, sectionId, attributeId);
  if (lost) refuse('hidden', lost, field);
  if (!(await namesZones(tx, sectionId, attributeId)))
    refuse('invalid', 'Nobody has a time zone such as Europe/Stockholm in this attribute: choose another one.', field);
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
