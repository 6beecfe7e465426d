// Sets of profiles and how they combine, as SQL. A part of the rules is either a test on the profile's own row or a set read from
// an index. 'Not' is moved outwards instead of scanning everyone, so that 'has not' is counted as everyone minus the set.
import { join, sql, type Sql } from '@/lib/db/sql';
import type { Slice } from '@/lib/profiles/queries';
import { everyone, type Evaluation } from './evaluation';

/**
 * Rows of one index. `unique`: no duplicates; `strict`: only profiles that still exist; `ordered`: the index returns them in the
 * order of profile ids.
 */
type Rows = { kind: 'rows'; rows: Sql; unique: boolean; strict: boolean; ordered: boolean };
/** An intersection: at least one of `inside` or `holds` is not empty. */
type All = { kind: 'all'; inside: ProfileSet[]; outside: ProfileSet[]; holds: Sql[] };
/** A union. */
type Any = { kind: 'any'; sets: ProfileSet[]; holds: Sql[] };
export type ProfileSet = Rows | All | Any;

/**
 * `row`: `holds` is a condition on `profile`; null counts as false. `set`: the profiles in the set or, if `outside`, all others.
 */
export type Part = { kind: 'row'; holds: Sql } | { kind: 'set'; set: ProfileSet; outside: boolean };

/** Rows of an index by profile. A foreign key guarantees that the profiles exist. */
export const setOf = (rows: Sql): ProfileSet => ({ kind: 'rows', rows, unique: true, strict: true, ordered: true });

/** Rows that are counted per profile. */
export const counting = (rows: Sql): ProfileSet => ({ kind: 'rows', rows, unique: true, strict: true, ordered: false });

/** Rows of profiles that exist, with duplicates. */
export const repeating = (rows: Sql): ProfileSet => ({
  kind: 'rows',
  rows,
  unique: false,
  strict: true,
  ordered: false,
});

/** Rows of the ledger: their profiles may have been deleted. */
export const outliving = (rows: Sql): ProfileSet => ({
  kind: 'rows',
  rows,
  unique: false,
  strict: false,
  ordered: false,
});

const isKey = (set: ProfileSet): boolean => set.kind === 'rows' && set.unique && set.strict;
/** Whether its first members can be found without reading all of them. */
const isOrdered = (set: ProfileSet): boolean =>
  set.kind === 'rows' ? set.ordered : set.kind === 'any' && set.holds.length === 0 && set.sets.every(isOrdered);
const isStrict = (set: ProfileSet): boolean => set.kind !== 'rows' || set.strict;

const inside = (set: ProfileSet): Part => ({ kind: 'set', set, outside: false });

export const negate = (part: Part): Part =>
  part.kind === 'row'
    ? { kind: 'row', holds: sql`((${part.holds}) is not true)` }
    : { ...part, outside: !part.outside };

const holdsOf = (parts: readonly Part[]) => parts.flatMap((part) => (part.kind === 'row' ? [part.holds] : []));
const setsOf = (parts: readonly Part[], outside: boolean) =>
  parts.flatMap((part) => (part.kind === 'set' && part.outside === outside ? [part.set] : []));

export function allOf(parts: readonly Part[]): Part {
  const holds = holdsOf(parts);
  const positive = setsOf(parts, false);
  const negative = setsOf(parts, true);
  if (positive.length + negative.length === 0) return { kind: 'row', holds: sql`(${join(holds, ' and ')})` };
  // In none of them: counted as everyone minus their union.
  if (positive.length + holds.length === 0) {
    return { kind: 'set', set: anyOfSets(negative, []), outside: true };
  }
  if (parts.length === 1) return parts[0]!;
  return inside(flattened({ kind: 'all', inside: positive, outside: negative, holds }));
}

