// Reads of flows and of the people in them.
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import { lostInFlows, type LostPart } from './attention';
import type { Given } from './given';
import type { AtStep, Left, Refused } from './outcomes';
import { FlowDocumentSchema, FlowSettingsSchema, type FlowDocument, type FlowSettings, type FlowState } from './schema';

export type FlowRow = {
  id: FlowId;
  name: string;
  state: FlowState;
  /** Into which people come; null: not published yet. */
  version: number | null;
  /** Counts the changes of the draft and the settings. */
  revision: number;
  changedAt: Date;
  changedBy: string | null;
  publishedAt: Date | null;
  /** The draft differs from what was published. */
  isChanged: boolean;
  /** How many are in it now, have ever entered, and stand at a failed step. */
  inside: number;
  entered: number;
  failed: number;
  /** How many reached its goal; null: it has none. */
  reached: number | null;
  /** Why it needs attention; empty if it does not. */
  attention: string[];
};

type Flat = Omit<FlowRow, 'attention'> & { document: unknown; settings: unknown; published: unknown };

/** `before`: those changed before this one, for the next page. */
type Which = {
  search: string;
  deleted: boolean;
  state?: FlowState;
  before?: { at: Date; id: number };
  limit?: number;
};

async function readRows(
  db: Db,
  sectionId: SectionId,
  { search = '', deleted = false, state, id, before, limit }: Partial<Which> & { id?: FlowId },
): Promise<Flat[]> {
  const patterns = nameKey(search)
    .split(' ')
    .filter(Boolean)
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
  return rows<Flat>(
    db,
    sql`
      select flow.id, flow.name, flow.state, flow.version, flow.revision, flow.changed_at as "changedAt",
        app_user.name as "changedBy", flow.published_at as "publishedAt", flow.document, flow.settings,
        version.document as published, version.document is distinct from flow.document as "isChanged",
        coalesce(counted.entered, 0) as entered, coalesce(counted.entered - counted.gone, 0) as inside,
        coalesce(failed.number, 0) as failed,
        case when flow.settings -> 'goal' <> 'null' then coalesce(counted.reached, 0) end as reached
      from flow
      left join app_user on app_user.id = flow.changed_by
      left join flow_version version
        on version.section_id = ${sectionId} and version.flow_id = flow.id and version.version = flow.version
      left join (
        select flow_id, coalesce(sum(number) filter (where what = 'entered'), 0)::bigint as entered,
          coalesce(sum(number) filter (where what like 'left:%'), 0)::bigint as gone,
          coalesce(sum(number) filter (where what = 'left:goal'), 0)::bigint as reached
        from flow_count
        where section_id = ${sectionId} and step = '' ${id === undefined ? sql`` : sql`and flow_id = ${id}`}
        group by flow_id
      ) counted on counted.flow_id = flow.id
      left join (
        select flow_id, count(*) as number from flow_run
        where section_id = ${sectionId} and outcome = 'failed' ${id === undefined ? sql`` : sql`and flow_id = ${id}`}
        group by flow_id
      ) failed on failed.flow_id = flow.id
      where flow.section_id = ${sectionId} and (flow.deleted_at is not null) = ${deleted}
        and flow.name_key like all (${patterns}::text[])
        ${id === undefined ? sql`` : sql`and flow.id = ${id}`}
        ${state === undefined ? sql`` : sql`and flow.state = ${state}`}
        ${before === undefined ? sql`` : sql`and (flow.changed_at, flow.id) < (${before.at}, ${before.id}::bigint)`}
      order by flow.changed_at desc, flow.id desc
      ${limit === undefined ? sql`` : sql`limit ${limit}`}`,
  );
}

/** What a flow needs attention for: what people come into, or before that the draft. */
const askedOf = ({ document, published, settings }: Flat) => ({
  document: FlowDocumentSchema.parse(published ?? document),
  settings: FlowSettingsSchema.parse(settings),
});

const inWords = (lost: readonly LostPart[]): string[] => [...new Set(lost.map(({ reason }) => reason))];

/** The section's flows, or those that were deleted, the last changed first. */
export async function listFlows(db: Db, sectionId: SectionId, options: Which): Promise<FlowRow[]> {
  const found = await readRows(db, sectionId, options);
  const lost = await lostInFlows(db, sectionId, found.map(askedOf));
  return found.map(({ document: _document, settings: _settings, published: _published, ...row }, index) => ({
    ...row,
    attention: inWords(lost[index]!),
  }));
}

