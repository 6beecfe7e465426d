// The door for profile data against a model: random sets of profiles to create, change and delete, with colliding keys.
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AttributeValue } from '@/lib/attributes/schema';
import type { KeyspaceId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { consumeSignals } from '@/lib/signals/inbox';
import { listen } from '@/lib/signals/listen';
import { createTestAccount, createTestProfiles, createTestSection, type TestAccount } from '@/testing/fixtures';
import { untilWaiting } from '@/testing/races';
import {
  changeProfile,
  changeProfiles,
  createKeyedProfiles,
  createProfiles,
  deleteProfiles,
  reserveProfileIds,
  type DataCause,
} from './change';

let account: TestAccount;
let keyspaces: KeyspaceId[];
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
  keyspaces = [account.keyspaces.email, account.keyspaces.mobile];
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Changed');
});

const cause = (): DataCause => ({ sectionId, source: 'user', userId: account.admin.userId });

type Values = Record<string, string | null>;
/** Keys by index of their keyspace; null clears. */
type Keys = Record<string, string | null>;
type Wanted = { values: Values; keys: Keys };
type Entry = { created: boolean; before: object; after: object };
type Person = { values: Values; keys: Keys; history: Entry[] };

const withoutNulls = <T>(from: Record<string, T | null>) =>
  Object.fromEntries(Object.entries(from).filter(([, value]) => value !== null)) as Record<string, T>;

/** The expected behaviour, in memory, for a few profiles. */
class Model {
  readonly people = new Map<number, Person>();

  private holds(place: string, key: string): boolean {
    return [...this.people.values()].some((person) => person.keys[place] === key);
  }

  /** Returns how many of the keys were taken. */
  create(id: number, { values, keys }: { values: Values; keys: Keys }): number {
    const wanted = Object.entries(withoutNulls(keys));
    const own = wanted.filter(([place, key]) => !this.holds(place, key));
    if (wanted.length > 0 && own.length === 0) return wanted.length;
    const history = [{ created: true, before: {}, after: withoutNulls(values) }];
    this.people.set(id, { values: withoutNulls(values), keys: Object.fromEntries(own), history });
    return wanted.length - own.length;
  }

  change(wanted: Map<number, Wanted>, fill: boolean) {
    const changes = [...wanted].flatMap(([id, { keys }]) => {
      const person = this.people.get(id)!;
      return Object.entries(keys).flatMap(([place, key]) =>
        (person.keys[place] ?? null) === key ? [] : [{ id, place, before: person.keys[place] ?? null, key }],
      );
    });
    for (const { id, place } of changes) delete this.people.get(id)!.keys[place];
    for (const { id, place, key } of changes)
      if (key !== null && !this.holds(place, key)) this.people.get(id)!.keys[place] = key;
    for (const [id, { values }] of wanted) {
      const person = this.people.get(id)!;
      const [before, after]: [Values, Values] = [{}, {}];
      for (const [code, value] of Object.entries(values)) {
        const current = person.values[code] ?? null;
        if (current === value || (fill && (current ?? '') !== '')) continue;
        [before[code], after[code]] = [current, value];
        person.values = withoutNulls({ ...person.values, [code]: value });
      }
      for (const { id: of, place, before: had } of changes) {
        const has = person.keys[place] ?? null;
        if (of !== id || had === has) continue;
        const code = `key:${keyspaces[Number(place)]}`;
        [before[code], after[code]] = [had, has];
      }
      if (Object.keys(after).length > 0) person.history.push({ created: false, before, after });
    }
  }
}

const value = fc.constantFrom<string | null>('a', 'b', '', null);
const anyValues = fc.dictionary(fc.constantFrom('first', 'last', 'city'), value);
const anyKeys = fc.dictionary(fc.constantFrom('0', '1'), fc.constantFrom<string | null>('k1', 'k2', 'k3', 'k4', null));
const anyWanted = fc.record<Wanted>({ values: anyValues, keys: anyKeys });
/** Two profiles of one set never want the same key: which of them would get it is unspecified. */
const anySet = fc.array(anyWanted, { minLength: 1, maxLength: 4 }).filter((set) =>
  ['0', '1'].every((place) => {
    const keys = set.flatMap(({ keys: own }) => (own[place] ? [own[place]] : []));
    return new Set(keys).size === keys.length;
  }),
);
const anyStep = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('create' as const), set: anySet }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), set: anySet, fill: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), many: fc.nat(2) }) },
);

const keysRelation = (keys: { id: number; place: string; key: string | null }[]) => sql`
  select profile_id, keyspace_id, key, 0 as slot
  from unnest(
    ${keys.map(({ id }) => id)}::bigint[], ${keys.map(({ place }) => keyspaces[Number(place)])}::int[],
    ${keys.map(({ key }) => key)}::text[]
  ) own (profile_id, keyspace_id, key)`;

