// A dry run's result: the first rows of each outcome, with what would change, and the tags. Read before the step is rolled back.
import { asParameter } from '@/lib/db/as-parameter';
import { rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { Batch } from './merge';
import {
  DRY_RUN_TAGS,
  EXAMPLES,
  hasOwnTags,
  type DryRunResult,
  type Example,
  type Outcome,
  type TagOutcome,
} from './schema';

/** Adds the step's tags and examples to those of earlier steps, up to EXAMPLES of each outcome. `counts`: the step's. */
export async function addToResult(
  tx: Tx,
  batch: Batch,
  earlier: DryRunResult | null,
  { counts, skipped }: { counts: Readonly<Record<string, number>>; skipped: readonly Example[] },
): Promise<DryRunResult> {
  const result: DryRunResult = { ...earlier };
  const add = (outcome: Outcome, examples: readonly Example[]) => {
    result[outcome] = [...(result[outcome] ?? []), ...examples].slice(0, EXAMPLES);
  };
  add('skipped', skipped);
  const step = await stepRows(tx, batch);
  for (const [outcome, statement] of Object.entries(queries(batch, step)) as [Outcome, Sql][]) {
    const wanting = (result[outcome]?.length ?? 0) < EXAMPLES && (counts[outcome] ?? 0) > 0;
    if (wanting) add(outcome, await rows<Example>(tx, statement));
  }
  if (TAG_COUNTS.some((count) => (counts[count] ?? 0) > 0)) {
    result.tags = added(earlier?.tags ?? [], await rows<TagOutcome>(tx, tagsOfStep(batch, step)));
  }
  return result;
}

const TAG_COUNTS = ['applied', 'already', 'removed'] as const;

/** Matched by name: a tag that the import creates has another id in each step, since each is rolled back. */
function added(earlier: readonly TagOutcome[], step: readonly TagOutcome[]): TagOutcome[] {
  const tags = new Map(earlier.map((tag) => [tag.name, tag]));
  for (const { name, colour, applied, already, removed } of step) {
    const before = tags.get(name) ?? { applied: 0, already: 0, removed: 0 };
    tags.set(name, {
      name,
      colour,
      applied: before.applied + applied,
      already: before.already + already,
      removed: before.removed + removed,
    });
  }
  return [...tags.values()].slice(0, DRY_RUN_TAGS);
}

/** The profiles and tags that the step would apply. */
const wantedTags = ({ mapping }: Batch) =>
  hasOwnTags(mapping)
    ? sql`select profile_id, tag_id from import_wanted where apply`
    : sql`select profile_id, unnest(${mapping.apply}::int[]) as tag_id from import_batch
          where ${mapping.tagged === 'all' ? sql`true` : mapping.tagged === 'new' ? sql`created` : sql`not created`}`;

/** `merged`: the rows of the step. `wanted`: see `wantedTags`. */
type StepRows = { merged: Sql; wanted: Sql };

const stepRows = async (tx: Tx, batch: Batch): Promise<StepRows> => ({
  merged: await asParameter(
    tx,
    sql`select row, line, key, profile_id, created from import_batch`,
    sql`row int, line int, key text, profile_id bigint, created boolean`,
  ),
  wanted: await asParameter(tx, wantedTags(batch), sql`profile_id bigint, tag_id int`),
});

const tagsOfStep = (batch: Batch, { merged, wanted }: StepRows) => sql`
  with changed as (
    select change.profile_id, change.tag_id, change.action
    from (${merged}) batch
    join tag_change change
      on change.section_id = ${batch.sectionId} and change.profile_id = batch.profile_id
      and change.operation_id = ${batch.operationId}
  ),
  outcomes as (
    select tag_id, action from changed
    union all
    select wanted.tag_id, 0
    from (${wanted}) wanted
    left join changed on changed.profile_id = wanted.profile_id and changed.tag_id = wanted.tag_id
    where changed.tag_id is null
  )
  select tag.name, tag.colour, count(*) filter (where action = 1)::int as applied, count(*) filter (where action = 0)::int as already,
    count(*) filter (where action = -1)::int as removed
  from outcomes
  join tag on tag.section_id = ${batch.sectionId} and tag.id = outcomes.tag_id
  group by tag.id, tag.name, tag.colour
  order by tag.name`;

function queries(batch: Batch, { merged, wanted }: StepRows): Partial<Record<Outcome, Sql>> {
  const { sectionId, importId, operationId, after, upTo } = batch;
  const changedTags = (action: 1 | -1) => sql`
    select batch.line, batch.key, tag.name as tag
    from (${merged}) batch
    join tag_change change
      on change.section_id = ${sectionId} and change.profile_id = batch.profile_id
      and change.operation_id = ${operationId} and change.action = ${action}
    join tag on tag.section_id = ${sectionId} and tag.id = change.tag_id
    order by batch.row, tag.name
    limit ${EXAMPLES}`;
  const changeOf = sql`
    change.section_id = ${sectionId} and change.operation_id = ${operationId} and change.profile_id = batch.profile_id`;
  return {
    created: sql`
      select line, key, attributes as after from import_batch where created order by row limit ${EXAMPLES}`,
    updated: sql`
      select batch.line, batch.key, change.before, change.after
      from (${merged}) batch
      join profile_change change on ${changeOf}
      order by batch.row
      limit ${EXAMPLES}`,
    unchanged: sql`
      select line, key from (${merged}) batch
      where not created and not exists (select from profile_change change where ${changeOf})
      order by row limit ${EXAMPLES}`,
    repeated: sql`
      select staged.line, staged.key,
        format('Repeats line %s. Where both have a value, this one counts', first.line) as reason
      from import_repeat repeat
      join import_row first
        on first.section_id = ${sectionId} and first.import_id = ${importId} and first.row = repeat.first_row
      join import_row staged
        on staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.row = repeat.row
      where repeat.section_id = ${sectionId} and repeat.import_id = ${importId}
        and repeat.row > ${after} and repeat.row <= ${upTo}
      order by repeat.row
      limit ${EXAMPLES}`,
    rejected: sql`
      select line, key, reason from import_reject
      where section_id = ${sectionId} and import_id = ${importId} order by row limit ${EXAMPLES}`,
    applied: changedTags(1),
    already: sql`
      select batch.line, batch.key, tag.name as tag
      from (${wanted}) wanted
      join (${merged}) batch using (profile_id)
      join tag on tag.section_id = ${sectionId} and tag.id = wanted.tag_id
      where not exists (
        select from tag_change change
        where change.section_id = ${sectionId} and change.profile_id = wanted.profile_id
          and change.tag_id = wanted.tag_id and change.operation_id = ${operationId}
      )
      order by batch.row, tag.name
      limit ${EXAMPLES}`,
    removed: changedTags(-1),
  };
}