/** A flow with its draft. `published`: what people come into. `lost`: what the published version, or before that the draft, has lost, by step. */
/** The live flows, by name: at most 500. */
export const liveFlows = (db: Db, sectionId: SectionId): Promise<{ id: FlowId; name: string }[]> =>
  rows(
    db,
    sql`
      select id, name from flow
      where section_id = ${sectionId} and state = 'live' and deleted_at is null
      order by name_key
      limit 500`,
  );

export type FlowDetails = FlowRow & {
  document: FlowDocument;
  settings: FlowSettings;
  published: FlowDocument | null;
  lost: LostPart[];
};

/** A flow; undefined if there is none, or it was deleted. */
export async function findFlow(db: Db, sectionId: SectionId, id: FlowId): Promise<FlowDetails | undefined> {
  const [found] = await readRows(db, sectionId, { id });
  if (!found) return undefined;
  const asked = askedOf(found);
  const [lost = []] = await lostInFlows(db, sectionId, [asked]);
  const { document, published, settings: _settings, ...row } = found;
  return {
    ...row,
    attention: inWords(lost),
    lost,
    settings: asked.settings,
    document: FlowDocumentSchema.parse(document),
    published: published === null ? null : FlowDocumentSchema.parse(published),
  };
}

export type FlowVersionRow = {
  version: number;
  at: Date;
  by: string | null;
  /** How many are in it now. */
  inside: number;
  document: FlowDocument;
};

/** A flow's versions, newest first. */
export async function listVersions(db: Db, sectionId: SectionId, flowId: FlowId): Promise<FlowVersionRow[]> {
  const found = await rows<Omit<FlowVersionRow, 'document'> & { document: unknown }>(
    db,
    sql`
      select version.version, version.created_at as at, app_user.name as by, version.document,
        coalesce(counted.inside, 0) as inside
      from flow_version version
      left join app_user on app_user.id = version.created_by
      left join (
        select version, sum(case when what in ('entered', 'moved:in') then number else -number end)::bigint as inside
        from flow_count
        where section_id = ${sectionId} and flow_id = ${flowId} and step = ''
          and (what in ('entered', 'moved:in', 'moved:out') or what like 'left:%')
        group by version
      ) counted on counted.version = version.version
      where version.section_id = ${sectionId} and version.flow_id = ${flowId}
      order by version.version desc`,
  );
  return found.map((each) => ({ ...each, document: FlowDocumentSchema.parse(each.document) }));
}

/** `arrived`: how many have come to the step; each of them is at it, or counted in one of the others. */
export type StepNumbers = { arrived: number; waiting: number } & Record<AtStep, number>;
export type FlowNumbers = {
  entered: number;
  inside: number;
  left: Partial<Record<Left, number>>;
  refused: Partial<Record<Refused, number>>;
  /** By the id of the step. Without those to which nobody has come. */
  steps: Record<string, StepNumbers>;
  /** How many took a way, by its id; `STEP:otherwise` for those who took none of a step’s. */
  ways: Record<string, number>;
  /** The same of those who reached the goal. */
  goals: Record<string, number>;
};

