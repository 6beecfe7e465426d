// Random rules over random data select the same profiles as a plain evaluation in memory, now and at a past moment.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttributeType, AttributeValues } from '@/lib/attributes/schema';
import type {
  AttributeId,
  ClaimHolderId,
  EventTypeId,
  EventVersionId,
  KeyspaceId,
  ProfileId,
  SectionId,
  SegmentId,
  TagId,
} from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { PageCursor, ProfilePage, Slice } from '@/lib/profiles/queries';
import { allowClaims, changeClaims, changeTags, wantedClaims, wantedFor, wantedPairs } from '@/lib/tags/change';
import { SOURCES, type Source } from '@/lib/tags/source';
import {
  createTestAccount,
  createTestProfiles,
  createTestTag,
  recountProfiles,
  type TestAccount,
} from '@/testing/fixtures';
import { deleteProfiles } from '@/lib/profiles/change';
import { holdsFor, isMember, memberCount, memberIds, memberSlice } from './compile';
import { openRules } from './definitions';
import type { Evaluation } from './evaluation';
import { listMembers } from './members';
import type { Comparison } from '@/lib/attributes/comparison';
import { RulesSchema, type TagCondition, type Condition, type Period, type RuleNode, type Rules } from './schema';

const NOW = new Date('2026-03-31T10:30:00Z');
const DAY = 86_400_000;
const HIDDEN_AT = new Date(NOW.getTime() - 30 * DAY);
const WORDS = ['Anna', 'annika', 'p%r', 'per_', 'back\\slash', "o'neil; drop table profile", '.*', 'Åsa'];
const PROFILES = 60;

type Person = {
  id: ProfileId;
  attributes: AttributeValues;
  createdAt: Date;
  keyspaces: Set<KeyspaceId>;
  formerly: ProfileId[];
};
type Entry = {
  id: number;
  tagId: TagId;
  profileId: ProfileId | null;
  holderId: number;
  action: number;
  visible: boolean;
  at: Date;
  source: number;
};
type Held = { tagId: TagId; profileId: ProfileId; direct: boolean };
type Claim = { tagId: TagId; profileId: ProfileId; holderId: ClaimHolderId; suppressed: boolean };
type Happened = { profileId: ProfileId; eventTypeId: EventTypeId; at: Date; data: AttributeValues };

let account: TestAccount;
let sectionId: SectionId;
let tags: TagId[];
/** On every second profile for 300 days, hidden 30 days ago: until then it counts as a tag. */
let hiddenTag: TagId;
let holder: ClaimHolderId;
let attributes: Record<AttributeType, { id: AttributeId; code: string }>;
let eventTypes: EventTypeId[];
let segments: { id: SegmentId; rules: Rules }[];
let people: Person[];
let entries: Entry[];
let held: Held[];
let claims: Claim[];
let events: Happened[];

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length]!;
const date = (daysAhead: number) => new Date(NOW.getTime() + daysAhead * DAY).toISOString().slice(0, 10);

beforeAll(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  const db = pool();
  tags = [
    await createTestTag(sectionId, 'A'),
    await createTestTag(sectionId, 'B'),
    await createTestTag(sectionId, 'C'),
  ];
  ({ id: holder } = await one<{ id: ClaimHolderId }>(
    db,
    sql`insert into claim_holder (section_id, name) values (${sectionId}, 'List') returning id`,
  ));
  attributes = Object.fromEntries(
    await Promise.all(
      (['text', 'number', 'date', 'boolean', 'choice'] as const).map(async (type) => {
        const made = await one<{ id: AttributeId; code: string }>(
          db,
          sql`
            insert into attribute (section_id, code, discriminator, name, name_key, type, choices)
            values (${sectionId}, ${`x${type}`}, ${randomUUID()}, ${`x${type}`}, ${`x${type}`}, ${type}::attribute_type,
                    ${type === 'choice' ? WORDS : []})
            returning id, code`,
        );
        return [type, made] as const;
      }),
    ),
  ) as typeof attributes;
  await addPeople();
  await addTags();
  await addEvents();
  await addSegments();
  await readWorld();
  // As autovacuum does within a minute. Without statistics the planner expects one row from every set, and deep rules
  // take a minute.
  await pool().query('analyze');
});

