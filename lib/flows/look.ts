// Triggers that nobody signals: who has come into a segment or left it, and whose date has come. Looked for again and again; each flow knows up to when
// that was done, so a moment is neither passed over nor taken twice.
import type { FlowId, SectionId, SegmentId } from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { addDays } from '@/lib/attributes/days';
import { memberIds } from '@/lib/segments/compile';
import { openSegment } from '@/lib/segments/definitions';
import { isGoalLookedFor, leaveByGoal } from './goal';
import { openFlow, usablePlans, type OpenFlow } from './open';
import type { Trigger } from './schema';
import { sendTo } from './who';
import { Counting } from './write';
import { daysAfter, inYear, zoneOr } from './zones';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What was due longer ago is passed over: nobody wants yesterday’s birthday mail. */
const LATE_MS = DAY_MS;
/** A look takes at most a fiftieth of the time. */
const PAUSE_FACTOR = 50;

/** Whether a trigger is looked for. */
export const isLookedFor = (trigger: Trigger | null): boolean =>
  trigger?.kind === 'segment' || trigger?.kind === 'date';

type Due = { sectionId: SectionId; flowId: FlowId };

/** Looks for each flow that is due. Throws at the end if one failed; the others are done. */
export async function lookForTriggers({ now, signal }: { now?: Date; signal?: AbortSignal } = {}): Promise<void> {
  const time = now ?? (await databaseTime(pool()));
  const due = await rows<Due>(
    pool(),
    sql`
      select section_id as "sectionId", id as "flowId" from flow
      where look_at <= ${time} and state in ('live', 'paused')
      order by look_at`,
  );
  const failed: unknown[] = [];
  for (const flow of due) {
    if (signal?.aborted) break;
    await transaction((tx) => look(tx, flow, now)).catch((error: unknown) => failed.push(error));
  }
  if (failed.length > 0) throw new AggregateError(failed, 'Triggers could not be looked for.');
}

async function look(tx: Tx, { sectionId, flowId }: Due, given: Date | undefined): Promise<void> {
  const now = given ?? (await databaseTime(tx));
  const locked = await maybeOne<{ lookedAt: Date | null }>(
    tx,
    sql`
      select looked_at as "lookedAt" from flow
      where section_id = ${sectionId} and id = ${flowId} and state in ('live', 'paused') and look_at <= ${now}
      for no key update skip locked`,
  );
  const flow = locked && (await openFlow(tx, sectionId, flowId));
  if (!flow || flow.version === null) return;
  const begun = Date.now();
  const plan = (await usablePlans(tx, flow, [flow.version])).get(flow.version);
  const trigger = plan?.document.trigger ?? null;
  // A flow that needs attention keeps its place: what comes meanwhile is found once it is fixed.
  if (trigger?.kind === 'segment')
    await lookAtSegment(tx, flow, trigger.segmentId!, trigger.becomes, now, locked.lookedAt);
  if (trigger?.kind === 'date') await lookAtDates(tx, flow, trigger, now, locked.lookedAt ?? now);
  const counting = new Counting();
  const more = plan !== undefined && (await leaveByGoal(tx, flow, null, now, counting));
  await counting.write({ tx, ...flow }, now);
  const pause = more ? 0 : Math.max(MINUTE_MS, PAUSE_FACTOR * (Date.now() - begun));
  const isOver = trigger && !isLookedFor(trigger) && !more && !isGoalLookedFor(flow.settings);
  const lookAt = isOver ? null : new Date(now.getTime() + pause);
  await execute(
    tx,
    sql`
      update flow set look_at = ${lookAt}::timestamptz
        ${plan ? sql`, looked_at = ${now}` : sql``}
      where section_id = ${sectionId} and id = ${flowId}`,
  );
}

/** Compares the members with those of the last look. The first one only notes them. */
async function lookAtSegment(
  tx: Tx,
  flow: OpenFlow,
  segmentId: SegmentId,
  becomes: 'in' | 'out',
  now: Date,
  lookedAt: Date | null,
): Promise<void> {
  const { sectionId, flowId } = flow;
  const { rules, definitions } = await openSegment(tx, sectionId, segmentId);
  const members = memberIds({ sectionId, definitions, now }, rules);
  const gone = await rows<{ profileId: number }>(
    tx,
    sql`
      delete from flow_member member
      where member.section_id = ${sectionId} and member.flow_id = ${flowId}
        and not exists (select from (${members}) members where members.profile_id = member.profile_id)
      returning member.profile_id as "profileId"`,
  );
  const come = await rows<{ profileId: number }>(
    tx,
    sql`
      insert into flow_member (section_id, flow_id, profile_id)
      select ${sectionId}::int, ${flowId}::int, profile_id from (${members}) members
      order by profile_id
      on conflict (section_id, flow_id, profile_id) do nothing
      returning profile_id as "profileId"`,
  );
  const entering = (becomes === 'in' ? come : gone).map(({ profileId }) => profileId);
  if (lookedAt === null || entering.length === 0) return;
  await sendTo(tx, flow, sql`select unnest(${entering}::bigint[]) as profile_id`, now);
}

