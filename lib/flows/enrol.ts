// Lets people into a flow: those who fit the filter, do not have the exit tag, and may enter by the re-entry rule. The rule is the condition of the
// upsert, so a hundred triggers at the same instant make one entry.
import type { OperationId, ProfileId } from '@/lib/db/ids';
import { rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { whoReached } from './goal';
import type { OpenFlow } from './open';
import { asJson } from './given';
import { firstFitting, whoHas } from './people';
import type { Plan } from './plan';
import { idsOf } from './run';
import { whyClosed } from './zones';
import { writeVisits, type Counting } from './write';

const DAY_MS = 86_400_000;

export type Entering = {
  profileId: ProfileId;
  hops: number;
  operationId: OperationId | null;
  /** When that happened which lets them in. */
  at: Date;
  given: unknown;
};

/** `plan`: of the version that they enter. Each person once, and by what its trigger means. */
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
  const closed = whyClosed(settings, flow.timeZone, now);
  if (closed !== null) return keep(closed, []);
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
          section_id, flow_id, profile_id, entry, version, step, stage, due_at, arrived_at, entered_at, hops, operation_id, given,
          caused_at
        )
      select ${sectionId}::int, ${flowId}::int, profile.id, ${entry}, ${version}::int,
        ${plan.first}::text, 0, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz, person.hops,
        person.operation_id, person.given, person.at
      from unnest(
        ${idsOf(people)}::bigint[], ${people.map(({ hops }) => hops)}::smallint[],
        ${people.map(({ operationId }) => operationId)}::int[], ${people.map(({ given }) => asJson(given))}::jsonb[],
        ${people.map(({ at }) => at)}::timestamptz[]
      ) person (profile_id, hops, operation_id, given, at)
      join profile on profile.section_id = ${sectionId} and profile.id = person.profile_id
      ${earlier}
      order by profile.id
      on conflict (section_id, flow_id, profile_id) do update
      set entry = run.entry + 1, version = excluded.version, step = excluded.step, stage = 0, due_at = excluded.due_at,
        arrived_at = excluded.arrived_at, entered_at = excluded.entered_at, left_at = null, outcome = null,
        hops = excluded.hops, operation_id = excluded.operation_id, given = excluded.given,
        caused_at = excluded.caused_at, heard_at = null, attempts = 0, error = null, recipient = null
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