async function addPeople(): Promise<void> {
  const made = Array.from({ length: PROFILES }, (_, index) => ({
    at: new Date(NOW.getTime() - ((index * 37) % 400) * DAY),
    attributes: {
      ...(index % 5 > 0 && { xtext: pick(WORDS, index) }),
      ...(index % 7 > 0 && { xnumber: ((index * 13) % 21) / 2 - 3 }),
      ...(index % 6 > 0 && {
        xdate:
          index % 4 === 0
            ? `${1950 + index}${pick(['-02-28', '-02-29', '-03-31'], index)}`
            : date(((index * 17) % 90) - 45),
      }),
      ...(index % 3 > 0 && { xboolean: index % 2 === 0 }),
      ...(index % 4 > 0 && { xchoice: pick(WORDS, index * 3) }),
    },
  }));
  await execute(
    pool(),
    sql`
      insert into profile (section_id, attributes, created_at)
      select ${sectionId}::int, made -> 'attributes', (made ->> 'at')::timestamptz
      from jsonb_array_elements(${JSON.stringify(made)}::jsonb) made`,
  );
  await recountProfiles(sectionId);
  for (const [keyspaceId, every] of [
    [account.keyspaces.email, 2],
    [account.keyspaces.mobile, 3],
  ] as const) {
    await execute(
      pool(),
      sql`
        insert into profile_key (section_id, keyspace_id, key, profile_id)
        select ${sectionId}::int, ${keyspaceId}::int, 'key' || id, id from profile
        where section_id = ${sectionId} and id % ${every}::int = 0`,
    );
  }
}

/**
 * Changes by several sources over a year, through the door; some by the list; and rows of profiles that were merged, or
 * deleted by the undo of their import.
 */
async function addTags(): Promise<void> {
  const ids = (
    await rows<{ id: ProfileId }>(pool(), sql`select id from profile where section_id = ${sectionId} order by id`)
  ).map(({ id }) => id);
  for (const tagId of tags) await transaction((tx) => allowClaims(tx, sectionId, tagId));
  const sources: Source[] = ['user', 'import', 'api'];
  for (let step = 0; step < 24; step++) {
    const cause = {
      sectionId,
      source: pick(sources, step),
      userId: null,
      at: new Date(NOW.getTime() - (24 - step) * 15 * DAY + step * 3_600_000),
    };
    const tagId = pick(tags, step);
    const chosen = ids.filter((_id, index) => (index * 7 + step * 5) % 4 === 0);
    const apply = step % 4 !== 3;
    if (step % 5 === 4) {
      const pairs = sql`select unnest(${chosen}::bigint[]) as profile_id, ${tagId}::int as tag_id, ${holder}::int as holder_id, ${apply}::boolean as apply`;
      await transaction((tx) => changeClaims(tx, { ...cause, source: 'integration' }, wantedClaims(pairs)));
    } else {
      const pairs = sql`select unnest(${chosen}::bigint[]) as profile_id, ${tagId}::int as tag_id, ${apply}::boolean as apply`;
      await transaction((tx) => changeTags(tx, cause, wantedPairs(pairs, { removes: !apply })));
    }
  }
  // Removed in bulk, and undone: a restored tag keeps its first source.
  const taken = await rows<{ profileId: ProfileId; tagId: TagId }>(
    pool(),
    sql`select profile_id as "profileId", tag_id as "tagId" from profile_tag
        where section_id = ${sectionId} and direct and tag_id = any(${tags.slice(0, 2)}::int[]) and profile_id % 3 = 0`,
  );
  for (const apply of [false, true]) {
    const pairs = sql`
      select *, ${apply}::boolean as apply
      from unnest(${taken.map(({ profileId }) => profileId)}::bigint[], ${taken.map(({ tagId }) => tagId)}::int[])
        as taken (profile_id, tag_id)`;
    const at = new Date(NOW.getTime() - (apply ? 4 : 5) * DAY);
    const source: Source = apply ? 'undo' : 'bulk';
    await transaction((tx) =>
      changeTags(tx, { sectionId, source, userId: null, at }, wantedPairs(pairs, { removes: !apply })),
    );
  }
  hiddenTag = await createTestTag(sectionId, 'Hidden');
  const second = sql`select unnest(${ids.filter((_id, index) => index % 2 === 0)}::bigint[]) as profile_id`;
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId, source: 'user', userId: null, at: new Date(NOW.getTime() - 300 * DAY) },
      wantedFor(second, { apply: [hiddenTag], remove: [] }),
    ),
  );
  await execute(
    pool(),
    sql`update tag set hidden_at = ${HIDDEN_AT} where section_id = ${sectionId} and id = ${hiddenTag}`,
  );
  const former = (await createTestProfiles(sectionId, 4)).map(Number);
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId, source: 'user', userId: null, at: new Date(NOW.getTime() - 40 * DAY) },
      wantedPairs(sql`select unnest(${former}::bigint[]) as profile_id, ${tags[0]}::int as tag_id, true as apply`, {
        removes: false,
      }),
    ),
  );
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId, source: 'merge', userId: null, at: new Date(NOW.getTime() - 20 * DAY) },
      wantedPairs(sql`select unnest(${former}::bigint[]) as profile_id, ${tags[0]}::int as tag_id, false as apply`, {
        removes: true,
      }),
    ),
  );
  const undone = (await createTestProfiles(sectionId, 3)).map(Number);
  for (const apply of [true, false]) {
    const pairs = sql`
      select profile_id, tag_id, ${apply}::boolean as apply
      from unnest(${undone}::bigint[]) profile_id cross join unnest(${tags}::int[]) tag_id`;
    const at = new Date(NOW.getTime() - (apply ? 15 : 14) * DAY);
    const source: Source = apply ? 'import' : 'undo';
    await transaction((tx) =>
      changeTags(tx, { sectionId, source, userId: null, at }, wantedPairs(pairs, { removes: !apply })),
    );
  }
  const gone = sql`select unnest(${[...former, ...undone]}::bigint[]) as profile_id`;
  await transaction((tx) => deleteProfiles(tx, sectionId, gone));
  await execute(
    pool(),
    sql`
      insert into profile_merge (section_id, from_id, into_id)
      select ${sectionId}::int, * from unnest(${former}::bigint[], ${[ids[0], ids[1], ids[1], ids[2]]}::bigint[])`,
  );
}