/** Flattens nested intersections and negated unions, so that the planner sees one join list. */
function flattened({ inside, outside, holds }: All): All {
  const alls = inside.filter((set) => set.kind === 'all');
  const anys = outside.filter((set) => set.kind === 'any');
  return {
    kind: 'all',
    inside: [...inside.filter((set) => set.kind !== 'all'), ...alls.flatMap((set) => set.inside)],
    outside: [
      ...outside.filter((set) => set.kind !== 'any'),
      ...anys.flatMap((set) => set.sets),
      ...alls.flatMap((set) => set.outside),
    ],
    holds: [
      ...holds,
      ...alls.flatMap((set) => set.holds),
      ...anys.flatMap((set) => set.holds.map((item) => sql`((${item}) is not true)`)),
    ],
  };
}

export function anyOf(parts: readonly Part[]): Part {
  if (parts.every((part) => part.kind === 'row')) {
    return { kind: 'row', holds: sql`(${join(holdsOf(parts), ' or ')})` };
  }
  // 'Not A, or B' is everyone except those in A and not in B.
  if (setsOf(parts, true).length > 0) return negate(allOf(parts.map(negate)));
  return inside(anyOfSets(setsOf(parts, false), holdsOf(parts)));
}

function anyOfSets(sets: readonly ProfileSet[], holds: readonly Sql[]): ProfileSet {
  const flat = sets.filter((set) => set.kind === 'any');
  const all: Any = {
    kind: 'any',
    sets: [...sets.filter((set) => set.kind !== 'any'), ...flat.flatMap((set) => set.sets)],
    holds: [...holds, ...flat.flatMap((set) => set.holds)],
  };
  return all.sets.length === 1 && all.holds.length === 0 ? all.sets[0]! : all;
}

/** Conditions on `profile`, all of which the profiles of a part meet. */
export function conditionsOf(about: Evaluation, part: Part): Sql[] {
  if (part.kind === 'row') return [part.holds];
  const { set, outside } = part;
  return outside
    ? allHolds(about, flattened({ kind: 'all', inside: [], outside: [set], holds: [] }))
    : [isIn(about, set, sql`profile.id`)];
}

/** Whether the profile with an id is in the set, or outside it. `end`: of the subquery. */
export const isIn = (about: Evaluation, set: ProfileSet, id: Sql, outside = false, end = sql``): Sql =>
  sql`${outside ? sql`not exists` : sql`exists`} (${rowsFor(about, set, id)} ${end})`;

/** Selects rows if the profile with an id is in the set. */
function rowsFor(about: Evaluation, set: ProfileSet, id: Sql): Sql {
  const rows = set.kind === 'rows' ? set.rows : members(about, set);
  return sql`select from (${rows}) chosen where chosen.profile_id = ${id}`;
}

/** `select profile_id` of a set, without duplicates. */
export function members(about: Evaluation, set: ProfileSet): Sql {
  switch (set.kind) {
    case 'rows':
      if (!set.strict) return profilesWhere(about, [isIn(about, set, sql`profile.id`)]);
      return set.unique ? set.rows : sql`select distinct chosen.profile_id from (${set.rows}) chosen`;
    case 'any': {
      const sets = set.sets.map((item) => (item.kind === 'rows' && item.strict ? item.rows : members(about, item)));
      return union([...sets, ...rowsOf(about, set)]);
    }
    case 'all': {
      const first = firstOf(set);
      if (first === undefined) return profilesWhere(about, allHolds(about, set));
      const rest = set.inside.filter((item) => item !== first);
      const conditions = [
        ...set.holds,
        ...rest.map((item) => isIn(about, item, sql`base.profile_id`)),
        ...set.outside.map((item) => isIn(about, item, sql`base.profile_id`, true)),
      ];
      return sql`
        select base.profile_id
        from (${members(about, first)}) base
        ${set.holds.length > 0 ? sql`join profile on ${everyone(about)} and profile.id = base.profile_id` : sql``}
        where ${join(conditions, ' and ')}`;
    }
  }
}

/** Chooses the set to read first, so that rows of `profile` are read for its members only. */
const firstOf = ({ inside }: All): ProfileSet | undefined => inside.find(isKey) ?? inside.find(isStrict);

const rowsOf = (about: Evaluation, { holds }: Any): Sql[] =>
  holds.length > 0 ? [profilesWhere(about, [sql`(${join(holds, ' or ')})`])] : [];

