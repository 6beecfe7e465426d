// Approval by a second person. Whoever schedules a message in a section that wants it asks for approval: what is asked about is an immutable
// version, so what was approved is what is sent, and a message that is changed afterwards is asked about again.
import { z } from 'zod';
import { actorUserId, type Actor, type UserActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, MessageIdSchema, type MessageId, type SectionId, type SendId, type UserId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import {
  ApprovalRuleSchema,
  NOTE_MAX,
  type ApprovalEntry,
  type MessageNotice,
  type ApprovalRule,
  type Approvals,
} from './approval-schema';
import { requireMayServe } from './commands';
import { momentOf } from './when';
import { addPrepareJob } from './queue';
import { InSend, WishSchema, type SendStatus, type Wish } from './schema';

/** A local time that has passed by less than this was meant for now. */
const PAST_MS = 60_000;
const HISTORY = 20;
/** How long somebody is told that a message of theirs was decided about. */
const NEWS_MS = 24 * 3_600_000;

/** The section's rule. */
export async function approvalRule(db: Db, sectionId: SectionId): Promise<ApprovalRule> {
  const found = await maybeOne<{ approval: unknown }>(
    db,
    sql`select approval from message_rule where section_id = ${sectionId}`,
  );
  return ApprovalRuleSchema.parse(found?.approval ?? 'none');
}

/** The section's rule, for the page on which it is changed. */
export const readApprovalRule = query({
  name: 'messages.read-approval-rule',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => approvalRule(db, sectionId),
});

/** Says who approves messages from now on. What is scheduled stays scheduled. */
export const setApprovalRule = command({
  name: 'messages.set-approval-rule',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ approval: ApprovalRuleSchema }),
  run: async ({ tx, actor }, { sectionId, approval }) => {
    await execute(
      tx,
      sql`
        insert into message_rule (section_id, approval, changed_by, changed_at)
        values (${sectionId}, ${approval}, ${actorUserId(actor)}, ${new Date()})
        on conflict (section_id) do update
        set approval = excluded.approval, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    );
  },
  audit: ({ approval }) => ({
    summary: {
      none: 'Messages go out without anybody’s approval',
      anyone: 'Messages need the approval of a second person',
      admins: 'Messages need the approval of an Account Owner or Admin',
    }[approval],
  }),
});

type Asked = {
  status: SendStatus;
  name: string;
  messageId: MessageId;
  kind: string;
  wish: Wish;
  startsAt: Date;
  createdBy: UserId | null;
};

/** Locks a send that waits for approval. Refuses unless the actor may decide about it. */
async function lockAsked(tx: Tx, actor: Actor, sectionId: SectionId, sendId: SendId): Promise<Asked> {
  const found = await maybeOne<Omit<Asked, 'wish'> & { wish: unknown }>(
    tx,
    sql`
      select send.status, message.name, send.message_id as "messageId", send.kind, send.wish, send.starts_at as "startsAt",
        send.created_by as "createdBy"
      from send
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      where send.section_id = ${sectionId} and send.id = ${sendId} for update of send`,
  );
  if (!found) return refuse('not_found', 'This send does not exist in this section.');
  if (actor.kind !== 'user') refuse('not_allowed', 'Only a person can approve a message.');
  const why = whyNot(actor, await approvalRule(tx, sectionId), found.createdBy);
  if (why !== null) refuse('not_allowed', why);
  if (found.kind === 'service') requireMayServe(actor);
  if (found.status !== 'asked') refuse('conflict', 'This message does not wait for approval any more.');
  return { ...found, wish: WishSchema.parse(found.wish) };
}

/** Why a person may not decide; null: they may. */
function whyNot(actor: UserActor, rule: ApprovalRule, askedBy: UserId | null): string | null {
  if (askedBy === actor.userId) return 'Nobody approves their own message: somebody else has to look at it.';
  if (rule === 'admins' && !mayAct(actor, 'admins')) {
    return 'Only Account Owners and Admins approve messages here. Ask one of them.';
  }
  return null;
}

/**
 * Approves a message: it is scheduled as it was asked about. `now`: its time has passed while it waited, and it goes at once; without that
 * it is refused then.
 */
export const approveSend = command({
  name: 'messages.approve',
  scope: 'section',
  allow: 'everyone',
  input: InSend.extend({ now: z.boolean().default(false) }),
  run: async ({ tx, actor }, { sectionId, sendId, now: goesNow }) => {
    const send = await lockAsked(tx, actor, sectionId, sendId);
    const now = new Date();
    const atOnce = goesNow || send.wish.when === 'now';
    // By each person's clock it has not passed before it has where the others are.
    const { wish } = send;
    const byPerson = wish.when === 'at' && wish.byPerson !== undefined;
    const moment = (byPerson && momentOf(wish, now)) || send.startsAt;
    if (!atOnce && moment.getTime() < now.getTime() - PAST_MS) {
      refuse('conflict', 'Its time has passed while it waited. Approve it to go now, or send it back.');
    }
    await execute(
      tx,
      sql`
        update send set
          status = 'scheduled', approval = 'approved', decided_by = ${actorUserId(actor)}, decided_at = ${now},
          starts_at = case when ${atOnce} then ${now}::timestamptz else greatest(starts_at, ${now}::timestamptz) end,
          wish = case when ${atOnce} then '{"when":"now"}'::jsonb else wish end
        where section_id = ${sectionId} and id = ${sendId}`,
    );
    if (atOnce || send.startsAt <= now) await addPrepareJob(tx, { sectionId, sendId });
    return { name: send.name, messageId: send.messageId };
  },
  audit: (_input, { name, messageId }) => ({
    summary: `Approved the message “${name}”`,
    subject: `message:${messageId}`,
  }),
});

/** Sends a message back to who asked, with a note: it is a draft again. */
export const returnSend = command({
  name: 'messages.return',
  scope: 'section',
  allow: 'everyone',
  input: InSend.extend({
    note: z
      .string()
      .trim()
      .min(1, 'Say what is to be changed.')
      .max(NOTE_MAX, `Use at most ${NOTE_MAX.toLocaleString('en-GB')} characters.`),
  }),
  run: async ({ tx, actor }, { sectionId, sendId, note }) => {
    const { name, messageId } = await lockAsked(tx, actor, sectionId, sendId);
    const now = new Date();
    await execute(
      tx,
      sql`
        update send set
          status = 'returned', approval = 'returned', decided_by = ${actorUserId(actor)}, decided_at = ${now},
          decided_note = ${note}, ended_at = ${now}
        where section_id = ${sectionId} and id = ${sendId}`,
    );
    return { name, messageId };
  },
  audit: ({ note }, { name, messageId }) => ({
    summary: `Sent the message “${name}” back: ${note}`,
    subject: `message:${messageId}`,
  }),
});

const APPROVAL_COLUMNS = sql`
  send.id as "sendId", case when send.approval = 'asked' and send.status <> 'asked' then 'withdrawn' else send.approval end as state,
  asker.name as "askedBy", send.created_by as "askedById", send.created_at as "askedAt", decider.name as "decidedBy",
  send.decided_at as "decidedAt", send.decided_note as note`;

/** The section's rule, and the times that somebody asked for approval of a message, newest first. */
export const readApprovals = query({
  name: 'messages.read-approvals',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: async ({ db }, { sectionId, messageId }): Promise<Approvals> => ({
    rule: await approvalRule(db, sectionId),
    entries: await rows<ApprovalEntry>(
      db,
      sql`
        select ${APPROVAL_COLUMNS}
        from send
        left join app_user asker on asker.id = send.created_by
        left join app_user decider on decider.id = send.decided_by
        where send.section_id = ${sectionId} and send.message_id = ${messageId} and send.approval is not null
        order by send.id desc limit ${HISTORY}`,
    ),
  }),
});

/** What a person is told wherever they are: messages that wait for their approval or their choice, and what was decided lately about theirs. */
export async function messageNotices(
  db: Db,
  actor: UserActor,
  sectionId: SectionId,
  now = new Date(),
): Promise<MessageNotice[]> {
  const found = await rows<MessageNotice & { messageKind: string }>(
    db,
    sql`
      select notice.kind, notice.id as "sendId", notice.message_id as "messageId", message.name, app_user.name as by,
        notice.note, message.kind as "messageKind"
      from (
        select 'asked' as kind, send.id, send.message_id, send.created_by as by, '' as note
        from send
        where send.section_id = ${sectionId} and send.status = 'asked' and send.created_by is distinct from ${actor.userId}
        union all
        select 'choice', send.id, send.message_id, null::int, ''
        from send
        where send.section_id = ${sectionId} and send.status = 'paused' and send.pause_kind = 'choice'
          and send.created_by = ${actor.userId}
        union all
        select send.approval, send.id, send.message_id, send.decided_by, send.decided_note
        from send
        where send.section_id = ${sectionId} and send.decided_at > ${new Date(now.getTime() - NEWS_MS)}
          and send.created_by = ${actor.userId}
      ) notice
      join message on message.section_id = ${sectionId} and message.id = notice.message_id and message.deleted_at is null
      left join app_user on app_user.id = notice.by
      order by notice.id desc
      limit 50`,
  );
  if (found.length === 0) return [];
  const isAdmin = mayAct(actor, 'admins');
  const mayDecide = isAdmin || (await approvalRule(db, sectionId)) !== 'admins';
  return found.flatMap(({ messageKind, ...notice }) =>
    notice.kind !== 'asked' || (mayDecide && (messageKind !== 'service' || isAdmin)) ? [notice] : [],
  );
}