async function addEvents(): Promise<void> {
  eventTypes = [];
  for (const name of ['Opened', 'Ordered']) {
    const { id } = await one<{ id: EventTypeId }>(
      pool(),
      sql`
        insert into event_type (section_id, discriminator, name, name_key)
        values (${sectionId}, ${randomUUID()}, ${name}, ${name.toLowerCase()}) returning id`,
    );
    eventTypes.push(id);
    const fields = ['text', 'number', 'date', 'boolean'].map((type) => ({ code: `f${type}`, name: type, type }));
    const versions: EventVersionId[] = [];
    for (const kept of [fields.slice(0, 2), fields]) {
      const made = await one<{ id: EventVersionId }>(
        pool(),
        sql`insert into event_version (section_id, event_type_id, fields)
            values (${sectionId}, ${id}, ${JSON.stringify(kept)}) returning id`,
      );
      versions.push(made.id);
    }
    const happened = Array.from({ length: 150 }, (_, index) => ({
      nth: (index * index) % PROFILES,
      version: pick(versions, index),
      at: new Date(NOW.getTime() - ((index * 11) % 130) * DAY + (index % 9) * 5_000_000),
      data: {
        ...(index % 3 > 0 && { ftext: pick(WORDS, index) }),
        ...(index % 4 > 0 && { fnumber: index % 10 }),
        ...(index % 2 > 0 && { fdate: date((index % 60) - 30), fboolean: index % 3 === 0 }),
      },
    }));
    await execute(
      pool(),
      sql`
        with people as (
          select id, row_number() over (order by id) - 1 as nth from profile where section_id = ${sectionId}
        )
        insert into profile_event (section_id, profile_id, version_id, at, data)
        select ${sectionId}::int, people.id, (made ->> 'version')::int, (made ->> 'at')::timestamptz, made -> 'data'
        from jsonb_array_elements(${JSON.stringify(happened)}::jsonb) made
        join people on people.nth = (made ->> 'nth')::int`,
    );
  }
}

async function addSegments(): Promise<void> {
  const has = (tagId: TagId, test: 'has' | 'has_not'): RuleNode => tagRule(tagId, test);
  const roots: RuleNode[] = [
    { kind: 'group', match: 'any', items: [has(tags[0]!, 'has'), has(tags[1]!, 'has_not')] },
    {
      kind: 'group',
      match: 'all',
      items: [
        { kind: 'attribute', attributeId: attributes.text.id, compare: { test: 'contains', text: 'n' } },
        { kind: 'profile', test: 'created', when: { kind: 'last', count: 6, unit: 'months' } },
      ],
    },
  ];
  segments = [];
  for (const root of roots) {
    const rules = RulesSchema.parse({ timeZone: 'Pacific/Auckland', root });
    const { id } = await one<{ id: SegmentId }>(
      pool(),
      sql`insert into segment (section_id, discriminator, name, name_key, rules)
          values (${sectionId}, ${randomUUID()}, ${randomUUID()}, ${randomUUID()}, ${JSON.stringify(rules)}) returning id`,
    );
    segments.push({ id, rules });
  }
}

const tagRule = (tagId: TagId, test: 'has' | 'has_not'): TagCondition => ({
  kind: 'tag',
  tagId,
  test,
  source: null,
  when: { kind: 'ever' },
  holderId: null,
});

