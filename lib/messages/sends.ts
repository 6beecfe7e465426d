// What pages read about a send while it goes out, and after.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { failedFor } from '@/lib/audience/candidates';
import type { AudienceCounts } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import { inAddress, MessageIdSchema, type MessageId, type SectionId, type SendId, type SenderId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db } from '@/lib/db/sql';
import { talliesOf } from './ab';
import type { AbResult, SendTest, VariantTally } from './ab-schema';
import { laneName, slowLanes, WHOLE_SENDER } from './lanes';
import { hoursFor, leavesAt } from './sms-hours';
import type { MessageKind } from '@/lib/suppression/may-receive';
import type { Hours } from '@/lib/text/hours';
import { SettingsSchema } from '@/lib/sending/schema';
import { InSend, RECIPIENT_STATES, type PauseKind, type RecipientState, type SendStatus, type Wish } from './schema';

/** Recipients by state, and those of a state by reason; of `sent`, why they came back. */
export type StateCount = { state: RecipientState; why: string | null; people: number };

/** What holds up mails. `provider`: whose mails; null: some domains. `isAll`: all of the sender's. */
export type HoldUp = { provider: string | null; isAll: boolean; until: Date; answer: string };

export type SendView = {
  id: SendId;
  messageId: MessageId;
  channel: Channel;
  status: SendStatus;
  wish: Wish;
  startsAt: Date;
  startedAt: Date | null;
  frozenAt: Date | null;
  endedAt: Date | null;
  pauseKind: PauseKind | null;
  pauseReason: string | null;
  promised: number | null;
  /** Of the frozen audience. */
  counts: AudienceCounts | null;
  senderId: SenderId;
  senderName: string;
  /** The sender is the built-in mailbox: nothing leaves this server. */
  isMailbox: boolean;
  senderPausedAt: Date | null;
  version: number;
  /** Its A/B test. `tallies`: of the test part, as of now. `winner`: the variant that the others get. */
  ab: (SendTest & { tallies: VariantTally[]; result: AbResult | null; endsAt: Date | null }) | null;
  winner: number | null;
  /** Who chose it; null: the clicks. */
  winnerBy: string | null;
  winnerAt: Date | null;
  byState: Record<RecipientState, number>;
  byReason: StateCount[];
  /** To those for whom earlier sends failed. */
  ofFailed: boolean;
  /** All recipients. */
  recipients: number;
  /** Those of which it is known, or known to be unknown, what became. */
  ended: number;
  /** Its sender's hours for it; null: it leaves at any time. `opensAt`: it is being sent, and leaves again then. */
  hours: Hours | null;
  opensAt: Date | null;
  /** When the next of those who wait is due, while it is being sent. */
  nextAt: Date | null;
  holdUps: HoldUp[];
};

/** A send with its recipients by state and reason, counted from their rows. */
export const readSend = query({
  name: 'messages.read-send',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSend,
  run: async ({ db }, { sectionId, sendId }) =>
    (await findSend(db, sectionId, sendId)) ?? refuse('not_found', 'This send does not exist in this section.'),
});

/** How many were to get a message and are known not to have got it, in none of its sends. Whether they may get it now is counted like any audience. */
export const readFailed = query({
  name: 'messages.count-failed',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ messageId: inAddress(MessageIdSchema) }),
  run: async ({ db }, { sectionId, messageId }) =>
    messageId === null
      ? 0
      : (
          await one<{ people: number }>(
            db,
            sql`select count(*)::int as people from (${failedFor(sectionId, messageId)}) failed`,
          )
        ).people,
});

const OPEN: readonly RecipientState[] = ['waiting', 'claimed', 'handing', 'held'];

/** A send; undefined if there is none. */
export async function findSend(db: Db, sectionId: SectionId, sendId: SendId): Promise<SendView | undefined> {
  type Row = Omit<
    SendView,
    'byState' | 'byReason' | 'recipients' | 'ended' | 'nextAt' | 'holdUps' | 'ab' | 'hours' | 'opensAt'
  >;
  const found = await maybeOne<
    Row & {
      ab: SendTest | null;
      abEndsAt: Date | null;
      abResult: AbResult | null;
      kind: MessageKind;
      senderSettings: unknown;
    }
  >(
    db,
    sql`
      select send.id, send.message_id as "messageId", message.channel, send.status, send.wish, send.starts_at as "startsAt",
        send.started_at as "startedAt", send.frozen_at as "frozenAt", send.ended_at as "endedAt",
        send.pause_kind as "pauseKind", send.pause_reason as "pauseReason", send.promised, send.counts, send.of_failed as "ofFailed",
        send.sender_id as "senderId", sender.name as "senderName", sender.kind = 'mailbox' as "isMailbox",
        sender.paused_at as "senderPausedAt", send.kind, sender.settings as "senderSettings", send.version, send.ab, send.ab_ends_at as "abEndsAt",
        send.ab_result as "abResult", send.winner, app_user.name as "winnerBy", send.winner_at as "winnerAt"
      from send
      left join app_user on app_user.id = send.winner_by
      join message on message.section_id = ${sectionId} and message.id = send.message_id
      join sender on sender.section_id = ${sectionId} and sender.id = send.sender_id
      where send.section_id = ${sectionId} and send.id = ${sendId}`,
  );
  if (!found) return undefined;
  const { ab, abEndsAt, abResult, kind, senderSettings, ...send } = found;
  const [hours, moment] = [hoursFor({ ...send, kind }, { settings: SettingsSchema.parse(senderSettings) }), new Date()];
  const opensAt = leavesAt(hours, moment);
  // Rows of a cancelled send follow it in steps.
  const now =
    send.status === 'cancelled'
      ? sql`case when state in ('waiting', 'held') then 'cancelled' else state end`
      : sql`state`;
  const counted = await rows<StateCount & { nextAt: Date | null }>(
    db,
    sql`
      select ${now} as state, case when state = 'sent' then bounce else why end as why, count(*)::int as people,
        min(next_at) filter (where state = 'waiting') as "nextAt"
      from recipient where section_id = ${sectionId} and send_id = ${sendId}
      group by 1, 2 order by 1, 2`,
  );
  const people = (of: readonly RecipientState[]) =>
    counted.filter(({ state }) => of.includes(state)).reduce((sum, row) => sum + row.people, 0);
  const recipients = people(RECIPIENT_STATES);
  const next = counted.flatMap(({ nextAt }) => (nextAt ? [nextAt] : [])).toSorted((one, other) => +one - +other)[0];
  return {
    ...send,
    ab: ab && { ...ab, tallies: await talliesOf(db, sectionId, sendId), result: abResult, endsAt: abEndsAt },
    byState: Object.fromEntries(RECIPIENT_STATES.map((state) => [state, people([state])])) as SendView['byState'],
    byReason: counted.map(({ state, why, people: number }) => ({ state, why, people: number })),
    recipients,
    ended: recipients - people(OPEN),
    hours,
    opensAt: send.status === 'sending' && opensAt > moment ? opensAt : null,
    nextAt: send.status === 'sending' ? (next ?? null) : null,
    holdUps: send.status === 'sending' ? await holdUps(db, sectionId, send.senderId, new Date()) : [],
  };
}

async function holdUps(db: Db, sectionId: SectionId, senderId: SenderId, now: Date): Promise<HoldUp[]> {
  const slow = await slowLanes(db, { sectionId, senderId });
  return slow
    .filter(({ until }) => until > now)
    .map(({ lane, until, answer }) => ({
      provider: laneName(lane),
      isAll: lane === WHOLE_SENDER,
      until,
      answer,
    }));
}
