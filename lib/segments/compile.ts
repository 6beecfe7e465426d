// Rules as one SQL statement, set-based. A condition is either a test on the profile's own row, or a set of profiles that
// an index gives; 'not' is carried outwards instead of scanning everyone, so that 'has not' can be counted as everyone less those.
import type { AttributeType } from '@/lib/attributes/schema';
import type { AttributeId, EventTypeId, EventVersionId, ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import { join, sql, type Sql } from '@/lib/db/sql';
import type { FieldType } from '@/lib/events/schema';
import { SOURCES } from '@/lib/tags/source';
import { addDays, ago, anniversaries, dayIn } from './moments';
import type { Comparison, EventCondition, Period, ProfileCondition, RuleNode, Rules, TagCondition } from './schema';

type ValueType = AttributeType | FieldType;

/** What the rules refer to, as it is in the database. Made by definitions.ts, which refuses what is hidden or not there. */
export type Definitions = {
  attributes: ReadonlyMap<AttributeId, { code: string; name: string; type: ValueType }>;
  events: ReadonlyMap<
    EventTypeId,
    { name: string; versions: EventVersionId[]; fields: ReadonlyMap<string, { name: string; type: FieldType }> }
  >;
  segments: ReadonlyMap<SegmentId, { name: string; rules: Rules }>;
};

export type Evaluation = {
  sectionId: SectionId;
  definitions: Definitions;
  /** The moment that 'the last 7 days' counts from. */
  now: Date;
  /**
   * Tags and events as they were at `now`, from the ledger; attributes and keys are as they are. Profiles that came later
   * are left out.
   */
  past?: boolean;
  /** Asks about one profile alone; `formerly`: ids of profiles that were merged into it. */
  only?: { id: ProfileId; formerly: readonly ProfileId[] };
};

/** `holds`: on the profile's own row. `members`: selects `profile_id`, each once; `outside`: those who are not in it. */
type Part = { kind: 'row'; holds: Sql } | { kind: 'set'; members: Sql; outside: boolean };
type Place = Evaluation & { timeZone: string };

/** `select profile_id` of everyone for whom the rules hold, each once. */
export function memberIds(evaluation: Evaluation, rules: Rules): Sql {
  const part = compile({ ...evaluation, timeZone: rules.timeZone }, rules.root);
  if (part.kind === 'set' && !part.outside && !evaluation.past) return part.members;
  return sql`
    select profile.id as profile_id
    from profile
    where ${everyone(evaluation)} and ${part.kind === 'row' ? part.holds : inSet(part, sql`profile.id`)}`;
}

/** `select … as count`: how many `memberIds` selects. */
export function memberCount(evaluation: Evaluation, rules: Rules): Sql {
  const { sectionId, past, only } = evaluation;
  const part = compile({ ...evaluation, timeZone: rules.timeZone }, rules.root);
  const tagId = loneTag(rules.root);
  const counted = part.kind === 'set' && !past && !only && (part.outside || tagId !== null);
  if (!counted) return sql`select count(*) as count from (${memberIds(evaluation, rules)}) members`;
  const members =
    tagId === null
      ? sql`select count(*) from (${part.members}) members`
      : sql`select coalesce(sum(profiles), 0) from tag_count where section_id = ${sectionId} and tag_id = ${tagId}`;
  const everybody = sql`select coalesce(sum(profiles), 0) from profile_count where section_id = ${sectionId}`;
  return part.outside
    ? sql`select ((${everybody}) - (${members}))::bigint as count`
    : sql`select (${members})::bigint as count`;
}

/** The tag, where the whole of the rules is that a profile has, or has not, that tag. */
function loneTag(node: RuleNode): number | null {
  if (node.kind === 'group') return node.items.length === 1 ? loneTag(node.items[0]!) : null;
  const plain = node.kind === 'tag' && (node.test === 'has' || node.test === 'has_not') && node.source === null;
  return plain ? node.tagId : null;
}

/** A condition: whether the profile of `evaluation.only` is one for whom the node holds. */
export function holdsFor(
  evaluation: Evaluation & Required<Pick<Evaluation, 'only'>>,
  timeZone: string,
  node: RuleNode,
) {
  const part = compile({ ...evaluation, timeZone }, node);
  const { id } = evaluation.only;
  if (part.kind === 'set') return inSet(part, sql`${id}::bigint`);
  return sql`exists (select from profile where ${everyone(evaluation)} and ${part.holds})`;
}

function everyone({ sectionId, past, now, only }: Evaluation): Sql {
  return join(
    [
      sql`profile.section_id = ${sectionId}`,
      ...(only ? [sql`profile.id = ${only.id}`] : []),
      ...(past ? [sql`profile.created_at <= ${now}`] : []),
    ],
    ' and ',
  );
}

const inSet = ({ members, outside }: Extract<Part, { kind: 'set' }>, id: Sql): Sql =>
  sql`${outside ? sql`not exists` : sql`exists`} (select from (${members}) chosen where chosen.profile_id = ${id})`;

const negate = (part: Part): Part =>
  part.kind === 'row' ? { kind: 'row', holds: sql`not (${part.holds})` } : { ...part, outside: !part.outside };

function compile(place: Place, node: RuleNode): Part {
  switch (node.kind) {
    case 'group': {
      const parts = node.items.map((item) => compile(place, item));
      if (node.match === 'all') return allOf(place, parts);
      return node.match === 'any' ? anyOf(place, parts) : negate(anyOf(place, parts));
    }
    case 'tag':
      return { kind: 'set', members: tagSet(place, node), outside: node.test === 'has_not' };
    case 'attribute': {
      const { code } = place.definitions.attributes.get(node.attributeId)!;
      return { kind: 'row', holds: comparison(place, sql`profile.attributes`, code, node.compare) };
    }
    case 'event':
      return eventPart(place, node);
    case 'profile':
      return profilePart(place, node);
    case 'segment': {
      const { rules } = place.definitions.segments.get(node.segmentId)!;
      const part = compile({ ...place, timeZone: rules.timeZone }, rules.root);
      return node.test === 'in' ? part : negate(part);
    }
  }
}

function allOf(place: Place, parts: readonly Part[]): Part {
  const holds = parts.flatMap((part) => (part.kind === 'row' ? [part.holds] : []));
  const sets = parts.filter((part) => part.kind === 'set');
  const [first, ...rest] = sets.filter(({ outside }) => !outside);
  const outside = sets.filter((set) => set.outside);
  if (sets.length === 0) return { kind: 'row', holds: sql`(${join(holds, ' and ')})` };
  if (first === undefined && holds.length === 0) return { kind: 'set', members: union(outside), outside: true };
  if (first === undefined) {
    const conditions = [everyone(place), ...holds, ...outside.map((set) => inSet(set, sql`profile.id`))];
    const members = sql`select profile.id as profile_id from profile where ${join(conditions, ' and ')}`;
    return { kind: 'set', members, outside: false };
  }
  if (parts.length === 1) return first;
  // The set comes first, so that the rows of profiles are read for its members only.
  const rows = holds.length > 0 ? sql`join profile on ${everyone(place)} and profile.id = base.profile_id` : sql``;
  const conditions = [...holds, ...[...rest, ...outside].map((set) => inSet(set, sql`base.profile_id`))];
  const members = sql`
    select base.profile_id
    from (${first.members}) base
    ${rows}
    where ${join(conditions, ' and ')}`;
  return { kind: 'set', members, outside: false };
}

function anyOf(place: Place, parts: readonly Part[]): Part {
  if (parts.every((part) => part.kind === 'row')) {
    const holds = parts.map((part) => part.holds);
    return { kind: 'row', holds: sql`(${join(holds, ' or ')})` };
  }
  // 'Not this, or that' is everyone but those who are this and not that.
  if (parts.some((part) => part.kind === 'set' && part.outside)) return negate(allOf(place, parts.map(negate)));
  const holds = parts.flatMap((part) => (part.kind === 'row' ? [part.holds] : []));
  const sets = parts.filter((part) => part.kind === 'set');
  const rows = sql`select profile.id as profile_id from profile where ${everyone(place)} and (${join(holds, ' or ')})`;
  const all = holds.length > 0 ? [...sets, { members: rows }] : sets;
  return { kind: 'set', members: union(all), outside: false };
}

function union(sets: readonly { members: Sql }[]): Sql {
  if (sets.length === 1) return sets[0]!.members;
  const branches = sets.map(({ members }) => sql`(${members})`);
  return sql`select profile_id from (${join(branches, '\nunion\n')}) either`;
}

// ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function tagSet(place: Place, condition: TagCondition): Sql {
  switch (condition.test) {
    case 'has':
    case 'has_not':
      return condition.source === null ? tagged(place, condition) : taggedFrom(place, condition);
    case 'held_by':
      return place.past ? claimedThen(place, condition) : claimed(place, condition);
    case 'got':
      return changedBy(place, condition, 1);
    case 'lost':
      return changedBy(place, condition, -1);
  }
}