async function readWorld(): Promise<void> {
  const db = pool();
  const found = await rows<Omit<Person, 'keyspaces' | 'formerly'> & { keyspaces: KeyspaceId[]; formerly: ProfileId[] }>(
    db,
    sql`
      select id, attributes, created_at as "createdAt",
        array(select keyspace_id from profile_key where section_id = ${sectionId} and profile_id = id) as keyspaces,
        array(select from_id from profile_merge where section_id = ${sectionId} and into_id = id) as formerly
      from profile where section_id = ${sectionId}`,
  );
  people = found.map((person) => ({
    ...person,
    keyspaces: new Set(person.keyspaces),
    formerly: person.formerly.map(Number) as ProfileId[],
  }));
  entries = await rows<Entry>(
    db,
    sql`select id, tag_id as "tagId", profile_id as "profileId", holder_id as "holderId", action, visible, at, source
        from tag_change where section_id = ${sectionId} order by id`,
  );
  held = await rows<Held>(
    db,
    sql`select tag_id as "tagId", profile_id as "profileId", direct from profile_tag where section_id = ${sectionId}`,
  );
  claims = await rows<Claim>(
    db,
    sql`select tag_id as "tagId", profile_id as "profileId", holder_id as "holderId", suppressed
        from tag_claim where section_id = ${sectionId}`,
  );
  events = await rows<Happened>(
    db,
    sql`select profile_id as "profileId", version.event_type_id as "eventTypeId", at, data
        from profile_event event
        join event_version version on version.section_id = event.section_id and version.id = event.version_id
        where event.section_id = ${sectionId}`,
  );
}

// ── The plain evaluation ────────────────────────────────────────────────────────────────────────────────────────────

type Moment = { now: Date; past: boolean; timeZone: string };

function matches(person: Person, node: RuleNode, moment: Moment): boolean {
  switch (node.kind) {
    case 'group': {
      const held = node.items.map((item) => matches(person, item, moment));
      if (node.match === 'all') return held.every(Boolean);
      return node.match === 'any' ? held.some(Boolean) : !held.some(Boolean);
    }
    case 'tag':
      return tagMatches(person, node, moment);
    case 'attribute': {
      const { code } = Object.values(attributes).find(({ id }) => id === node.attributeId)!;
      return valueMatches(person.attributes[code], node.compare, moment);
    }
    case 'event': {
      const count = events.filter(
        (event) =>
          event.profileId === person.id &&
          event.eventTypeId === node.eventTypeId &&
          happened(event.at, node.when, moment) &&
          node.fields.every(({ code, compare }) => valueMatches(event.data[code], compare, moment)),
      ).length;
      if (node.test === 'did_not') return count === 0;
      if (node.times.is === 'at_least') return count >= node.times.count;
      return node.times.is === 'exactly' ? count === node.times.count : count <= node.times.count;
    }
    case 'profile':
      if (node.test === 'created') return happened(person.createdAt, node.when, moment);
      if (!('keyspaceId' in node)) {
        const tagged = usable(moment).some((tagId) => tagMatches(person, tagRule(tagId, 'has'), moment));
        return tagged === (node.test === 'has_tag');
      }
      return person.keyspaces.has(node.keyspaceId) === (node.test === 'has_key');
    case 'segment': {
      const { rules } = segments.find(({ id }) => id === node.segmentId)!;
      const inside = matches(person, rules.root, { ...moment, timeZone: rules.timeZone });
      return inside === (node.test === 'in');
    }
  }
}

/** The tags that are visible, or were at a past moment. */
const usable = ({ now, past }: Moment): TagId[] => (past && now < HIDDEN_AT ? [...tags, hiddenTag] : tags);

function tagMatches(person: Person, node: Extract<Condition, { kind: 'tag' }>, moment: Moment): boolean {
  const known = entries.filter(({ tagId, at }) => tagId === node.tagId && (!moment.past || at <= moment.now));
  const all = known.filter(
    ({ profileId }) => profileId !== null && [person.id, ...person.formerly].includes(profileId),
  );
  const wanted = node.source === null ? null : SOURCES[node.source];
  const sum = (list: Entry[]) => list.reduce((total, { action }) => total + action, 0);
  const now = held.find(({ tagId, profileId }) => tagId === node.tagId && profileId === person.id);
  const has = moment.past ? sum(all.filter(({ visible }) => visible)) > 0 : now !== undefined;
  switch (node.test) {
    case 'has':
    case 'has_not': {
      const last = moment.past
        ? lastThen(person, all)
        : lastApplied(all.filter(({ profileId }) => profileId === person.id));
      return (has && (wanted === null || last?.source === wanted)) === (node.test === 'has');
    }
    case 'held_by':
      if (moment.past) return sum(all.filter(({ holderId }) => holderId === (node.holderId ?? 0))) > 0;
      if (node.holderId === null) return now?.direct === true;
      return claims.some(
        (claim) =>
          claim.tagId === node.tagId &&
          claim.profileId === person.id &&
          claim.holderId === node.holderId &&
          !claim.suppressed,
      );
    case 'got':
    case 'lost':
      return all.some(
        (entry) =>
          entry.visible &&
          entry.action === (node.test === 'got' ? 1 : -1) &&
          // What an undo restored was applied earlier.
          (wanted !== null || entry.action === -1 || entry.source !== SOURCES.undo) &&
          // What a profile lost by being merged into this one, this one has.
          (entry.profileId === person.id || entry.action === 1 || entry.source !== SOURCES.merge) &&
          (wanted === null || entry.source === wanted) &&
          happened(entry.at, node.when, moment),
      );
  }
}

