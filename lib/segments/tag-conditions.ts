// Conditions on tags as sets of profiles: the current tags, and from the ledger those of the past and their changes.
import { sql, type Sql } from '@/lib/db/sql';
import { isApplication } from '@/lib/tags/origin';
import { SOURCES, type Source } from '@/lib/tags/source';
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

/** The profiles that had any tag at a past moment. Tags that are hidden now but were not then count. */
export function taggedThen(evaluation: RulesEvaluation): ProfileSet {
  const { sectionId, now } = evaluation;
  const visibleThen = sql`
    change.visible and change.tag_id in (
      select id from tag
      where tag.section_id = ${sectionId} and (tag.hidden_at is null or tag.hidden_at > ${now})
    )`;
  return outliving(sql`
    select entry.profile_id
    from (${entries(evaluation, visibleThen, sql`change.tag_id, change.action`)}) entry
    group by entry.profile_id, entry.tag_id
    having sum(entry.action) > 0`);
}

function has(evaluation: RulesEvaluation, { tagId }: TagCondition): Sql {
  return sql`
    select held.profile_id from profile_tag held
    where held.section_id = ${evaluation.sectionId} and held.tag_id = ${tagId} ${onlyOf(evaluation, sql`held.profile_id`)}`;
}

/**
 * Holders of the tag whose last application came from the source: no later one came from another. An undo is not a
 * source: it restores an earlier application.
 */
function hasFrom(evaluation: RulesEvaluation, condition: TagCondition): Sql {
  const { tagId, source } = condition;
  const applied = (entry: Sql) => sql`
    ${entry}.section_id = ${evaluation.sectionId} and ${entry}.tag_id = ${tagId} and ${isApplication(entry)}`;
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
  const columns = sql`change.profile_id as own_id, change.id, change.action, change.visible, change.source`;
  const last = (of: Sql) => sql`max(entry.id) filter (where ${isApplication(sql`entry`)} ${of})`;
  return sql`
    select came.profile_id
    from (
      select distinct on (standing.profile_id) standing.profile_id, standing.from_source
      from (
        select entry.profile_id, max(entry.id) as latest,
          coalesce(${last(sql``)} = ${last(sql`and entry.source = ${SOURCES[source!]}`)}, false) as from_source
        from (${entries(evaluation, sql`change.tag_id = ${tagId} and change.visible`, columns)}) entry
        group by entry.profile_id, entry.own_id
        having sum(entry.action) > 0
      ) standing
      order by standing.profile_id, standing.latest desc
    ) came
    where came.from_source`;
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
    ${during(evaluation, sql`change.at`, when)} ${changedBy(source, action)}`;
  return entries(evaluation, which);
}

/** `and…`: the source of a change. An undo only brings a tag back, so it counts as getting it only if undos are asked for. */
export function changedBy(source: Source | null, action: 1 | -1): Sql {
  if (source !== null) return sql`and change.source = ${SOURCES[source]}`;
  return action === 1 ? sql`and change.source <> ${SOURCES.undo}` : sql``;
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