const valuesRelation = (set: { id: number; values: Values }[]) => sql`
  select profile_id, attributes, attributes as noted
  from unnest(
    ${set.map(({ id }) => id)}::bigint[], ${set.map(({ values }) => JSON.stringify(values))}::jsonb[]
  ) own (profile_id, attributes)`;

const listed = (set: { id: number; keys: Keys }[]) =>
  set.flatMap(({ id, keys }) => Object.entries(keys).map(([place, key]) => ({ id, place, key })));

async function create(tx: Tx, model: Model, set: Wanted[]) {
  const ids = await reserveProfileIds(tx, set.length);
  const people = set.map(({ values, keys }, index) => ({
    id: ids[index]!,
    values: withoutNulls(values),
    keys: withoutNulls(keys),
  }));
  const { made, taken } = await createProfiles(tx, cause(), {
    profiles: valuesRelation(people),
    keys: keysRelation(listed(people)),
  });
  const before = model.people.size;
  const expected = people.reduce((sum, person) => sum + model.create(person.id, person), 0);
  expect({ made, taken }).toEqual({ made: model.people.size - before, taken: expected });
}

async function change(tx: Tx, model: Model, set: Wanted[], fill: boolean) {
  const ids = [...model.people.keys()];
  const wanted = new Map(set.flatMap((item, index) => (ids[index] === undefined ? [] : [[ids[index], item] as const])));
  const people = [...wanted].map(([id, one]) => ({ id, ...one }));
  await changeProfiles(tx, cause(), {
    values: sql`select profile_id, attributes from (${valuesRelation(people)}) wanted`,
    keys: keysRelation(listed(people)),
    existing: fill ? 'fill' : 'overwrite',
  });
  model.change(wanted, fill);
}

async function expectSame(model: Model) {
  const there = await rows<{ id: number } & Person>(
    pool(),
    sql`
      select id, attributes as values,
        coalesce((
          select json_object_agg(case keyspace_id when ${keyspaces[0]} then '0' else '1' end, key)
          from profile_key where section_id = ${sectionId} and profile_id = profile.id
        ), '{}') as keys,
        (
          select json_agg(json_build_object('created', created, 'before', before, 'after', after) order by id)
          from profile_change where section_id = ${sectionId} and profile_id = profile.id
        ) as history
      from profile where section_id = ${sectionId} order by id`,
  );
  expect(there).toEqual([...model.people].map(([id, person]) => ({ id, ...person })));
  const { counted } = await one<{ counted: number }>(
    pool(),
    sql`select coalesce(sum(profiles), 0)::bigint as counted from profile_count where section_id = ${sectionId}`,
  );
  expect(counted).toBe(model.people.size);
}