/** An undo restores what was applied before. */
const lastApplied = (list: Entry[]) =>
  list.filter(({ visible, action, source }) => visible && action === 1 && source !== SOURCES.undo).at(-1);

/** Among the profiles that are this person: the last application on those that still had the tag. */
function lastThen(person: Person, all: Entry[]): Entry | undefined {
  const still = [person.id, ...person.formerly].flatMap((id) => {
    const own = all.filter(({ profileId, visible }) => profileId === id && visible);
    const [last, applied] = [own.at(-1), lastApplied(own)];
    return last?.action === 1 && applied ? [{ last, applied }] : [];
  });
  return still.sort((one, other) => one.last.id - other.last.id).at(-1)?.applied;
}

function happened(at: Date, when: Period, { now, past, timeZone }: Moment): boolean {
  if (past && at > now) return false;
  const back = (count: number, unit: string) => {
    const then = new Date(now);
    if (unit === 'hours') then.setUTCHours(then.getUTCHours() - count);
    else if (unit === 'days') then.setUTCDate(then.getUTCDate() - count);
    else if (unit === 'weeks') then.setUTCDate(then.getUTCDate() - 7 * count);
    else {
      const day = then.getUTCDate();
      then.setUTCMonth(then.getUTCMonth() - count);
      // For JavaScript, 31 February is 3 March: use the last day of the month.
      if (then.getUTCDate() !== day) then.setUTCDate(0);
    }
    return then;
  };
  switch (when.kind) {
    case 'ever':
      return true;
    case 'last':
      return at > back(when.count, when.unit) && at <= now;
    case 'before_last':
      return at <= back(when.count, when.unit);
    case 'between': {
      const day = localDay(at, timeZone);
      return (when.from === null || day >= when.from) && (when.to === null || day <= when.to);
    }
  }
}

const localDay = (at: Date, timeZone: string) => at.toLocaleDateString('sv-SE', { timeZone });

function valueMatches(value: string | number | boolean | undefined, compare: Comparison, moment: Moment): boolean {
  const text = value === undefined ? undefined : String(value).toLowerCase();
  const number = typeof value === 'number' ? value : NaN;
  const day = typeof value === 'string' ? value : '';
  const today = localDay(moment.now, moment.timeZone);
  const away = day === '' ? NaN : (Date.parse(day) - Date.parse(today)) / DAY;
  const same = (other: string) => text === other.toLowerCase();
  switch (compare.test) {
    case 'is':
      return same(compare.text);
    case 'is_not':
      return !same(compare.text);
    case 'contains':
      return text?.includes(compare.text.toLowerCase()) ?? false;
    case 'not_contains':
      return !(text?.includes(compare.text.toLowerCase()) ?? false);
    case 'starts':
      return text?.startsWith(compare.text.toLowerCase()) ?? false;
    case 'one_of':
      return compare.texts.some(same);
    case 'none_of':
      return !compare.texts.some(same);
    case 'equals':
      return number === compare.number;
    case 'above':
      return number > compare.number;
    case 'at_least':
      return number >= compare.number;
    case 'below':
      return number < compare.number;
    case 'at_most':
      return number <= compare.number;
    case 'between':
      return number >= compare.from && number <= compare.to;
    case 'on':
      return day === compare.date;
    case 'before':
      return day !== '' && day < compare.date;
    case 'after':
      return day > compare.date;
    case 'dates_between':
      return day >= compare.fromDate && day <= compare.toDate;
    case 'in_last':
      return away <= 0 && away >= -compare.days;
    case 'in_next':
      return away >= 0 && away <= compare.days;
    case 'longer_ago':
      return away < -compare.days;
    case 'further_ahead':
      return away > compare.days;
    case 'anniversary':
      return (
        day !== '' &&
        Array.from({ length: compare.within + 1 }, (_, ahead) => ahead).some((ahead) => hasDay(day, today, ahead))
      );
    case 'yes':
      return value === true;
    case 'no':
      return value === false;
    case 'empty':
      return value === undefined || value === '';
    case 'not_empty':
      return value !== undefined && value !== '';
  }
}

