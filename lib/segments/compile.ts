// Compiles rules to one parameterised, set-based SQL statement. profile-sets.ts combines sets; tag-conditions.ts and comparison.ts
// compile conditions on tags and values.
import { join, sql, type Sql } from '@/lib/db/sql';
import type { Slice } from '@/lib/profiles/queries';
import { eventsOf } from '@/lib/events/built-in';
import { comparison } from '@/lib/attributes/comparison-sql';
import { hasNoTag, untaggedCount } from '@/lib/tags/any-tag';
import { fieldComparison, linksAskedFor } from './field-comparison';
import { during, everyone, onlyOf, type Evaluation, type RulesEvaluation } from './evaluation';
import {
  allOf,
  anyOf,
  conditionsOf,
  counting,
  isIn,
  members,
  negate,
  profilesWhere,
  repeating,
  setOf,
  slice,
  sliceWhere,
  type Part,
} from './profile-sets';
import type { EventCondition, ProfileCondition, RuleNode, Rules } from './schema';
import { taggedThen, tagSet } from './tag-conditions';

/** `select profile_id` of all profiles that match the rules, without duplicates. */
export function memberIds(evaluation: Evaluation, rules: Rules): Sql {
  const part = partOf(evaluation, rules);
  const asSet = part.kind === 'set' && !part.outside && !evaluation.past;
  return asSet ? members(evaluation, part.set) : profilesWhere(evaluation, conditionsOf(evaluation, part));
}

/** A condition: the profile with an id, a column of the statement, matches the rules. For few profiles: each is looked up by itself. */
export function isMember(evaluation: Evaluation, rules: Rules, id: Sql): Sql {
  const part = partOf(evaluation, rules);
  if (part.kind === 'set') return isIn(evaluation, part.set, id, part.outside, ONE_BY_ONE);
  return sql`exists (select from profile where ${everyone(evaluation)} and profile.id = ${id} and ${part.holds} ${ONE_BY_ONE})`;
}

/** Keeps the planner from joining a subquery with what is around it, as it does where it expects many. */
const ONE_BY_ONE = sql`offset 0`;

/** `select profile_id` of a slice of them, ordered by profile id. Built so that it can stop as soon as the slice is full. */
export function memberSlice(evaluation: Evaluation, rules: Rules, wanted: Slice): Sql {
  const part = partOf(evaluation, rules);
  const asSet = part.kind === 'set' && !part.outside && !evaluation.past;
  return asSet ? slice(evaluation, part.set, wanted) : sliceWhere(evaluation, conditionsOf(evaluation, part), wanted);
}

/** `select… as count`: the number of profiles that `memberIds` selects. */
export function memberCount(evaluation: Evaluation, rules: Rules): Sql {
  const { sectionId, past, only, definitions } = evaluation;
  if (!past && !only && isLoneNoTag(rules.root)) {
    return sql`select ${untaggedCount(sectionId, definitions.untaggedAmong)} as count`;
  }
  const part = partOf(evaluation, rules);
  const tagId = loneTag(rules.root);
  const counted = part.kind === 'set' && !past && !only && (part.outside || tagId !== null);
  if (!counted) return sql`select count(*) as count from (${memberIds(evaluation, rules)}) members`;
  const chosen =
    tagId === null
      ? sql`select count(*) from (${members(evaluation, part.set)}) members`
      : sql`select coalesce(sum(profiles), 0) from tag_count where section_id = ${sectionId} and tag_id = ${tagId}`;
  const everybody = sql`select coalesce(sum(profiles), 0) from profile_count where section_id = ${sectionId}`;
  return part.outside
    ? sql`select ((${everybody}) - (${chosen}))::bigint as count`
    : sql`select (${chosen})::bigint as count`;
}

/** Whether the rules only ask for profiles without any tag. */
function isLoneNoTag(node: RuleNode): boolean {
  if (node.kind === 'group') return node.match !== 'none' && node.items.length === 1 && isLoneNoTag(node.items[0]!);
  return node.kind === 'profile' && node.test === 'has_no_tag';
}