describe('the door for profile data', () => {
  it('changes profiles, keys, history and count as a model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), async (steps) => {
        sectionId = await createTestSection(account.accountId, 'Model');
        const model = new Model();
        for (const step of steps) {
          await transaction(async (tx) => {
            if (step.do === 'create') await create(tx, model, step.set);
            else if (step.do === 'change') await change(tx, model, step.set, step.fill);
            else {
              const deleted = [...model.people.keys()].slice(0, step.many);
              const profiles = sql`select unnest(${deleted}::bigint[]) as profile_id`;
              expect(await deleteProfiles(tx, sectionId, profiles)).toBe(deleted.length);
              deleted.forEach((id) => model.people.delete(id));
            }
          });
          await expectSame(model);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('swaps keys within one set', async () => {
    const [ann, ben] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
    const set = (keys: [ProfileId, string][]) =>
      transaction((tx) =>
        changeProfiles(tx, cause(), {
          values: valuesRelation([ann, ben].map((id) => ({ id, values: {} }))),
          keys: keysRelation(keys.map(([id, key]) => ({ id, place: '0', key }))),
        }),
      );
    await set([
      [ann, 'a'],
      [ben, 'b'],
    ]);
    expect(
      await set([
        [ann, 'b'],
        [ben, 'a'],
      ]),
    ).toEqual({ changed: 2, taken: 0 });
    expect(
      await rows(
        pool(),
        sql`select key, profile_id as id from profile_key where section_id = ${sectionId} order by key`,
      ),
    ).toEqual([
      { key: 'a', id: ben },
      { key: 'b', id: ann },
    ]);
  });

  it('creates one profile for a key that two transactions create at once, and leaves no trace of the other', async () => {
    const make = (tx: Tx, id: ProfileId) =>
      createKeyedProfiles(tx, cause(), {
        profiles: valuesRelation([{ id, values: {} }]),
        keys: keysRelation([{ id, place: '0', key: 'wanted' }]),
      });
    const [first, second] = await transaction((tx) => reserveProfileIds(tx, 2));
    let waiting: Promise<unknown> | undefined;
    await transaction(async (tx) => {
      expect(await make(tx, first!)).toEqual([{ keyspaceId: keyspaces[0], key: 'wanted', id: first }]);
      waiting = transaction((other) => make(other, second!));
      await untilWaiting();
    });
    expect(await waiting).toEqual([]);
    expect(
      await rows(pool(), sql`select profile_id as id from profile_change where section_id = ${sectionId}`),
    ).toEqual([{ id: first }]);
  });

  it('never moves the time of the last change back, whatever the writers’ clocks say', async () => {
    const [id] = (await createTestProfiles(sectionId, 1)) as [ProfileId];
    const later = new Date(Date.now() + 60_000);
    await execute(pool(), sql`update profile set updated_at = ${later} where section_id = ${sectionId} and id = ${id}`);
    const wanted = { values: new Map<string, AttributeValue | null>([['city', 'Oslo']]), keys: new Map() };
    await transaction((tx) => changeProfile(tx, cause(), id, wanted));
    const { at } = await one<{ at: Date }>(
      pool(),
      sql`select updated_at as at from profile where section_id = ${sectionId} and id = ${id}`,
    );
    expect(at.getTime()).toBe(later.getTime() + 1);
  });

  it('reports what it changed on one profile, and which keys others have', async () => {
    const [ann, ben] = (await createTestProfiles(sectionId, 2)) as [ProfileId, ProfileId];
    const change = (
      id: ProfileId,
      keys: [KeyspaceId, string | null][],
      values: [string, AttributeValue | null][] = [],
    ) => transaction((tx) => changeProfile(tx, cause(), id, { values: new Map(values), keys: new Map(keys) }));
    const [email, mobile] = keyspaces as [KeyspaceId, KeyspaceId];
    const keys: [KeyspaceId, string | null][] = [
      [email, 'k'],
      [mobile, null],
    ];
    const { changed, taken } = await change(ann, keys, [
      ['city', 'Oslo'],
      ['age', null],
    ]);
    expect({ changed: changed.sort(), taken }).toEqual({ changed: ['city', `key:${email}`], taken: [] });
    expect(await change(ann, [[email, 'k']], [['city', 'Oslo']])).toEqual({ changed: [], taken: [] });
    expect(await change(ben, [[email, 'k']])).toEqual({ changed: [], taken: [email] });
  });

  it('signals created profiles and changed attributes to listeners, and nothing else', async () => {
    const attribute = await one<{ id: number }>(
      pool(),
      sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
    );
    const consumer = { sectionId, consumer: 'test', consumerId: 1 };
    const wish = { purpose: 'enrol', starts: true };
    await transaction((tx) =>
      listen(tx, consumer, [
        { ...wish, topic: 'attribute_changed', subjectId: attribute.id },
        { ...wish, topic: 'profile_created', subjectId: 0 },
      ]),
    );
    const [id] = (await transaction((tx) => reserveProfileIds(tx, 1))) as [ProfileId];
    const heard = async (work: (tx: Tx) => Promise<unknown>) => {
      await transaction(work);
      const signals = await transaction((tx) => consumeSignals(tx, consumer, { limit: 10, now: new Date() }));
      return signals.map(({ topic, subjectId, profileId, hops }) => ({ topic, subjectId, profileId, hops }));
    };
    const set = (values: Values, more: Partial<DataCause> = {}) =>
      heard((tx) =>
        changeProfiles(
          tx,
          { ...cause(), ...more },
          { values: sql`select * from (${valuesRelation([{ id, values }])}) set` },
        ),
      );
    const firstname = { topic: 'attribute_changed', subjectId: attribute.id, profileId: id };
    const made = await heard((tx) =>
      createProfiles(tx, cause(), { profiles: valuesRelation([{ id, values: { firstname: 'Ann', city: 'Oslo' } }]) }),
    );
    expect(made).toHaveLength(2);
    expect(made).toContainEqual({ topic: 'profile_created', subjectId: 0, profileId: id, hops: 0 });
    expect(made).toContainEqual({ ...firstname, hops: 0 });
    expect(await set({ city: 'Rome' })).toEqual([]);
    expect(await set({ firstname: 'Ann' })).toEqual([]);
    expect(await set({ firstname: 'Anna' }, { hops: 2 })).toEqual([{ ...firstname, hops: 2 }]);
    expect(await set({ firstname: null }, { startsFlows: false })).toEqual([]);
  });
});