function hasDay(born: string, today: string, ahead: number): boolean {
  const then = new Date(Date.parse(today) + ahead * DAY);
  const [monthAndDay, year] = [then.toISOString().slice(5, 10), then.getUTCFullYear()];
  if (born.slice(5) === monthAndDay) return true;
  const leap = new Date(Date.UTC(year, 2, 0)).getUTCDate() === 29;
  return born.endsWith('-02-29') && monthAndDay === '02-28' && !leap;
}

// ── Random rules ────────────────────────────────────────────────────────────────────────────────────────────────────

const anyText = fc
  .oneof(fc.constantFrom(...WORDS, 'n', 'SLASH', '%', "'", 'å'), fc.string({ minLength: 1, maxLength: 4 }))
  .filter((text) => !text.includes('\0'));
const anyDay = fc.integer({ min: -60, max: 60 }).map(date);
const twoDays = fc.tuple(anyDay, anyDay).map((days) => days.sort());
const few = fc.integer({ min: 1, max: 60 });
const anyPeriod: fc.Arbitrary<Period> = fc.oneof(
  fc.constant({ kind: 'ever' as const }),
  fc.record({
    kind: fc.constantFrom('last' as const, 'before_last' as const),
    count: few,
    unit: fc.constantFrom('hours' as const, 'days' as const, 'weeks' as const, 'months' as const),
  }),
  twoDays.map(([from, to]) => ({ kind: 'between' as const, from, to })),
  anyDay.map((from) => ({ kind: 'between' as const, from, to: null })),
  anyDay.map((to) => ({ kind: 'between' as const, from: null, to })),
);

function anyComparison(type: AttributeType): fc.Arbitrary<Comparison> {
  const presence = fc.constantFrom<Comparison>({ test: 'empty' }, { test: 'not_empty' });
  const number = fc.integer({ min: -8, max: 20 }).map((half) => half / 2);
  switch (type) {
    case 'text':
    case 'choice':
      return fc.oneof(
        presence,
        fc.record({
          test: fc.constantFrom('is', 'is_not', 'contains', 'not_contains', 'starts'),
          text: anyText,
        }) as fc.Arbitrary<Comparison>,
        fc.record({
          test: fc.constantFrom('one_of', 'none_of'),
          texts: fc.array(anyText, { minLength: 1, maxLength: 4 }),
        }) as fc.Arbitrary<Comparison>,
      );
    case 'number':
      return fc.oneof(
        presence,
        fc.record({
          test: fc.constantFrom('equals', 'above', 'at_least', 'below', 'at_most'),
          number,
        }) as fc.Arbitrary<Comparison>,
        fc
          .tuple(number, number)
          .map(([one, other]) => ({ test: 'between' as const, from: Math.min(one, other), to: Math.max(one, other) })),
      );
    case 'date':
      return fc.oneof(
        presence,
        fc.record({ test: fc.constantFrom('on', 'before', 'after'), date: anyDay }) as fc.Arbitrary<Comparison>,
        twoDays.map(([fromDate, toDate]) => ({ test: 'dates_between' as const, fromDate, toDate })),
        fc.record({
          test: fc.constantFrom('in_last', 'in_next', 'longer_ago', 'further_ahead'),
          days: few,
        }) as fc.Arbitrary<Comparison>,
        fc.integer({ min: 0, max: 365 }).map((within) => ({ test: 'anniversary' as const, within })),
      );
    case 'boolean':
      return fc.oneof(presence, fc.constantFrom<Comparison>({ test: 'yes' }, { test: 'no' }));
  }
}

/** Built from numbers, since the ids are known only once the data exists. */
const anyTagCondition: fc.Arbitrary<() => Condition> = fc
  .record({
    nth: fc.nat(2),
    test: fc.constantFrom('has' as const, 'has_not' as const, 'got' as const, 'lost' as const, 'held_by' as const),
    source: fc.option(fc.constantFrom<Source>('user', 'import', 'api', 'integration', 'merge')),
    when: anyPeriod,
    list: fc.boolean(),
  })
  .map(({ nth, list, ...rest }) => () => ({
    kind: 'tag' as const,
    tagId: tags[nth]!,
    holderId: list ? holder : null,
    ...rest,
  }));