/** How many came to each step and how they went on: of one version, or of all (null). Exact: what is counted is in the transaction that it counts. */
export async function readCounts(
  db: Db,
  sectionId: SectionId,
  flowId: FlowId,
  version: number | null,
): Promise<FlowNumbers> {
  const found = await rows<{ step: string; what: string; number: number }>(
    db,
    sql`
      select step, what, sum(number)::bigint as number from flow_count
      where section_id = ${sectionId} and flow_id = ${flowId}
        ${version === null ? sql`` : sql`and version = ${version}`}
      group by step, what`,
  );
  // By maps: a step may be called as what every object has.
  const [steps, ways, goals] = [new Map<string, StepNumbers>(), new Map<string, number>(), new Map<string, number>()];
  const numbers = { entered: 0, inside: 0, left: {} as FlowNumbers['left'], refused: {} as FlowNumbers['refused'] };
  let moved = 0;
  for (const { step, what, number } of found) {
    const [kind, detail] = what.split(':') as [string, string | undefined];
    if (step === '') {
      if (kind === 'entered') numbers.entered = number;
      if (kind === 'moved') moved += detail === 'in' ? number : -number;
      if (kind === 'left') numbers.left[detail as Left] = number;
      if (kind === 'refused') numbers.refused[detail as Refused] = number;
    } else if (kind === 'taken') {
      ways.set(step, number);
    } else if (kind === 'otherwise') {
      ways.set(`${step}:otherwise`, number);
    } else if (kind === 'goal') {
      goals.set(step, number);
    } else if (kind === 'goal_otherwise') {
      goals.set(`${step}:otherwise`, number);
    } else {
      const of = steps.get(step) ?? emptyNumbers();
      steps.set(step, of);
      of[kind as keyof StepNumbers] = number;
    }
  }
  for (const of of steps.values()) {
    of.waiting = of.arrived - of.passed - of.skipped - of.timed_out - of.failed - of.left;
  }
  numbers.inside = numbers.entered + moved - Object.values(numbers.left).reduce((sum, number) => sum + number, 0);
  return {
    ...numbers,
    ...{ steps: Object.fromEntries(steps), ways: Object.fromEntries(ways), goals: Object.fromEntries(goals) },
  };
}

const emptyNumbers = (): StepNumbers => ({
  ...{ arrived: 0, waiting: 0, passed: 0, skipped: 0, timed_out: 0, failed: 0, left: 0 },
});

export type PersonInFlow = {
  profileId: ProfileId;
  name: string;
  version: number;
  step: string | null;
  enteredAt: Date;
  arrivedAt: Date;
  /** When to look at them again. Null: they have left. */
  dueAt: Date | null;
  outcome: Left | null;
  error: string | null;
};

const person = (sectionId: SectionId) => sql`
  run.profile_id as "profileId", run.version, run.step, run.entered_at as "enteredAt", run.arrived_at as "arrivedAt",
  run.due_at as "dueAt", run.outcome, run.error, coalesce(
    nullif(concat_ws(' ', profile.attributes ->> 'firstname', profile.attributes ->> 'lastname'), ''),
    profile.attributes ->> 'email', (
      select key from profile_key
      where profile_key.section_id = ${sectionId} and profile_key.profile_id = run.profile_id
      order by keyspace_id limit 1
    ), 'Profile ' || run.profile_id
  ) as name`;

/**
 * Those who are in a flow, by profile, as `person`: at one step, or anywhere (null). Read step by step in the order of an index, so that a page takes as long
 * among a million who have left as among a hundred.
 */
export const insideSlice = (
  sectionId: SectionId,
  flowId: FlowId,
  { step, after, limit }: { step: string | null; after: number; limit: number },
): Sql => {
  const inside = sql`run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.due_at is not null`;
  return sql`
    with recursive place as (
      (select run.version, run.step from flow_run run where ${inside} order by run.version, run.step limit 1)
      union all
      select next.version, next.step from place
      cross join lateral (
        select run.version, run.step from flow_run run
        where ${inside} and (run.version, run.step) > (place.version, place.step)
        order by run.version, run.step
        limit 1
      ) next
    )
    select person.* from place
    cross join lateral (
      select run.* from flow_run run
      where ${inside} and run.version = place.version and run.step = place.step and run.profile_id > ${after}
      order by run.profile_id
      limit ${limit}
    ) person
    ${step === null ? sql`` : sql`where place.step = ${step}`}
    order by person.profile_id
    limit ${limit}`;
};

/** Those whose step has failed. */
export const failedSlice = (
  sectionId: SectionId,
  flowId: FlowId,
  { step, after, limit }: { step: string | null; after: number; limit: number },
): Sql => sql`
  select run.* from flow_run run
  where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.outcome = 'failed' and run.profile_id > ${after}
    ${step === null ? sql`` : sql`and run.step = ${step}`}
  order by run.profile_id
  limit ${limit}`;

