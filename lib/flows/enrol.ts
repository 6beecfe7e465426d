// Lets people into a flow: those who fit the filter, do not have the exit tag, and may enter by the re-entry rule. The rule is the condition of the
// upsert, so a hundred triggers at the same instant make one entry.
import type { OperationId, ProfileId } from '@/lib/db/ids';
import { join, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { fieldComparison } from '@/lib/segments/field-comparison';
import type { Topic } from '@/lib/signals/schema';
import { SOURCES } from '@/lib/tags/source';
import { answeredAt, openEvent } from './happenings';
import { whoReached } from './goal';
import type { OpenFlow } from './open';
import { asJson } from './given';
import { firstFitting, whoHas } from './people';
import type { Plan } from './plan';
import { idsOf } from './run';
import { whyClosed } from './zones';
import { writeVisits, type Counting } from './write';

/** How long a chain of flows that start each other may be: what is longer is taken for a circle. */
export const HOPS_MAX = 10;

const DAY_MS = 86_400_000;

export type Entering = {
  profileId: ProfileId;
  hops: number;
  operationId: OperationId | null;
  /** What lets them in, and when it happened. */
  topic: Topic;
  at: Date;
  given: unknown;
};

/** `plan`: of the version that they enter. Each person once. */
export async function enrol(
  place: { tx: Tx } & Pick<OpenFlow, 'sectionId' | 'flowId'>,
  flow: OpenFlow,
  plan: Plan,
  people: readonly Entering[],
  now: Date,
  counting: Counting,
): Promise<void> {
  const version = flow.version!;
  const { tx } = place;
  const { sectionId, settings } = flow;
  let left = people;
  const keep = (why: Parameters<Counting['refused']>[1], staying: readonly Entering[]) => {
    counting.refused(version, why, left.length - staying.length);
    left = staying;
  };
  keep(
    'hops',
    left.filter(({ hops }) => hops <= HOPS_MAX),
  );
  const closed = whyClosed(settings, flow.timeZone, now);
  if (closed !== null) return keep(closed, []);
  left = await asTheTriggerSays(tx, flow, plan, left, now);
  if (settings.exitTagId !== null && left.length > 0) {
    const having = await whoHas(tx, sectionId, settings.exitTagId, idsOf(left));
    keep(
      'exit_tag',
      left.filter(({ profileId }) => !having.has(profileId)),
    );
  }
  if (settings.goal !== null && left.length > 0) {
    const reached = await whoReached(tx, flow, idsOf(left), now);
    keep(
      'goal',
      left.filter(({ profileId }) => !reached.has(profileId)),
    );
  }
  if (plan.document.filter !== null && left.length > 0) {
    const fitting = await firstFitting(tx, sectionId, [plan.document.filter], idsOf(left), now);
    keep(
      'filter',
      left.filter(({ profileId }) => fitting.has(profileId)),
    );
  }
  if (left.length === 0) return;
  const entered = await enter(tx, flow, plan, left, now);
  const ids = new Set(idsOf(entered));
  await countOthers(
    tx,
    flow,
    left.filter(({ profileId }) => !ids.has(profileId)),
    counting,
  );
  counting.entered(version, entered.length);
  if (plan.first !== null) counting.arrived(version, plan.first, entered.length);
  await writeVisits(
    place,
    entered.map(({ profileId, entry }) => ({ profileId, entry, version, step: null, what: 'entered', note: null })),
    now,
  );
}

/** A trigger may be about some of the ways by which a tag is applied, or some of the events of a type. Whoever is sent here is not asked for that. */
async function asTheTriggerSays(
  tx: Tx,
  flow: OpenFlow,
  { document: { trigger } }: Plan,
  people: readonly Entering[],
  now: Date,
): Promise<readonly Entering[]> {
  const asked = people.filter(({ topic }) => topic === trigger?.kind || topic.startsWith(`${trigger?.kind}_`));
  if (asked.length === 0) return people;
  const { sectionId, timeZone } = flow;
  if (trigger?.kind === 'tag_applied' && trigger.sources.length > 0) {
    const sources = trigger.sources.map((source) => SOURCES[source]);
    const applied = sql`
      select from tag_change entry
      where entry.section_id = ${sectionId} and entry.profile_id = person.profile_id and entry.tag_id = ${trigger.tagId}
        and entry.action = 1 and entry.visible and entry.at = person.at and entry.source = any(${sources}::smallint[])`;
    return without(people, asked, await whoFits(tx, asked, applied));
  }
  if (trigger?.kind === 'event' && trigger.fields.length > 0) {
    const { versions, fields: types } = await openEvent({ db: tx, sectionId }, trigger.eventTypeId!, trigger.fields);
    const fields = trigger.fields.map((field) => fieldComparison({ timeZone, now }, field, types));
    const happened = sql`
      select from profile_event event
      where event.section_id = ${sectionId} and event.profile_id = person.profile_id and event.received_at = person.at
        and event.version_id = any(${versions}::int[]) and ${join(fields, ' and ')}`;
    return without(people, asked, await whoFits(tx, asked, happened));
  }
  if (trigger?.kind === 'message') {
    // It may have turned out meanwhile that it was no person.
    const answered = answeredAt({ sectionId, now }, trigger, sql`person.profile_id`, sql`'-infinity'::timestamptz`);
    return without(people, asked, await whoFits(tx, asked, sql`select where ${answered} is not null`));
  }
  return people;
}

/** `exists`: a subquery about `person`: `profile_id`, and `at`, when it happened. */
async function whoFits(tx: Tx, people: readonly Entering[], exists: Sql): Promise<Set<ProfileId>> {
  const found = await rows<{ profileId: ProfileId }>(
    tx,
    sql`
      select person.profile_id as "profileId"
      from unnest(${idsOf(people)}::bigint[], ${people.map(({ at }) => at)}::timestamptz[]) person (profile_id, at)
      where exists (${exists})`,
  );
  return new Set(found.map(({ profileId }) => profileId));
}

function without(people: readonly Entering[], asked: readonly Entering[], fitting: ReadonlySet<ProfileId>): Entering[] {
  const about = new Set(asked);
  return people.filter((person) => !about.has(person) || fitting.has(person.profileId));
}

async function enter(
  tx: Tx,
  { sectionId, flowId, version, settings }: OpenFlow,
  plan: Plan,
  people: readonly Entering[],
  now: Date,
): Promise<{ profileId: ProfileId; entry: number }[]> {
  const { entry, join: earlier, may } = againBy({ sectionId, flowId }, settings.again, now);
  return rows(
    tx,
    sql`
      insert into flow_run as run
        (
          section_id, flow_id, profile_id, entry, version, step, stage, due_at, arrived_at, entered_at, hops, operation_id, given
        )
      select ${sectionId}::int, ${flowId}::int, profile.id, ${entry}, ${version}::int,
        ${plan.first}::text, 0, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz, person.hops,
        person.operation_id, person.given
      from unnest(
        ${idsOf(people)}::bigint[], ${people.map(({ hops }) => hops)}::smallint[],
        ${people.map(({ operationId }) => operationId)}::int[], ${people.map(({ given }) => asJson(given))}::jsonb[]
      ) person (profile_id, hops, operation_id, given)
      join profile on profile.section_id = ${sectionId} and profile.id = person.profile_id
      ${earlier}
      order by profile.id
      on conflict (section_id, flow_id, profile_id) do update
      set entry = run.entry + 1, version = excluded.version, step = excluded.step, stage = 0, due_at = excluded.due_at,
        arrived_at = excluded.arrived_at, entered_at = excluded.entered_at, left_at = null, outcome = null,
        hops = excluded.hops, operation_id = excluded.operation_id, given = excluded.given, attempts = 0,
        error = null, recipient = null
      where run.due_at is null and ${may}
      returning run.profile_id as "profileId", run.entry`,
  );
}

/**
 * The re-entry rule. `join`: leaves out those whose earlier stay forbids it; `may`: holds of the stay that is there when the new one is written, without a
 * parameter, as a cluster takes none there.
 */
function againBy(
  { sectionId, flowId }: Pick<OpenFlow, 'sectionId' | 'flowId'>,
  again: OpenFlow['settings']['again'],
  now: Date,
): { entry: Sql; join: Sql; may: Sql } {
  switch (again.kind) {
    case 'once':
      return { entry: sql`1`, join: sql``, may: sql`false` };
    case 'each_time':
      return { entry: sql`1`, join: sql``, may: sql`true` };
    case 'after':
      return {
        entry: sql`coalesce(earlier.entry, 0) + 1`,
        join: sql`
          left join flow_run earlier
            on earlier.section_id = ${sectionId} and earlier.flow_id = ${flowId} and earlier.profile_id = profile.id
          where earlier.profile_id is null
            or earlier.entered_at <= ${new Date(now.getTime() - again.days * DAY_MS)}::timestamptz`,
        may: sql`run.entry = excluded.entry - 1`,
      };
  }
}

/** Of those who did not enter: who is in it, and who may not enter again. Somebody who was erased is neither. */
async function countOthers(
  tx: Tx,
  { sectionId, flowId, version }: OpenFlow,
  people: readonly Entering[],
  counting: Counting,
): Promise<void> {
  if (people.length === 0) return;
  const known = await rows<{ inside: boolean }>(
    tx,
    sql`
      select due_at is not null as inside from flow_run
      where section_id = ${sectionId} and flow_id = ${flowId} and profile_id = any(${idsOf(people)}::bigint[])`,
  );
  const inside = known.filter((each) => each.inside).length;
  counting.refused(version!, 'inside', inside);
  counting.refused(version!, 'again', known.length - inside);
}