const anyCondition: fc.Arbitrary<() => Condition> = fc.oneof(
  { weight: 3, arbitrary: anyTagCondition },
  fc.constantFrom<AttributeType>('text', 'number', 'date', 'boolean', 'choice').chain((type) =>
    anyComparison(type).map((compare) => () => ({
      kind: 'attribute' as const,
      attributeId: attributes[type].id,
      compare,
    })),
  ),
  fc
    .record({
      nth: fc.nat(1),
      test: fc.constantFrom('did' as const, 'did_not' as const),
      times: fc.record({
        is: fc.constantFrom('at_least' as const, 'exactly' as const, 'at_most' as const),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      when: anyPeriod,
      fields: fc.array(
        fc
          .constantFrom<AttributeType>('text', 'number', 'date', 'boolean')
          .chain((type) => anyComparison(type).map((compare) => ({ code: `f${type}`, compare }))),
        { maxLength: 2 },
      ),
    })
    .map(({ nth, ...rest }) => () => ({ kind: 'event' as const, eventTypeId: eventTypes[nth]!, ...rest })),
  anyPeriod.map((when) => () => ({ kind: 'profile' as const, test: 'created' as const, when })),
  fc
    .record({
      test: fc.constantFrom('has_key' as const, 'has_no_key' as const),
      kind: fc.constantFrom('email' as const, 'mobile' as const, 'crm_id' as const),
    })
    .map(({ test, kind }) => () => ({ kind: 'profile' as const, test, keyspaceId: account.keyspaces[kind] })),
  fc.constantFrom('has_tag' as const, 'has_no_tag' as const).map((test) => () => ({ kind: 'profile' as const, test })),
  fc.record({ nth: fc.nat(1), test: fc.constantFrom('in' as const, 'not_in' as const) }).map(({ nth, test }) => () => ({
    kind: 'segment' as const,
    segmentId: segments[nth]!.id,
    test,
  })),
);

const { node: anyNode } = fc.letrec<{ node: () => RuleNode; group: () => RuleNode }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anyCondition, tie('group')),
  group: fc
    .record({
      match: fc.constantFrom('all' as const, 'any' as const, 'none' as const),
      items: fc.array(tie('node'), { minLength: 1, maxLength: 4 }),
    })
    .map(({ match, items }) => () => ({ kind: 'group' as const, match, items: items.map((item) => item()) })),
}));

const DURING: Period[] = [
  { kind: 'between', from: '2026-03-05', to: '2026-04-05' },
  { kind: 'between', from: '2026-02-05', to: null },
  { kind: 'last', count: 34, unit: 'months' },
  { kind: 'ever' },
];

/** Deeply nested sets: a plan that reads the inner ones again for each profile of the outer ones takes a minute. */
function deepRule(): RuleNode {
  const group = (match: 'all' | 'any' | 'none', ...items: RuleNode[]): RuleNode => ({ kind: 'group', match, items });
  const tag = (
    nth: number,
    test: 'got' | 'lost' | 'has_not' | 'held_by',
    source: Source | null,
    when = 3,
  ): RuleNode => ({
    kind: 'tag',
    tagId: tags[nth]!,
    holderId: null,
    test,
    source,
    when: DURING[when]!,
  });
  const event = (
    nth: number,
    times: { is: 'exactly' | 'at_most'; count: number },
    when: number,
    ...empty: string[]
  ) => {
    const fields = empty.map((code) => ({ code, compare: { test: 'not_empty' as const } }));
    return {
      kind: 'event' as const,
      eventTypeId: eventTypes[nth]!,
      test: 'did' as const,
      times,
      when: DURING[when]!,
      fields,
    };
  };
  const segment = (nth: number, test: 'in' | 'not_in'): RuleNode => ({
    kind: 'segment',
    segmentId: segments[nth]!.id,
    test,
  });
  const no: RuleNode = { kind: 'attribute', attributeId: attributes.boolean.id, compare: { test: 'no' } };
  return group(
    'all',
    group('all', no, group('none', group('all', segment(1, 'in'), tag(2, 'got', 'api', 2))), tag(0, 'held_by', null)),
    group(
      'any',
      tag(0, 'has_not', 'merge'),
      tag(1, 'has_not', 'integration'),
      group(
        'all',
        segment(0, 'in'),
        group('all', event(1, { is: 'at_most', count: 1 }, 1, 'fboolean')),
        event(1, { is: 'exactly', count: 4 }, 3, 'ftext'),
      ),
      segment(0, 'not_in'),
    ),
    group('any', tag(2, 'lost', 'integration', 0), event(1, { is: 'exactly', count: 4 }, 0)),
    group('all', segment(0, 'in'), event(0, { is: 'at_most', count: 2 }, 1, 'fdate')),
  );
}