/** The tag, if the rules only ask whether a profile has, or does not have, this tag. */
function loneTag(node: RuleNode): number | null {
  if (node.kind === 'group') return node.items.length === 1 ? loneTag(node.items[0]!) : null;
  const plain = node.kind === 'tag' && (node.test === 'has' || node.test === 'has_not') && node.source === null;
  return plain ? node.tagId : null;
}

/** A condition: whether the profile of `evaluation.only` matches the node. */
export function holdsFor(
  evaluation: Evaluation & Required<Pick<Evaluation, 'only'>>,
  timeZone: string,
  node: RuleNode,
): Sql {
  const part = compile({ ...evaluation, timeZone }, node);
  if (part.kind === 'set') return isIn(evaluation, part.set, sql`${evaluation.only.id}::bigint`, part.outside);
  return sql`exists (select from profile where ${everyone(evaluation)} and ${part.holds})`;
}

const partOf = (evaluation: Evaluation, { timeZone, root }: Rules): Part => compile({ ...evaluation, timeZone }, root);

function compile(evaluation: RulesEvaluation, node: RuleNode): Part {
  switch (node.kind) {
    case 'group': {
      const parts = node.items.map((item) => compile(evaluation, item));
      if (node.match === 'all') return allOf(parts);
      return node.match === 'any' ? anyOf(parts) : negate(anyOf(parts));
    }
    case 'tag':
      return { kind: 'set', set: tagSet(evaluation, node), outside: node.test === 'has_not' };
    case 'attribute': {
      const { code } = evaluation.definitions.attributes.get(node.attributeId)!;
      return { kind: 'row', holds: comparison(evaluation, sql`profile.attributes`, code, node.compare) };
    }
    case 'event':
      return eventPart(evaluation, node);
    case 'profile':
      return profilePart(evaluation, node);
    case 'segment': {
      const { rules } = evaluation.definitions.segments.get(node.segmentId)!;
      const part = partOf(evaluation, rules);
      return node.test === 'in' ? part : negate(part);
    }
  }
}

function eventPart(evaluation: RulesEvaluation, condition: EventCondition): Part {
  const { is, count } = condition.test === 'did' ? condition.times : { is: 'at_least' as const, count: 1 };
  const type = evaluation.definitions.events.get(condition.eventTypeId)!;
  const fields = condition.fields.map((field) => sql`and ${fieldComparison(evaluation, field, type.fields)}`);
  const happened = sql`
    select event.profile_id
    from ${eventsOf(evaluation.sectionId, type, linksAskedFor(condition))} event
    where event.section_id = ${evaluation.sectionId}
      ${during(evaluation, sql`event.at`, condition.when)} ${onlyOf(evaluation, sql`event.profile_id`)}
      ${join(fields, ' ')}`;
  if (is === 'at_least' && count === 1) {
    return { kind: 'set', set: repeating(happened), outside: condition.test === 'did_not' };
  }
  // 'At most 3 times' is everyone except those who did it 4 times; it includes those who never did.
  const enough = { at_least: sql`>= ${count}`, exactly: sql`= ${count}`, at_most: sql`> ${count}` }[is];
  const often = sql`${happened} group by event.profile_id having count(*) ${enough}`;
  return { kind: 'set', set: counting(often), outside: is === 'at_most' };
}

function profilePart(evaluation: RulesEvaluation, condition: ProfileCondition): Part {
  if (condition.test === 'created') {
    return { kind: 'row', holds: sql`(true ${during(evaluation, sql`profile.created_at`, condition.when)})` };
  }
  if (!('keyspaceId' in condition)) {
    const untagged: Part = evaluation.past
      ? { kind: 'set', set: taggedThen(evaluation), outside: true }
      : {
          kind: 'row',
          holds: hasNoTag(evaluation.sectionId, sql`profile.id`, evaluation.definitions.untaggedAmong),
        };
    return condition.test === 'has_no_tag' ? untagged : negate(untagged);
  }
  const keyed = sql`
    select keyed.profile_id from profile_key keyed
    where keyed.section_id = ${evaluation.sectionId} and keyed.keyspace_id = ${condition.keyspaceId}
      ${onlyOf(evaluation, sql`keyed.profile_id`)}`;
  return { kind: 'set', set: setOf(keyed), outside: condition.test === 'has_no_key' };
}