type DateTrigger = Extract<Trigger, { kind: 'date' }>;

/** Those whose moment has come since the last look, each by the clock of their own zone. */
async function lookAtDates(tx: Tx, flow: OpenFlow, trigger: DateTrigger, now: Date, lookedAt: Date): Promise<void> {
  const { sectionId, settings, timeZone } = flow;
  const from = new Date(Math.max(lookedAt.getTime(), now.getTime() - LATE_MS));
  const { code } = await one<{ code: string }>(
    tx,
    sql`select code from attribute where section_id = ${sectionId} and id = ${trigger.attributeId}`,
  );
  const date = sql`left(profile.attributes ->> ${code}, 10)`;
  const own = await ownZones(tx, flow);
  const groups: Sql[] = [];
  for (const zone of new Set([timeZone, ...own.map(({ name }) => zoneOr(name, timeZone))])) {
    const days = daysBetween(trigger, zone, from, now);
    if (days.length === 0) continue;
    const falls = trigger.yearly
      ? sql`substring(${date} from 6) = any(${yearly(days)}::text[])`
      : sql`${date} = any(${days}::text[])`;
    const names = own.filter(({ name }) => zoneOr(name, timeZone) === zone).map(({ name }) => name);
    groups.push(
      sql`(${falls} and ${livesIn(settings.zoneAttributeId === null ? null : own, names, zone === timeZone)})`,
    );
  }
  if (groups.length === 0) return;
  const zoneJoin =
    settings.zoneAttributeId === null
      ? sql``
      : sql`join attribute zone on zone.section_id = ${sectionId} and zone.id = ${settings.zoneAttributeId}`;
  const any = groups.reduce((all, group) => sql`${all} or ${group}`);
  const people = sql`
    select profile.id as profile_id from profile ${zoneJoin}
    where profile.section_id = ${sectionId} and (${any})`;
  await sendTo(tx, flow, people, now);
}

/** The zones that people of the section have of their own, as they are written. */
async function ownZones(tx: Tx, { sectionId, settings: { zoneAttributeId } }: OpenFlow): Promise<{ name: string }[]> {
  if (zoneAttributeId === null) return [];
  return rows(
    tx,
    sql`
      select distinct profile.attributes ->> zone.code as name
      from profile
      join attribute zone on zone.section_id = ${sectionId} and zone.id = ${zoneAttributeId}
      where profile.section_id = ${sectionId} and profile.attributes ? zone.code`,
  );
}

/** A condition: somebody lives in the zone with these names. `isDefault`: so do those without one. */
function livesIn(own: readonly { name: string }[] | null, names: readonly string[], isDefault: boolean): Sql {
  if (own === null) return sql`true`;
  const named = sql`profile.attributes ->> zone.code = any(${names}::text[])`;
  return isDefault ? sql`(${named} or not profile.attributes ? zone.code)` : named;
}

/** The dates whose moment is after the first and not after the second: those that people have, in the year in which it falls. */
function daysBetween(trigger: DateTrigger, zone: string, from: Date, to: Date): string[] {
  const days: string[] = [];
  const first = addDays(from.toISOString().slice(0, 10), -trigger.days - 2);
  const last = addDays(to.toISOString().slice(0, 10), -trigger.days + 2);
  for (let day = first; day <= last; day = addDays(day, 1)) {
    const moment = daysAfter(day, trigger.days, trigger.at, zone);
    if (moment > from && moment <= to) days.push(day);
  }
  return days;
}

/** 'MM-DD' of days; with 28 February in other years, also the 29th. */
const yearly = (days: readonly string[]): string[] =>
  days.flatMap((day) => {
    const leap = `2000-02-29`;
    return inYear(leap, Number(day.slice(0, 4))) === day && !day.endsWith('02-29')
      ? [day.slice(5), '02-29']
      : [day.slice(5)];
  });