/** Page by page, forwards and backwards, it equals the list. */
async function expectPages(list: ProfileId[], read: (edge: PageCursor) => Promise<ProfilePage>): Promise<void> {
  const seen: ProfileId[] = [];
  let page = await read({});
  for (;;) {
    seen.push(...page.profiles.map(({ id }) => id));
    if (page.older === null) break;
    page = await read({ before: page.older });
  }
  expect(seen).toEqual(list);
  const back: ProfileId[] = page.profiles.map(({ id }) => id);
  while (page.newer !== null) {
    page = await read({ after: page.newer });
    back.unshift(...page.profiles.map(({ id }) => id));
  }
  expect(back).toEqual(list);
}

const RUNS = Number(process.env.PROPERTY_RUNS ?? 250);

describe('segments', () => {
  it('contain the same profiles as a plain evaluation: as sets, as counts, and profile by profile', async () => {
    const zones = fc.constantFrom('UTC', 'Europe/Stockholm', 'America/Los_Angeles', 'Asia/Kolkata');
    const moments = fc.option(fc.integer({ min: 1, max: 330 }));
    await fc.assert(
      fc.asyncProperty(anyNode, zones, moments, fc.nat(PROFILES - 1), async (make, timeZone, daysAgo, nth) => {
        const past = daysAgo !== null;
        const now = past ? new Date(NOW.getTime() - daysAgo * DAY) : NOW;
        const rules = RulesSchema.parse({ timeZone, root: { kind: 'group', match: 'all', items: [make()] } });
        const definitions = await openRules(pool(), sectionId, rules);
        const evaluation: Evaluation = { sectionId, definitions, now, past };
        const alive = people.filter(({ createdAt }) => !past || createdAt <= now);
        const expected = alive
          .filter((person) => matches(person, rules.root, { now, past, timeZone }))
          .map(({ id }) => id);
        const found = await rows<{ profile_id: number }>(pool(), memberIds(evaluation, rules));
        expect(found.map(({ profile_id }) => profile_id).sort((one, other) => one - other)).toEqual(
          expected.sort((one, other) => one - other),
        );
        const { count } = await one<{ count: number }>(pool(), memberCount(evaluation, rules));
        expect(count).toBe(expected.length);
        const asOf = past ? { at: now } : { now };
        const newestFirst = expected.reverse();
        // A few candidates tested one by one: they fill the page, or they do not.
        const few: Slice = {
          range: (id) => sql`and ${id} <= ${newestFirst[0] ?? 0}`,
          orderAndLimit: (id, count = 3) => sql`order by ${id} desc limit ${count}`,
          limit: 3,
          candidates: 4,
        };
        const sliced = await rows<{ profile_id: ProfileId }>(pool(), memberSlice(evaluation, rules, few));
        expect(sliced.map(({ profile_id }) => profile_id).sort((one, other) => other - one)).toEqual(
          newestFirst.slice(0, 3),
        );
        // The next members out of many, as long operations read them, without testing one by one.
        const [from, to] = [newestFirst.at(-2) ?? 0, newestFirst[1] ?? 0];
        const next: Slice = {
          range: (id) => sql`and ${id} > ${from} and ${id} <= ${to}`,
          orderAndLimit: (id, count = 4) => sql`order by ${id} limit ${count}`,
          limit: 4,
          candidates: 0,
        };
        const taken = await rows<{ profile_id: ProfileId }>(pool(), memberSlice(evaluation, rules, next));
        expect(taken.map(({ profile_id }) => profile_id).sort((one, other) => one - other)).toEqual(
          [...newestFirst]
            .reverse()
            .filter((id) => id > from && id <= to)
            .slice(0, 4),
        );
        await expectPages(newestFirst, (edge) =>
          listMembers(pool(), sectionId, { rules, definitions }, edge, { ...asOf, size: 25 }),
        );
        if (!past) {
          const given = sql`unnest(${alive.map(({ id }) => id)}::bigint[]) given (id)`;
          const each = await rows<{ id: ProfileId }>(
            pool(),
            sql`select given.id from ${given} where ${isMember(evaluation, rules, sql`given.id`)} order by given.id desc`,
          );
          expect(each.map(({ id }) => id)).toEqual(newestFirst);
        }
        const person = people[nth]!;
        const only = { id: person.id, formerly: person.formerly };
        const { holds } = await one<{ holds: boolean }>(
          pool(),
          sql`select ${holdsFor({ ...evaluation, only }, timeZone, rules.root)} as holds`,
        );
        if (alive.includes(person)) expect(holds).toBe(expected.includes(person.id));
      }),
      { numRuns: RUNS, examples: [[deepRule, 'UTC', null, 20]] },
    );
  });
});
