// Examples in a dry run's result: the first rows of each outcome, with what would change. Read before the step is rolled back.
import { rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import type { Batch } from './merge';
import { EXAMPLES, hasOwnTags, type DryRunResult, type Example, type Outcome } from './schema';

/** Adds the step's examples to those of earlier steps, up to EXAMPLES of each outcome. `counts`: the step's. */
export async function addExamples(
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
  for (const [outcome, statement] of Object.entries(queries(batch)) as [Outcome, Sql][]) {
    const wanting = (result[outcome]?.length ?? 0) < EXAMPLES && (counts[outcome] ?? 0) > 0;
    if (wanting) add(outcome, await rows<Example>(tx, statement));
  }
  return result;
}

function queries({ sectionId, importId, operationId, mapping, after, upTo }: Batch): Partial<Record<Outcome, Sql>> {
  const changedTags = (action: 1 | -1) => sql`
    select batch.line, batch.key, tag.name as tag
    from import_batch batch
    join tag_change change
      on change.section_id = ${sectionId} and change.profile_id = batch.profile_id
      and change.operation_id = ${operationId} and change.action = ${action}
    join tag on tag.section_id = ${sectionId} and tag.id = change.tag_id
    order by batch.row, tag.name
    limit ${EXAMPLES}`;
  const changeOf = sql`
    change.section_id = ${sectionId} and change.operation_id = ${operationId} and change.profile_id = batch.profile_id`;
  const wanted = hasOwnTags(mapping)
    ? sql`select profile_id, tag_id from import_wanted where apply`
    : sql`select profile_id, unnest(${mapping.apply}::int[]) as tag_id from import_batch
          where ${mapping.tagged === 'all' ? sql`true` : mapping.tagged === 'new' ? sql`created` : sql`not created`}`;
  return {
    created: sql`
      select line, key, attributes as after from import_batch where created order by row limit ${EXAMPLES}`,
    updated: sql`
      select batch.line, batch.key, change.before, change.after
      from import_batch batch
      join profile_change change on ${changeOf}
      order by batch.row
      limit ${EXAMPLES}`,
    unchanged: sql`
      select line, key from import_batch batch
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
      join import_batch batch using (profile_id)
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
