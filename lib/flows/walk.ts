// The way that somebody would take through a flow if they entered now, with the times by their own clock. Nothing is done, and nothing is sent.
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db } from '@/lib/db/sql';
import { whoReached } from './goal';
import { happenedAt } from './happenings';
import { firstFitting, whoHas } from './people';
import { closedInWords } from './period';
import { Plan, type Place } from './plan';
import type { Awaited, FlowDocument, FlowSettings, WaitFor } from './schema';
import { wayOf } from './steps/simple';
import { notInside } from './who';
import { daysAfter, openFrom, timeAfter, zoneOr } from './zones';

/** `at`: when they come to the step. `until`: when they go on. `way`: which they take; null: the one for whoever takes no other. */
export type WalkLine = { stepId: string; at: Date; until: Date; way?: string | null; note: string | null };

/** `refused`: why they would not enter; they are walked through all the same. `ends`: how. */
export type Walk = { refused: string | null; zone: string; lines: WalkLine[]; ends: 'done' | 'leave' };

type About = { db: Db; sectionId: SectionId; flowId: FlowId; settings: FlowSettings; profileId: ProfileId; now: Date };

export async function walkThrough(about: About, document: FlowDocument): Promise<Walk> {
  const plan = new Plan(document);
  const zone = await zoneOf(about);
  const lines: WalkLine[] = [];
  let [next, at] = [plan.first, about.now];
  while (next !== null) {
    const place: Place = plan.at(next)!;
    const { until, way, note = null, leaves } = await through(about, place, at, zone);
    lines.push({ stepId: next, at, until, note, ...(way !== undefined && { way }) });
    if (leaves) return { refused: await refusal(about, document), zone, lines, ends: 'leave' };
    next = way === undefined ? place.next : plan.into(place, way);
    at = until;
  }
  return { refused: await refusal(about, document), zone, lines, ends: 'done' };
}

type Through = { until: Date; way?: string | null; note?: string; leaves?: true };

async function through(about: About, { step }: Place, at: Date, zone: string): Promise<Through> {
  const { db, sectionId, flowId, settings, profileId, now } = about;
  switch (step.kind) {
    case 'wait':
      return { until: timeAfter(at, step.time, step.at, zone) };
    case 'wait_hours':
      return { until: openFrom(at, step, zone) };
    case 'wait_date': {
      const date = await valueOf(about, step.attributeId);
      if (date === null)
        return { until: at, note: 'They have no date.', ...(step.none === 'leave' && { leaves: true }) };
      const until = daysAfter(date.slice(0, 10), step.days, step.at, zone);
      if (until > at) return { until };
      return { until: at, note: 'The date is past.', ...(step.past === 'leave' && { leaves: true }) };
    }
    case 'wait_for':
      return waitingFor(about, step, at, zone);
    case 'branch': {
      const rules = step.ways.map((way) => (way.answer || way.given ? null : way.rules));
      const index = (await firstFitting(db, sectionId, rules, [profileId], now)).get(profileId);
      const before = step.ways.slice(0, index);
      const asks = before.some(({ answer }) => answer !== null);
      const asksForData = before.some(({ answer, given }) => answer === null && given !== null);
      return {
        until: at,
        way: index === undefined ? null : step.ways[index]!.id,
        note: asks
          ? 'If they do nothing with the message.'
          : asksForData
            ? 'If no data comes with them.'
            : 'As they are now.',
      };
    }
    case 'split':
      return { until: at, way: wayOf(flowId, step, profileId) };
    case 'email':
    case 'sms':
      return { until: openFrom(at, settings.hours, zone) };
    case 'leave':
      return { until: at, leaves: true };
    default:
      return { until: at };
  }
}

/** What holds already is taken; of the rest, nobody knows whether it comes. */
async function waitingFor(about: About, step: WaitFor, at: Date, zone: string): Promise<Through> {
  const { db, sectionId, now } = about;
  for (const { id, what } of step.ways) {
    if (!isState(what)) continue;
    const since = sql`${now}::timestamptz`;
    const of = { id: sql`${about.profileId}::bigint`, since, after: sql`null::timestamptz`, entered: since };
    const happened = await happenedAt({ db, sectionId, now, timeZone: zone }, what, of);
    const { holds } = await one<{ holds: boolean }>(db, sql`select ${happened} is not null as holds`);
    if (holds) return { until: at, way: id, note: 'It holds already.' };
  }
  return { until: timeAfter(at, step.timeout, null, zone), way: null, note: 'If nothing of it happens.' };
}

/** Whether it is chosen, and may hold already. */
const isState = (what: Awaited): boolean =>
  (what.kind === 'segment' && what.segmentId !== null) ||
  ((what.kind === 'tag_applied' || what.kind === 'tag_removed') && what.tagId !== null);

async function refusal(about: About, { filter }: FlowDocument): Promise<string | null> {
  const { db, sectionId, flowId, settings, profileId, now } = about;
  const closed = closedInWords(settings, await zoneOfFlow(about), now);
  if (closed !== null) return closed;
  if (settings.exitTagId !== null && (await whoHas(db, sectionId, settings.exitTagId, [profileId])).size > 0) {
    return 'They have the exit tag, so they would not enter.';
  }
  if ((await whoReached(db, { sectionId, settings }, [profileId], now)).size > 0) {
    return 'They have reached the goal already, so they would not enter.';
  }
  const stay = await maybeOne<{ isInside: boolean; mayAgain: boolean }>(
    db,
    sql`
      select run.due_at is not null as "isInside", ${notInside({ sectionId, flowId }, settings, now)} as "mayAgain"
      from (select ${profileId}::bigint as profile_id) person
      join flow_run run
        on run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = person.profile_id`,
  );
  if (stay?.isInside) return 'They are in this flow now, so they would not enter.';
  if (stay && !stay.mayAgain) return 'They have been in this flow, and may not enter again yet.';
  if (filter !== null && (await firstFitting(db, sectionId, [filter], [profileId], now)).size === 0) {
    return 'They do not fit the filter, so they would not enter.';
  }
  return null;
}

async function valueOf({ db, sectionId, profileId }: About, attributeId: number | null): Promise<string | null> {
  if (attributeId === null) return null;
  const [found] = await rows<{ value: string | null }>(
    db,
    sql`
      select profile.attributes ->> attribute.code as value from profile
      join attribute on attribute.section_id = ${sectionId} and attribute.id = ${attributeId}
      where profile.section_id = ${sectionId} and profile.id = ${profileId}`,
  );
  return found?.value ?? null;
}

async function zoneOfFlow({ db, sectionId, settings }: About): Promise<string> {
  if (settings.timeZone !== null) return settings.timeZone;
  const section = await maybeOne<{ zone: string | null }>(
    db,
    sql`select time_zone as zone from section where id = ${sectionId}`,
  );
  return section?.zone ?? 'UTC';
}

async function zoneOf(about: About): Promise<string> {
  return zoneOr(await valueOf(about, about.settings.zoneAttributeId), await zoneOfFlow(about));
}