function tagged(place: Place, { tagId }: TagCondition): Sql {
  if (place.past) {
    return sql`
      select ${person(place)} as profile_id
      from ${ledger}
      where ${entries(place, tagId)} and change.visible
      group by 1
      having sum(change.action) > 0`;
  }
  return sql`
    select held.profile_id from profile_tag held
    where held.section_id = ${place.sectionId} and held.tag_id = ${tagId} ${onlyOf(place, sql`held.profile_id`)}`;
}

/** Of those who have it: whose last application came from the source. */
function taggedFrom(place: Place, condition: TagCondition): Sql {
  const { sectionId } = place;
  const applied = sql`
    change.section_id = ${sectionId} and change.tag_id = ${condition.tagId} and change.visible and change.action = 1 ${until(place)}`;
  const source = SOURCES[condition.source!];
  return sql`
    select held.profile_id
    from (${tagged(place, condition)}) held
    where held.profile_id in (
        select change.profile_id from tag_change change
        where ${applied} and change.source = ${source}
      )
      and (
        select change.source from tag_change change
        where ${applied} and change.profile_id = held.profile_id
        order by change.id desc
        limit 1
      ) = ${source}`;
}

function claimed(place: Place, { tagId, holderId }: TagCondition): Sql {
  if (holderId === null) {
    return sql`
      select held.profile_id from profile_tag held
      where held.section_id = ${place.sectionId} and held.tag_id = ${tagId} and held.direct
        ${onlyOf(place, sql`held.profile_id`)}`;
  }
  return sql`
    select claim.profile_id from tag_claim claim
    where claim.section_id = ${place.sectionId} and claim.tag_id = ${tagId} and claim.holder_id = ${holderId}
      and not claim.suppressed ${onlyOf(place, sql`claim.profile_id`)}`;
}

