// Recipients on their way: waiting → claimed → handing → an end, or waiting again. Each step is one statement over many rows, and holds
// only for the lease that claimed them.
import { isExcluded } from '@/lib/audience/candidates';
import type { OpenAudience } from '@/lib/audience/open';
import type { Audience } from '@/lib/audience/schema';
import type { Channel } from '@/lib/consents/schema';
import type { FlowId, ProfileId, SectionId, SendId, TopicId } from '@/lib/db/ids';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { maybeOne, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { OpenSender } from '@/lib/sending/schema';
import { takeRoom } from '@/lib/sending/use';
import { addressOf, hasConsent, isSuppressed, type MessageKind } from '@/lib/suppression/may-receive';
import type { Given } from './given';
import { isWantedByFlow, reachedByRules } from './of-flow';
import { countAlone, filledAt } from './limits';
import { SendLimitsSchema, type Limit } from './limits-schema';
import { LANES, LANES_OF_SERVICE, roomInLane, type SlowLane } from './lanes';
import { lockPaces, usePaces, type LaneRooms } from './paces';
import { LostLease, type Slot } from './leases';
import { SERVICE_SLOT } from './queue';
import type { MessageSettings, RecipientState } from './schema';
import { hoursFor, isTooLate, leavesAt } from './sms-hours';

/** A recipient that was claimed. `number` names it for good. */
export type Claimed = {
  sendId: SendId;
  number: number;
  profileId: ProfileId;
  address: string;
  lane: number;
  /** Of an A/B test: A is 0. */
  variant: number;
  attempts: number;
  triedAt: Date;
  given: Given | null;
  /** When it was claimed, and room taken for it. The row has it in `next_at`: another claim of it, under the same lease too, has another moment. */
  claimedAt: Date;
};

/** One claim of a recipient. */
export type ClaimOf = Pick<Claimed, 'number' | 'claimedAt'>;

export type ClaimedSend = {
  sectionId: SectionId;
  id: SendId;
  channel: Channel;
  kind: MessageKind;
  topicIds: readonly TopicId[];
  /** The flow that sends it. */
  flowId: FlowId | null;
  audience: Audience;
  settings: Pick<MessageSettings, 'onlySameDay'>;
  frozenAt: Date | null;
};

/** `open`: the send's audience as it is now. */
type How = { open: OpenAudience; most: number; slow: readonly SlowLane[]; now: Date };

/**
 * `claimed`: those to be mailed. `looked`: how many rows were looked at. `nextAt`: the sender's limits allow no more until then. `opensAt`: this
 * send may leave from then on.
 */
export type Claim = { claimed: Claimed[]; looked: number; nextAt: Date | null; opensAt: Date | null };

/** When somebody is looked at again who waits for somebody else's row. */
const LATER_MS = 2_000;
/** When it is looked again whether a sender is still paused. */
export const PAUSED_MS = 60_000;

/**
 * Claims up to `most` recipients of a send that are due, if it is being sent. Who may no longer get it is skipped, with the reason. The
 * address is that of this moment. Throws `LostLease`.
 */
export function claim(
  { slot, lease, sender }: { slot: Slot; lease: string; sender: OpenSender },
  send: ClaimedSend,
  { open, most, slow, now }: How,
): Promise<Claim> {
  return transaction(async (tx) => {
    const { status, isOpen, sharesWithApi, limits } = await stateUnderLease(tx, slot, lease, send);
    if (status !== 'sending') return NOTHING;
    if (!isOpen) return { ...NOTHING, nextAt: new Date(now.getTime() + PAUSED_MS) };
    const hours = hoursFor(send, sender);
    const isLate = isTooLate(hours, { ...send.settings, frozenAt: send.frozenAt }, now);
    const opensAt = leavesAt(hours, now);
    if (opensAt > now && !isLate) return { ...NOTHING, opensAt };
    const isService = slot.slot === SERVICE_SLOT;
    const rated = await lockPaces(tx, sender, isService, now);
    const due = await lockDue(tx, send, { lanes: isService ? LANES_OF_SERVICE : LANES, most, slow, rated, now });
    if (due.length === 0) return NOTHING;
    const limit = send.kind === 'marketing' ? SendLimitsSchema.parse(limits ?? {})[send.channel] : null;
    if (limit) await countAlone(tx, send.sectionId);
    const share = sharesWithApi && !isService ? 1 - KEPT_FOR_SERVICE : 1;
    // Two statements, as the plan of one is a matter of luck: it may judge everybody again for each row.
    const verdicts = isLate
      ? due.map(({ number }): Verdict => ({ number, address: null, why: 'late' }))
      : await rows<Verdict>(tx, judged(send, open, due, now, limit, await goalReached(tx, send, now)));
    // Who does not get it uses up nothing of the sender's limits.
    const [get, others] = [verdicts.filter(({ why }) => why === null), verdicts.filter(({ why }) => why !== null)];
    const room = get.length === 0 ? NO_NEED : await takeRoom(tx, sender, get.length, now, share);
    const settledNow = [...others, ...get.slice(0, room.granted)];
    if (settledNow.length === 0) return { ...NOTHING, nextAt: room.nextAt };
    const claimed = await take(tx, send, settledNow, lease, now);
    await usePaces(tx, sender, rated, claimed, now);
    return { claimed, looked: settledNow.length, nextAt: room.nextAt, opensAt: null };
  }, RACE_CODES);
}

/** The part of a sender's limits that is kept for mails of single calls, where there are some. */
const KEPT_FOR_SERVICE = 0.1;

const NO_NEED = { granted: 0, nextAt: null };
const NOTHING: Claim = { claimed: [], looked: 0, nextAt: null, opensAt: null };

/** A condition on `now`: they have reached the goal of the flow that sends it. Null: it is not asked. */
const goalReached = (tx: Tx, { sectionId, flowId }: ClaimedSend, now: Date): Promise<Sql | null> =>
  flowId === null ? Promise.resolve(null) : reachedByRules(tx, { sectionId, flowId }, sql`now.profile_id`, now);

type State = { status: string | null; isOpen: boolean; sharesWithApi: boolean; limits: unknown };

/** A condition: the sender takes mails and SMS: it is neither paused nor removed. */
export const isSenderOpen = ({ sectionId, senderId }: Slot): Sql => sql`exists (
  select from sender
  where sender.section_id = ${sectionId} and sender.id = ${senderId} and sender.paused_at is null
    and sender.removed_at is null
)`;

/** Holds the lease until the transaction ends, so that nobody takes it over in between. */
async function stateUnderLease(tx: Tx, own: Slot, lease: string, send: ClaimedSend): Promise<State> {
  const { sectionId, senderId, slot } = own;
  const held = await maybeOne<State>(
    tx,
    sql`
      select (select status from send where send.section_id = ${sectionId} and send.id = ${send.id}) as status,
        ${isSenderOpen(own)} as "isOpen",
        exists (
          select from send
          where send.section_id = ${sectionId} and send.sender_id = ${senderId} and send.origin = 'api'
            and send.status = 'sending'
        ) as "sharesWithApi",
        (select limits from message_rule where message_rule.section_id = ${sectionId}) as limits
      from sender_lease
      where section_id = ${sectionId} and sender_id = ${senderId} and slot = ${slot} and lease = ${lease}
      for share`,
  );
  if (!held) throw new LostLease();
  return held;
}

type Due = { number: number };
type Verdict = { number: number; address: string | null; why: string | null };

function lockDue(
  tx: Tx,
  { sectionId, id }: ClaimedSend,
  { lanes: all, most, slow, rated, now }: Omit<How, 'open'> & { lanes: readonly number[]; rated: LaneRooms },
): Promise<Due[]> {
  const known = new Map(slow.map((lane) => [lane.lane, lane]));
  const open = all.filter((lane) => (known.get(lane)?.until ?? now) <= now && rated.get(lane)?.room !== 0);
  // Each time in another order, so that no provider always comes first.
  const from = Math.floor(Math.random() * open.length);
  const lanes = [...open.slice(from), ...open.slice(0, from)];
  const rooms = lanes.map((lane) =>
    Math.min(rated.get(lane)?.room ?? most, roomInLane(most, known.get(lane)?.step ?? 0)),
  );
  return rows<Due>(
    tx,
    sql`
      select due.number
      from unnest(${lanes}::smallint[], ${rooms}::int[]) as open (lane, most)
      cross join lateral (
        select recipient.number from recipient
        where recipient.section_id = ${sectionId} and recipient.send_id = ${id} and recipient.state = 'waiting'
          and recipient.lane = open.lane and recipient.next_at <= ${now}
        order by recipient.next_at, recipient.profile_id
        limit open.most
        for update skip locked
      ) due
      limit ${most}`,
  );
}

/**
 * Takes rows that are locked: each is claimed, skipped, or waits for another one to be settled. Who waits gives up the old address: two
 * people may have exchanged theirs, and neither is to wait for ever.
 */
async function take(
  tx: Tx,
  { sectionId, id }: ClaimedSend,
  verdicts: readonly Verdict[],
  lease: string,
  now: Date,
): Promise<Claimed[]> {
  const taken = await rows<Omit<Claimed, 'claimedAt'> & { state: RecipientState }>(
    tx,
    sql`
      update recipient set
        state = case when verdict.why is null then 'claimed' when verdict.why = 'later' then 'waiting' else 'skipped' end,
        why = case when verdict.why <> 'later' then verdict.why end,
        address_key = case
          when verdict.why is null then verdict.address
          when verdict.why in ('later', 'duplicate') then null
          else recipient.address_key
        end,
        address = coalesce(verdict.address, recipient.address),
        lease = case when verdict.why is null then ${lease}::uuid end,
        tried_at = case when verdict.why is null then coalesce(recipient.tried_at, ${now}::timestamptz) else recipient.tried_at end,
        next_at = case
          when verdict.why is null then ${now}::timestamptz
          when verdict.why = 'later' then ${new Date(now.getTime() + LATER_MS)}::timestamptz
          else recipient.next_at
        end,
        ended_at = case when verdict.why <> 'later' then ${now}::timestamptz end
      from unnest(
        ${verdicts.map(({ number }) => number)}::bigint[], ${verdicts.map(({ address }) => address)}::text[],
        ${verdicts.map(({ why }) => why)}::text[]
      ) as verdict (number, address, why)
      where recipient.section_id = ${sectionId} and recipient.send_id = ${id} and recipient.number = verdict.number
      returning recipient.send_id as "sendId", recipient.number, recipient.profile_id as "profileId", recipient.address,
        recipient.lane, recipient.variant, recipient.attempts, recipient.tried_at as "triedAt", recipient.given,
        recipient.state`,
  );
  return taken.flatMap(({ state, ...claimed }) => (state === 'claimed' ? [{ ...claimed, claimedAt: now }] : []));
}

/**
 * `select number, address, why`: of rows of a send, the address now, and why they do not get it: null, they do. `later`: somebody
 * else who waits has their address, which may have changed.
 */
function judged(
  { sectionId, id, channel, kind, topicIds, flowId }: ClaimedSend,
  audience: OpenAudience,
  due: readonly Due[],
  moment: Date,
  limit: Limit | null,
  reached: Sql | null,
): Sql {
  const message = { sectionId, channel, kind, topics: topicIds };
  const excluded = isExcluded(audience, { sectionId, now: moment, profileId: sql`now.profile_id` });
  const other = (states: Sql) => sql`exists (
    select from recipient other
    where other.section_id = ${sectionId} and other.send_id = ${id} and other.address_key = now.address
      and other.occurrence = now.occurrence and other.number <> now.number and ${states}
  )`;
  const over =
    limit &&
    sql`(${filledAt({ sectionId, channel, limit, now: moment }, sql`now.profile_id`, sql`now.earlier`)} is not null
      or now.earlier >= ${limit.most})`;
  // Materialised, as the address would otherwise be looked up again at each comparison.
  return sql`
    with now as materialized (
      select recipient.number, recipient.profile_id, recipient.occurrence, recipient.address_key as frozen,
        ${addressOf(sectionId, channel, sql`recipient.profile_id`)} as address
        ${limit === null ? sql`` : sql`, row_number() over (partition by recipient.profile_id order by recipient.number) - 1 as earlier`}
      from recipient
      where recipient.section_id = ${sectionId} and recipient.send_id = ${id}
        and recipient.number = any(${due.map(({ number }) => number)}::bigint[])
    )
    select now.number, now.address,
      case
        when now.address is null then 'noAddress'
        ${kind === 'marketing' ? sql`when not ${hasConsent(message, sql`now.profile_id`)} then 'noConsent'` : sql``}
        when ${isSuppressed(message, sql`now.address`)} then 'suppressed'
        ${excluded === null ? sql`` : sql`when ${excluded} then 'excluded'`}
        ${reached === null ? sql`` : sql`when ${reached} then 'flow'`}
        ${flowId === null ? sql`` : sql`when not ${isWantedByFlow(sectionId, flowId, sql`now`)} then 'flow'`}
        ${over === null ? sql`` : sql`when ${over} then 'limit'`}
        when now.address is not distinct from now.frozen then null
        when ${other(sql`other.state not in ('waiting', 'held')`)} then 'duplicate'
        when ${other(sql`true`)} then 'later'
      end as why
    from now`;
}