const allHolds = (about: Evaluation, set: All): Sql[] => [
  ...set.holds,
  ...set.inside.map((item) => isIn(about, item, sql`profile.id`)),
  ...set.outside.map((item) => isIn(about, item, sql`profile.id`, true)),
];

/** `select profile_id` of all profiles that meet the conditions. */
export function profilesWhere(about: Evaluation, conditions: readonly Sql[]): Sql {
  return sql`
    select profile.id as profile_id
    from profile
    where ${join([everyone(about), ...conditions], ' and ')}`;
}

function union(selects: readonly Sql[]): Sql {
  return sql`select either.profile_id from (${join(
    selects.map((select) => sql`(${select})`),
    '\nunion\n',
  )}) either`;
}

/**
 * `select profile_id` of the members in a slice. Reads in the order of profile ids where possible and stops when the slice is full;
 * `members` selects all of them.
 */
export function slice(about: Evaluation, set: ProfileSet, part: Slice): Sql {
  if (set.kind === 'any') {
    // A page of a union is within the pages of its branches.
    const firsts = [
      ...set.sets.map((item) => slice(about, item, part)),
      ...rowsOf(about, set).map((select) => within(select, part)),
    ];
    return sql`select sliced.profile_id from (${union(firsts)}) sliced ${part.orderAndLimit(sql`sliced.profile_id`)}`;
  }
  if (set.kind === 'rows' && set.ordered) return within(set.rows, part);
  const all: All = set.kind === 'all' ? set : { kind: 'all', inside: [set], outside: [], holds: [] };
  // If one set is all there is, the planner decides best whether to read it in order or to sort it.
  const inOrder = all.inside.some(isOrdered) || (all.holds.length === 0 && firstOf(all)?.kind === 'rows');
  const whole = inOrder ? within(members(about, set), part) : sliceWhere(about, allHolds(about, all), part);
  return part.candidates > 0 ? oneByOne(about, all, part, whole) : whole;
}

/**
 * Probes the nearest candidates one by one: if many of them are members the page is soon full, whatever the planner estimates.
 * `otherwise`: the statement for when it is not.
 */
function oneByOne(about: Evaluation, set: All, part: Slice, otherwise: Sql): Sql {
  const base = set.inside.find(isOrdered);
  const near = { ...part, candidates: 0, orderAndLimit: (id: Sql) => part.orderAndLimit(id, part.candidates) };
  const candidates = base ? slice(about, base, near) : sliceWhere(about, [], near);
  const id = sql`candidate.profile_id`;
  // 'offset 0' keeps the planner from flattening them into one join.
  const alone = (select: Sql) => sql`exists (${select} offset 0)`;
  const conditions = [
    ...set.inside.filter((item) => item !== base).map((item) => alone(rowsFor(about, item, id))),
    ...set.outside.map((item) => sql`not ${alone(rowsFor(about, item, id))}`),
    ...(set.holds.length > 0
      ? [
          alone(sql`
            select from profile
            where ${everyone(about)} and profile.id = ${id} and ${join(set.holds, ' and ')}`),
        ]
      : []),
  ];
  const full = sql`(select count(*) from nearest) >= ${part.limit}`;
  return sql`
    with nearest as materialized (
      select candidate.profile_id
      from (${candidates}) candidate
      where ${join(conditions.length > 0 ? conditions : [sql`true`], ' and ')}
      ${part.orderAndLimit(id)}
    )
    select nearest.profile_id from nearest where ${full}
    union all
    select other.profile_id from (${otherwise}) other where not ${full}`;
}

const within = (select: Sql, { range, orderAndLimit }: Slice): Sql => {
  const id = sql`sliced.profile_id`;
  return sql`select sliced.profile_id from (${select}) sliced where true ${range(id)} ${orderAndLimit(id)}`;
};

/** The same for conditions on `profile`. */
export function sliceWhere(about: Evaluation, conditions: readonly Sql[], part: Slice): Sql {
  const id = sql`profile.id`;
  return sql`${profilesWhere(about, conditions)} ${part.range(id)} ${part.orderAndLimit(id)}`;
}