function claimedThen(place: Place, { tagId, holderId }: TagCondition): Sql {
  return sql`
    select ${person(place)} as profile_id
    from ${ledger}
    where ${entries(place, tagId)} and change.holder_id = ${holderId ?? 0}
    group by 1
    having sum(change.action) > 0`;
}

function changedBy(place: Place, { tagId, when, source }: TagCondition, action: 1 | -1): Sql {
  return sql`
    select ${person(place)} as profile_id
    from ${ledger}
    where ${entries(place, tagId)} and change.visible and change.action = ${action}
      ${during(place, sql`change.at`, when)} ${source === null ? sql`` : sql`and change.source = ${SOURCES[source]}`}
    group by 1`;
}

/** The ledger keeps the rows of a merged profile under its own id. */
const ledger = sql`
  tag_change change
  left join profile_merge merged on merged.section_id = change.section_id and merged.from_id = change.profile_id`;

const person = ({ only }: Place): Sql =>
  only ? sql`${only.id}::bigint` : sql`coalesce(merged.into_id, change.profile_id)`;

/** The ledger's rows of a tag; an erased person's are nobody's. */
function entries(place: Place, tagId: number): Sql {
  const { sectionId, only } = place;
  return sql`
    change.section_id = ${sectionId} and change.tag_id = ${tagId}
      and ${only ? sql`change.profile_id = any(${[only.id, ...only.formerly]}::bigint[])` : sql`change.profile_id is not null`}
      ${until(place)}`;
}

const until = ({ past, now }: Place): Sql => (past ? sql`and change.at <= ${now}` : sql``);

const onlyOf = ({ only }: Place, column: Sql): Sql => (only ? sql`and ${column} = ${only.id}` : sql``);

/** `and …` for a moment within a period. */
function during({ now, past, timeZone }: Place, column: Sql, period: Period): Sql {
  const startOf = (day: string) => sql`(${day}::date::timestamp at time zone ${timeZone}::text)`;
  const bounds = past ? [sql`${column} <= ${now}`] : [];
  switch (period.kind) {
    case 'ever':
      break;
    case 'last':
      bounds.push(sql`${column} > ${ago(now, period.count, period.unit)}`, sql`${column} <= ${now}`);
      break;
    case 'before_last':
      bounds.push(sql`${column} <= ${ago(now, period.count, period.unit)}`);
      break;
    case 'between':
      if (period.from !== null) bounds.push(sql`${column} >= ${startOf(period.from)}`);
      if (period.to !== null) bounds.push(sql`${column} < ${startOf(addDays(period.to, 1))}`);
      break;
  }
  return bounds.length > 0 ? sql`and ${join(bounds, ' and ')}` : sql``;
}

// ── Events, keys ────────────────────────────────────────────────────────────────────────────────────────────────────

