// Conditions on tags as sets of profiles: the current tags, and from the ledger those of the past and their changes.
import { sql, type Sql } from '@/lib/db/sql';
import { SOURCES } from '@/lib/tags/source';
import { during, onlyOf, type Evaluation, type RulesEvaluation } from './evaluation';
import { outliving, setOf, type ProfileSet } from './profile-sets';
import type { TagCondition } from './schema';

/** The profiles that match a positive condition; 'has not' is its complement. */
export function tagSet(evaluation: RulesEvaluation, condition: TagCondition): ProfileSet {
  switch (condition.test) {
    case 'has':
    case 'has_not':
      if (evaluation.past)
        return outliving(condition.source === null ? had(evaluation, condition) : hadFrom(evaluation, condition));
      return setOf(condition.source === null ? has(evaluation, condition) : hasFrom(evaluation, condition));
    case 'held_by':
      return evaluation.past ? outliving(claimedThen(evaluation, condition)) : setOf(claimed(evaluation, condition));
    case 'got':
      return outliving(changed(evaluation, condition, 1));
    case 'lost':
      return outliving(changed(evaluation, condition, -1));
  }
}

function has(evaluation: RulesEvaluation, { tagId }: TagCondition): Sql {
  return sql`
    select held.profile_id from profile_tag held
    where held.section_id = ${evaluation.sectionId} and held.tag_id = ${tagId} ${onlyOf(evaluation, sql`held.profile_id`)}`;
}

/** Holders of the tag whose last application came from the source: no later one came from another. */
function hasFrom(evaluation: RulesEvaluation, condition: TagCondition): Sql {
  const { tagId, source } = condition;
  const applied = (entry: Sql) => sql`
    ${entry}.section_id = ${evaluation.sectionId} and ${entry}.tag_id = ${tagId} and ${entry}.visible and ${entry}.action = 1`;
  return sql`
    select held.profile_id
    from (${has(evaluation, condition)}) held
    where exists (
      select from tag_change change
      where ${applied(sql`change`)} and change.profile_id = held.profile_id and change.source = ${SOURCES[source!]}
        and not exists (
          select from tag_change later
          where ${applied(sql`later`)} and later.profile_id = change.profile_id and later.id > change.id
            and later.source <> ${SOURCES[source!]}
        )
    )`;
}

function claimed(evaluation: RulesEvaluation, { tagId, holderId }: TagCondition): Sql {
  if (holderId === null) {
    return sql`
      select held.profile_id from profile_tag held
      where held.section_id = ${evaluation.sectionId} and held.tag_id = ${tagId} and held.direct
        ${onlyOf(evaluation, sql`held.profile_id`)}`;
  }
  return sql`
    select claim.profile_id from tag_claim claim
    where claim.section_id = ${evaluation.sectionId} and claim.tag_id = ${tagId} and claim.holder_id = ${holderId}
      and not claim.suppressed ${onlyOf(evaluation, sql`claim.profile_id`)}`;
}

/** A profile had the tag if it was applied once more than it was removed. */
const had = (evaluation: RulesEvaluation, { tagId }: TagCondition) =>
  standing(evaluation, sql`change.tag_id = ${tagId} and change.visible`);

/** The same by source. Of merged profiles, the one that still had the tag and got it last decides. */
function hadFrom(evaluation: RulesEvaluation, { tagId, source }: TagCondition): Sql {
  const columns = sql`change.profile_id as own_id, change.id, change.action, change.source`;
  return sql`
    select came.profile_id
    from (
      select distinct on (latest.profile_id) latest.profile_id, latest.source
      from (
        select distinct on (entry.profile_id, entry.own_id) entry.*
        from (${entries(evaluation, sql`change.tag_id = ${tagId} and change.visible`, columns)}) entry
        order by entry.profile_id, entry.own_id, entry.id desc
      ) latest
      where latest.action = 1
      order by latest.profile_id, latest.id desc
    ) came
    where came.source = ${SOURCES[source!]}`;
}

const claimedThen = (evaluation: RulesEvaluation, { tagId, holderId }: TagCondition) =>
  standing(evaluation, sql`change.tag_id = ${tagId} and change.holder_id = ${holderId ?? 0}`);

function standing(evaluation: RulesEvaluation, which: Sql): Sql {
  return sql`
    select entry.profile_id
    from (${entries(evaluation, which, sql`change.action`)}) entry
    group by entry.profile_id
    having sum(entry.action) > 0`;
}

function changed(evaluation: RulesEvaluation, { tagId, when, source }: TagCondition, action: 1 | -1): Sql {
  const which = sql`
    change.tag_id = ${tagId} and change.visible and change.action = ${action}
    ${during(evaluation, sql`change.at`, when)} ${source === null ? sql`` : sql`and change.source = ${SOURCES[source]}`}`;
  return entries(evaluation, which);
}

/** Entries of a merged profile except the removals by the merge itself: the other profile has the tags from then on. */
const KEPT = sql`not (change.action = -1 and change.source = ${SOURCES.merge})`;

/** Ledger entries, as `change`, of one profile: its own, and the relevant ones of profiles merged into it. */
export const aboutOne = ({ id, formerly }: NonNullable<Evaluation['only']>, kept = KEPT): Sql => sql`
  (change.profile_id = ${id} or (change.profile_id = any(${formerly}::bigint[]) and ${kept}))`;

/**
 * The profiles of ledger entries that match `which`. Entries of a merged profile stay under its own id. `each`: columns for every
 * entry; without them profiles come without duplicates, and a tag that only moved in a merge does not count as lost.
 */
function entries(evaluation: RulesEvaluation, which: Sql, each?: Sql): Sql {
  const { sectionId, past, now, only } = evaluation;
  const kept = each ? sql`true` : KEPT;
  const columns = each ? sql`, ${each}` : sql``;
  const wanted = sql`change.section_id = ${sectionId} and ${which} ${past ? sql`and change.at <= ${now}` : sql``}`;
  if (only) {
    return sql`
      select ${only.id}::bigint as profile_id ${columns}
      from tag_change change
      where ${wanted} and ${aboutOne(only, kept)}`;
  }
  return sql`
    select change.profile_id ${columns}
    from tag_change change
    where ${wanted} and change.profile_id is not null
    ${each ? sql`union all` : sql`union`}
    select merged.into_id ${columns}
    from profile_merge merged
    join tag_change change on change.section_id = merged.section_id and change.profile_id = merged.from_id
    where merged.section_id = ${sectionId} and ${wanted} and ${kept}`;
}