/** Who is in a flow: at one step, or anywhere (null). By profile. `failed`: those whose step has failed, instead. */
export function listPeople(
  db: Db,
  sectionId: SectionId,
  flowId: FlowId,
  { step, failed, after, limit }: { step: string | null; failed: boolean; after: number; limit: number },
): Promise<PersonInFlow[]> {
  return rows(
    db,
    sql`
      select ${person(sectionId)}
      from (${failed ? failedSlice(sectionId, flowId, { step, after, limit }) : insideSlice(sectionId, flowId, { step, after, limit })}) run
      join profile on profile.section_id = ${sectionId} and profile.id = run.profile_id
      order by run.profile_id`,
  );
}

export type FlowOfPerson = Omit<PersonInFlow, 'profileId' | 'name'> & {
  flowId: FlowId;
  flowName: string;
  entry: number;
};

/** The flows that somebody is in or has been in, the last entered first. */
export function listFlowsOf(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<FlowOfPerson[]> {
  return rows(
    db,
    sql`
      select run.flow_id as "flowId", flow.name as "flowName", run.entry, run.version, run.step,
        run.entered_at as "enteredAt", run.arrived_at as "arrivedAt", run.due_at as "dueAt", run.outcome, run.error
      from flow_run run
      join flow on flow.section_id = ${sectionId} and flow.id = run.flow_id
      where run.section_id = ${sectionId} and run.profile_id = ${profileId} and flow.deleted_at is null
      order by run.due_at is null, run.entered_at desc, run.flow_id
      limit 200`,
  );
}

/** A step that somebody has been through. `step`: null for the flow itself. `note`: the way, the reason, or how they left. */
export type Visit = {
  at: Date;
  entry: number;
  version: number;
  step: string | null;
  what: string;
  note: string | null;
};

/** Somebody in a flow, with all that happened there, oldest first; `document`: of the version that they are in; `given`: what a call gave along with them. Undefined: they were never in it. */
export async function findRun(
  db: Db,
  sectionId: SectionId,
  flowId: FlowId,
  profileId: ProfileId,
): Promise<
  (PersonInFlow & { entry: number; given: Given | null; document: FlowDocument; visits: Visit[] }) | undefined
> {
  const run = await maybeOne<PersonInFlow & { entry: number; given: Given | null; document: unknown }>(
    db,
    sql`
      select ${person(sectionId)}, run.entry, run.given, version.document
      from flow_run run
      join profile on profile.section_id = ${sectionId} and profile.id = run.profile_id
      join flow_version version
        on version.section_id = ${sectionId} and version.flow_id = run.flow_id and version.version = run.version
      where run.section_id = ${sectionId} and run.flow_id = ${flowId} and run.profile_id = ${profileId}`,
  );
  if (!run) return undefined;
  const visits = await rows<Visit>(
    db,
    sql`
      select at, entry, version, step, what, note from flow_visit
      where section_id = ${sectionId} and profile_id = ${profileId} and flow_id = ${flowId}
      order by at, id
      limit 2000`,
  );
  return { ...run, document: FlowDocumentSchema.parse(run.document), visits };
}

/** How many entered on a day, came to the end, and reached the goal. `day`: YYYY-MM-DD, in UTC. */
export type FlowDay = { day: string; entered: number; done: number; goal: number };

/** Oldest first, without the days on which nothing of it happened. */
export async function listDays(db: Db, sectionId: SectionId, flowId: FlowId, since: string): Promise<FlowDay[]> {
  return rows(
    db,
    sql`
      select to_char(day, 'YYYY-MM-DD') as day, coalesce(sum(number) filter (where what = 'entered'), 0)::bigint as entered,
        coalesce(sum(number) filter (where what = 'done'), 0)::bigint as done,
        coalesce(sum(number) filter (where what = 'goal'), 0)::bigint as goal
      from flow_day
      where section_id = ${sectionId} and flow_id = ${flowId} and day >= ${since}::date
      group by flow_day.day
      order by flow_day.day`,
  );
}

/** Who came while a flow was paused or needed attention. */
export async function countKept(db: Db, sectionId: SectionId, flowId: FlowId): Promise<number> {
  const { people } = await one<{ people: number }>(
    db,
    sql`select count(*) as people from flow_kept where section_id = ${sectionId} and flow_id = ${flowId}`,
  );
  return people;
}

export async function isThere(db: Db, sectionId: SectionId, profileId: ProfileId): Promise<boolean> {
  return (
    (await maybeOne(db, sql`select from profile where section_id = ${sectionId} and id = ${profileId}`)) !== undefined
  );
}