function eventPart(place: Place, condition: EventCondition): Part {
  const { is, count } = condition.test === 'did' ? condition.times : { is: 'at_least' as const, count: 1 };
  // 'At most 3 times' is everyone but those who did it 4 times; those who never did are in it.
  const [enough, outside] =
    is === 'at_most'
      ? [sql`count(*) > ${count}`, true]
      : [is === 'exactly' ? sql`count(*) = ${count}` : sql`count(*) >= ${count}`, condition.test === 'did_not'];
  const { versions } = place.definitions.events.get(condition.eventTypeId)!;
  const data = condition.fields.map(
    ({ code, compare }) => sql`and ${comparison(place, sql`event.data`, code, compare)}`,
  );
  const members = sql`
    select event.profile_id
    from profile_event event
    where event.section_id = ${place.sectionId} and event.version_id = any(${versions}::int[])
      ${during(place, sql`event.at`, condition.when)} ${onlyOf(place, sql`event.profile_id`)}
      ${join(data, ' ')}
    group by event.profile_id
    having ${enough}`;
  return { kind: 'set', members, outside };
}

function profilePart(place: Place, condition: ProfileCondition): Part {
  if (condition.test === 'created') {
    return { kind: 'row', holds: sql`(true ${during(place, sql`profile.created_at`, condition.when)})` };
  }
  const members = sql`
    select keyed.profile_id from profile_key keyed
    where keyed.section_id = ${place.sectionId} and keyed.keyspace_id = ${condition.keyspaceId}
      ${onlyOf(place, sql`keyed.profile_id`)}`;
  return { kind: 'set', members, outside: condition.test === 'has_no_key' };
}

// ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** True or false, never null, for a value of a jsonb by its code. A value of another type than it should have is no value. */
function comparison(place: Place, data: Sql, code: string, compare: Comparison): Sql {
  const text = sql`(${data} ->> ${code}::text)`;
  const low = sql`lower(${text})`;
  const number = sql`
    case when jsonb_typeof(${data} -> ${code}::text) = 'number' then (${data} -> ${code}::text)::numeric end`;
  const day = sql`(${text} collate "C")`;
  const today = dayIn(place.timeZone, place.now);
  const truly = (test: Sql) => sql`coalesce(${test}, false)`;
  const unless = (test: Sql) => sql`coalesce(not (${test}), true)`;
  const among = (texts: readonly string[]) =>
    sql`${low} in (select lower(wanted) from unnest(${texts}::text[]) wanted)`;
  const between = (from: string, to: string) => truly(sql`${day} between ${from} and ${to}`);
  switch (compare.test) {
    case 'is':
      return truly(sql`${low} = lower(${compare.text})`);
    case 'is_not':
      return unless(sql`${low} = lower(${compare.text})`);
    case 'contains':
      return truly(sql`strpos(${low}, lower(${compare.text})) > 0`);
    case 'not_contains':
      return unless(sql`strpos(${low}, lower(${compare.text})) > 0`);
    case 'starts':
      return truly(sql`starts_with(${low}, lower(${compare.text}))`);
    case 'one_of':
      return truly(among(compare.texts));
    case 'none_of':
      return unless(among(compare.texts));
    case 'equals':
      return truly(sql`${number} = ${compare.number}::numeric`);
    case 'above':
      return truly(sql`${number} > ${compare.number}::numeric`);
    case 'at_least':
      return truly(sql`${number} >= ${compare.number}::numeric`);
    case 'below':
      return truly(sql`${number} < ${compare.number}::numeric`);
    case 'at_most':
      return truly(sql`${number} <= ${compare.number}::numeric`);
    case 'between':
      return truly(sql`${number} between ${compare.from}::numeric and ${compare.to}::numeric`);
    case 'on':
      return truly(sql`${day} = ${compare.date}`);
    case 'before':
      return truly(sql`${day} < ${compare.date}`);
    case 'after':
      return truly(sql`${day} > ${compare.date}`);
    case 'dates_between':
      return between(compare.fromDate, compare.toDate);
    case 'in_last':
      return between(addDays(today, -compare.days), today);
    case 'in_next':
      return between(today, addDays(today, compare.days));
    case 'longer_ago':
      return truly(sql`${day} < ${addDays(today, -compare.days)}`);
    case 'further_ahead':
      return truly(sql`${day} > ${addDays(today, compare.days)}`);
    case 'anniversary': {
      const { from, to, wraps } = anniversaries(today, compare.within);
      const monthAndDay = sql`substr(${day}, 6, 5)`;
      return truly(sql`${monthAndDay} >= ${from} ${wraps ? sql`or` : sql`and`} ${monthAndDay} <= ${to}`);
    }
    case 'yes':
      return truly(sql`(${data} -> ${code}::text) = 'true'::jsonb`);
    case 'no':
      return truly(sql`(${data} -> ${code}::text) = 'false'::jsonb`);
    case 'empty':
      return sql`(coalesce(${text}, '') = '')`;
    case 'not_empty':
      return sql`(coalesce(${text}, '') <> '')`;
  }
}
