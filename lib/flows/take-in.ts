// Works off the inbox of a flow: who leaves by an exit tag, who enters, and who may have waited for what happened. A signal only says that something
// happened; who may enter is looked up, and whoever waits looks again. Signals go with the transaction of their effect, so none is lost or done twice.
import type { ProfileId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { consumeSignals } from '@/lib/signals/inbox';
import type { Signal } from '@/lib/signals/schema';
import { enrol } from './enrol';
import { leaveByGoal } from './goal';
import { CONSUMER } from './listening';
import { holdDoorOpen } from './lock';
import { canBeAsked, whatIsMeant } from './meant';
import { openFlow, planOf, usablePlans, type OpenFlow } from './open';
import { STAGE, type FlowPlace } from './run';
import { Counting, keepOut, writeLeft, type Leaving } from './write';

/** How long a chain of flows that start each other may be: what is longer is taken for a circle. */
const HOPS_MAX = 10;

/** `limit`: signals at once. `now`: tests bring a clock of their own. */
export type TakeInOptions = { limit: number; now?: Date };

/** One batch of a flow’s inbox. Returns how many signals there were: fewer than `limit` are all. */
export async function takeIn(place: FlowPlace, { limit, now }: TakeInOptions): Promise<number> {
  try {
    return await transaction((tx) => takeBatch(tx, place, { limit, now }), RACE_CODES);
  } catch (error) {
    if (limit > 1) return takeIn(place, { limit: Math.floor(limit / 2), now });
    // It stands alone. What it would have started is kept, and nothing behind it waits.
    await transaction((tx) => setAside(tx, place, now));
    throw error;
  }
}

const inboxOf = ({ sectionId, flowId }: FlowPlace) => ({ sectionId, consumer: CONSUMER, consumerId: flowId });

async function takeBatch(tx: Tx, place: FlowPlace, { limit, now: given }: TakeInOptions): Promise<number> {
  const now = given ?? (await databaseTime(tx));
  const signals = await consumeSignals(tx, inboxOf(place), { limit, now });
  if (signals.some(({ purpose }) => purpose === 'enrol')) await holdDoorOpen(tx, place.flowId);
  const flow = signals.length > 0 && (await openFlow(tx, place.sectionId, place.flowId));
  if (flow) await handle(tx, flow, signals, now);
  return signals.length;
}

async function handle(tx: Tx, flow: OpenFlow, signals: readonly Signal[], now: Date): Promise<void> {
  if (flow.state !== 'live' && flow.state !== 'paused') return;
  const of = (purpose: string) => signals.filter((signal) => signal.purpose === purpose);
  // An exit tag that was taken out of the settings since lets nobody leave.
  const exits = of('exit').filter(({ subjectId }) => subjectId === flow.settings.exitTagId);
  const counting = new Counting();
  await leave(tx, flow, exits, now, counting);
  const near = new Set(of('goal').map(({ profileId }) => profileId));
  await leaveByGoal(tx, flow, [...near], now, counting);
  const entering = of('enrol');
  if (entering.length > 0) await letIn(tx, flow, { entering, exits }, now, counting);
  await wake(tx, flow, of('wake'), now);
  await counting.write({ tx, ...flow }, now);
}

/** Whoever got the exit tag leaves, wherever they are. Locked in the order of their ids, so that two batches do not wait for each other. */
async function leave(tx: Tx, flow: OpenFlow, exits: readonly Signal[], now: Date, counting: Counting): Promise<void> {
  if (exits.length === 0) return;
  const { sectionId, flowId } = flow;
  const inside = await rows<Leaving>(
    tx,
    sql`
      select profile_id as "profileId", entry, version, step, arrived_at as "arrivedAt" from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and due_at is not null
        and profile_id = any(${exits.map(({ profileId }) => profileId)}::bigint[])
      order by profile_id
      for update`,
  );
  await writeLeft({ tx, ...flow }, inside, 'exit_tag', now, counting);
}

async function letIn(
  tx: Tx,
  flow: OpenFlow,
  { entering, exits }: { entering: readonly Signal[]; exits: readonly Signal[] },
  now: Date,
  counting: Counting,
): Promise<void> {
  const { version } = flow;
  if (version === null) return;
  const place = { tx, ...flow };
  const plan = (await usablePlans(tx, flow, [version])).get(version);
  const { trigger } = (plan ?? (await planOf(tx, flow.sectionId, flow.flowId, version))).document;
  const isAsked = plan !== undefined || (await canBeAsked(tx, flow, trigger));
  const meant = isAsked ? await whatIsMeant(tx, flow, trigger, entering, now) : entering;
  if (flow.state === 'paused' || !plan) {
    const why = flow.state === 'paused' ? 'paused' : 'attention';
    const people = firstOfEach(meant);
    counting.refused(version, why, people.length);
    return keepOut(place, people, why);
  }
  const leftSince = new Map<ProfileId, number>();
  for (const { profileId, id } of exits) leftSince.set(profileId, id);
  const [without, having] = parted(meant, ({ profileId, id }) => (leftSince.get(profileId) ?? 0) < id);
  const [short, circling] = parted(without, ({ hops }) => hops <= HOPS_MAX);
  const people = firstOfEach(short);
  counting.refused(version, 'exit_tag', having.length);
  counting.refused(version, 'hops', circling.length);
  counting.refused(version, 'inside', short.length - people.length);
  await enrol(place, flow, plan, people, now, counting);
}

/** One signal of each person, the first that lets them in; who comes twice at once has already entered. */
const firstOfEach = (signals: readonly Signal[]): Signal[] =>
  [...new Map([...signals].reverse().map((signal) => [signal.profileId, signal])).values()].reverse();

function parted<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/**
 * Those who may have waited for it look again, in the next batch: after this transaction, so that they see it. Those who wait only for the clock do so if
 * their zone has changed.
 */
async function wake(tx: Tx, flow: OpenFlow, signals: readonly Signal[], now: Date): Promise<void> {
  const isOfZone = ({ topic, subjectId }: Signal) =>
    topic === 'attribute_changed' && subjectId === flow.settings.zoneAttributeId;
  const [moved, others] = parted(signals, isOfZone);
  await wakeAt(tx, flow, [STAGE.listening], others, now);
  await wakeAt(tx, flow, [STAGE.listening, STAGE.waiting], moved, now);
}

async function wakeAt(
  tx: Tx,
  { sectionId, flowId }: OpenFlow,
  stages: readonly number[],
  signals: readonly Signal[],
  now: Date,
): Promise<void> {
  if (signals.length === 0) return;
  await execute(
    tx,
    sql`
      update flow_run run set due_at = ${now}
      from (
        select profile_id from flow_run
        where section_id = ${sectionId} and flow_id = ${flowId} and stage = any(${stages}::smallint[]) and due_at > ${now}
          and profile_id = any(${signals.map(({ profileId }) => profileId)}::bigint[])
        order by profile_id
        for update
      ) waiting
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = waiting.profile_id`,
  );
}

async function setAside(tx: Tx, place: FlowPlace, given: Date | undefined): Promise<void> {
  const now = given ?? (await databaseTime(tx));
  for (const signal of await consumeSignals(tx, inboxOf(place), { limit: 1, now })) {
    if (signal.purpose === 'enrol') await keepOut({ tx, ...place }, [signal], 'attention');
  }
}
