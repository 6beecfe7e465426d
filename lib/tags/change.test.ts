// The tag door against a model: random sequences of changes by people, lists and undo, sequential and concurrent.
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClaimHolderId, OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { listen } from '@/lib/signals/listen';
import { TOPICS } from '@/lib/signals/schema';
import { describeOnBoth } from '@/testing/as-on-cluster';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { allowClaims, changeClaims, changeTags, wantedClaims, wantedFor, wantedForOne, wantedPairs } from './change';
import { foldTagCounts } from './counts';
import { appliedFrom } from './origin';
import { SOURCES } from './source';
import { undoTagChanges } from './undo';

const PROFILES = 4;
const TAGS = 3;
const HOLDERS = 2;

/** One profile and tag: who holds it. `claims`: holder → suppressed or not. */
type Pair = { direct: boolean; claims: Map<number, { suppressed: boolean }> };
type Held = { holder: number; profile: number; tag: number };
type Entry = Held & { action: 1 | -1; operation: number };

class Model {
  readonly pairs = new Map<string, Pair>();
  readonly ledger: Entry[] = [];
  readonly hidden = new Set<number>();
  /** The signals sent to listeners: profile/tag and purpose. */
  readonly signals: string[] = [];
  /** The operation that applied a tag to a profile. An undo that restores a tag keeps the earlier operation. */
  readonly appliedBy = new Map<string, number>();
  operations = 0;

  pair(profile: number, tag: number): Pair {
    const key = `${profile}/${tag}`;
    const pair = this.pairs.get(key) ?? { direct: false, claims: new Map<number, { suppressed: boolean }>() };
    this.pairs.set(key, pair);
    return pair;
  }

  has(profile: number, tag: number): boolean {
    const pair = this.pair(profile, tag);
    return pair.direct || [...pair.claims.values()].some(({ suppressed }) => !suppressed);
  }

  /** Does what one statement of the door does, and records the tags that it applied or removed. */
  statement(work: () => void, operation: number, undoing = false) {
    const had = new Set([...this.pairs.keys()].filter((key) => this.hasKey(key)));
    work();
    for (const key of this.pairs.keys()) {
      const has = this.hasKey(key);
      if (had.has(key) === has) continue;
      this.signals.push(...(has ? [`${key} wake`, ...(undoing ? [] : [`${key} enrol`])] : [`${key} exit`]));
      if (has && !undoing) this.appliedBy.set(key, operation);
    }
  }

  private hasKey(key: string): boolean {
    return this.has(...(key.split('/').map(Number) as [number, number]));
  }

  log(entry: Held, action: 1 | -1, operation: number) {
    this.ledger.push({ ...entry, action, operation });
  }

  change(profile: number, tag: number, apply: boolean, operation: number, keepClaims = false) {
    if (this.hidden.has(tag)) return;
    const pair = this.pair(profile, tag);
    if (apply && !pair.direct) {
      pair.direct = true;
      this.log({ holder: 0, profile, tag }, 1, operation);
    }
    if (!apply && pair.direct) {
      pair.direct = false;
      this.log({ holder: 0, profile, tag }, -1, operation);
    }
    if (apply || keepClaims) return;
    for (const [holder, claim] of pair.claims) {
      if (claim.suppressed) continue;
      claim.suppressed = true;
      this.log({ holder, profile, tag }, -1, operation);
    }
  }

  claim(profile: number, tag: number, holder: number, apply: boolean, operation: number, lift = false) {
    if (this.hidden.has(tag)) return;
    const { claims } = this.pair(profile, tag);
    const existing = claims.get(holder);
    if (apply && (!existing || (existing.suppressed && lift))) {
      claims.set(holder, { suppressed: false });
      this.log({ holder, profile, tag }, 1, operation);
    }
    if (!apply && existing) {
      claims.delete(holder);
      if (!existing.suppressed) this.log({ holder, profile, tag }, -1, operation);
    }
  }

  undo(undone: number, operation: number) {
    const undoable: Entry[] = [];
    this.ledger.forEach((entry, index) => {
      if (entry.operation !== undone || this.hidden.has(entry.tag)) return;
      const same = (other: Entry) =>
        other.profile === entry.profile && other.tag === entry.tag && other.holder === entry.holder;
      const repeated = this.ledger.slice(0, index).some((other) => other.operation === undone && same(other));
      const changedSince = this.ledger.slice(index + 1).some((other) => other.operation !== undone && same(other));
      if (!repeated && !changedSince) undoable.push(entry);
    });
    const direct = () => {
      for (const entry of undoable) {
        if (entry.holder === 0) this.change(entry.profile, entry.tag, entry.action === -1, operation, true);
      }
    };
    const claims = () => {
      for (const entry of undoable) {
        if (entry.holder !== 0) {
          this.claim(entry.profile, entry.tag, entry.holder, entry.action === -1, operation, true);
        }
      }
    };
    for (const work of [direct, claims]) this.statement(work, operation, true);
  }
}

const pairsOf = fc.subarray(
  Array.from({ length: PROFILES }, (_, index) => index),
  { minLength: 1 },
);
const tagsOf = fc.subarray(
  Array.from({ length: TAGS }, (_, index) => index),
  { minLength: 1 },
);
const tagOf = fc.nat(TAGS - 1);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('change' as const), profiles: pairsOf, tags: tagsOf, apply: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      profiles: pairsOf,
      tag: tagOf,
      holder: fc.nat(HOLDERS - 1),
      apply: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hide' as const), tag: tagOf }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

/** A new section for each run, with tags that lists may claim. */
async function world() {
  const sectionId = await createTestSection(account.accountId, 'Door');
  const profiles = await createTestProfiles(sectionId, PROFILES);
  const tags: TagId[] = [];
  for (let index = 0; index < TAGS; index++) tags.push(await createTestTag(sectionId, `Tag ${index}`));
  await transaction(async (tx) => {
    for (const tag of tags) await allowClaims(tx, sectionId, tag);
  });
  const holders: ClaimHolderId[] = [];
  for (let index = 0; index < HOLDERS; index++) {
    const holder = await one<{ id: ClaimHolderId }>(
      pool(),
      sql`insert into claim_holder (section_id, name) values (${sectionId}, ${`List ${index}`}) returning id`,
    );
    holders.push(holder.id);
  }
  const wishes = tags.flatMap((tagId) => [
    { topic: 'tag_applied' as const, subjectId: tagId, purpose: 'enrol', starts: true },
    { topic: 'tag_applied' as const, subjectId: tagId, purpose: 'wake', starts: false },
    { topic: 'tag_removed' as const, subjectId: tagId, purpose: 'exit', starts: false },
  ]);
  await transaction((tx) => listen(tx, { sectionId, consumer: 'model', consumerId: 1 }, wishes));
  return { sectionId, profiles, tags, holders };
}
type World = Awaited<ReturnType<typeof world>>;

async function newOperation(sectionId: SectionId, kind: 'bulk_tag' | 'undo'): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    pool(),
    sql`insert into operation (section_id, kind, status, finished_at, summary, input)
        values (${sectionId}, ${kind}, 'done', now(), 'test', '{}') returning id`,
  );
  return id;
}

function chosen(ids: readonly ProfileId[]) {
  return sql`select unnest(${ids}::bigint[]) as profile_id`;
}

async function act(at: World, step: Action, operations: OperationId[]): Promise<void> {
  const { sectionId } = at;
  if (step.do === 'hide') {
    await execute(
      pool(),
      sql`update tag set hidden_at = now() where section_id = ${sectionId} and id = ${at.tags[step.tag]} and hidden_at is null`,
    );
    return;
  }
  const operationId = await newOperation(sectionId, step.do === 'undo' ? 'undo' : 'bulk_tag');
  operations.push(operationId);
  const cause = { sectionId, userId: null, operationId };
  const count = (tx: Tx, { applied, removed }: { applied: number; removed: number }) =>
    execute(
      tx,
      sql`update operation set counts = ${JSON.stringify({ applied, removed })}
          where section_id = ${sectionId} and id = ${operationId}`,
    );
  await transaction(async (tx) => {
    if (step.do === 'change') {
      const tags = step.tags.map((tag) => at.tags[tag]!);
      const [profile, ...others] = step.profiles.map((index) => at.profiles[index]!);
      const changes = { apply: step.apply ? tags : [], remove: step.apply ? [] : tags };
      const wanted =
        others.length === 0 ? wantedForOne(profile!, changes) : wantedFor(chosen([profile!, ...others]), changes);
      await count(tx, await changeTags(tx, { ...cause, source: 'bulk' }, wanted));
    } else if (step.do === 'claim') {
      const ids = step.profiles.map((profile) => at.profiles[profile]!);
      const relation = sql`
        select unnest(${ids}::bigint[]) as profile_id, ${at.tags[step.tag]}::int as tag_id,
               ${at.holders[step.holder]}::int as holder_id, ${step.apply}::boolean as apply`;
      await count(tx, await changeClaims(tx, { ...cause, source: 'integration' }, wantedClaims(relation)));
    } else {
      const undone = operations[operations.length - 2 - step.back];
      if (undone === undefined) return;
      let after = 0;
      for (let looked = 1; looked > 0;) {
        const result = await undoTagChanges(
          tx,
          { ...cause, source: 'undo', startsFlows: false },
          { kind: 'undo', ids: [undone], own: [undone], attempts: [] },
          { after, limit: 1_000 },
        );
        after = result.cursor;
        looked = result.looked;
      }
    }
  });
}

function actInModel(model: Model, step: Action): void {
  if (step.do === 'hide') {
    model.hidden.add(step.tag);
    return;
  }
  const operation = ++model.operations;
  const change = () => {
    if (step.do === 'change') {
      for (const profile of step.profiles)
        for (const tag of step.tags) model.change(profile, tag, step.apply, operation);
    } else if (step.do === 'claim') {
      for (const profile of step.profiles) model.claim(profile, step.tag, step.holder + 1, step.apply, operation);
    }
  };
  if (step.do === 'undo') model.undo(operation - 1 - step.back, operation);
  else model.statement(change, operation);
}

/** Who has which tag, applied by which operation; and the claims. */
async function stateOf({ sectionId, profiles, tags, holders }: World, operations: readonly OperationId[]) {
  const held = await rows<{ profileId: ProfileId; tagId: TagId; direct: boolean; operationId: OperationId }>(
    pool(),
    sql`
      select held.profile_id as "profileId", held.tag_id as "tagId", held.direct, entry.operation_id as "operationId"
      from profile_tag held
      left join lateral (${appliedFrom(sectionId, sql`held.profile_id`, sql`held.tag_id`)}) entry on true
      where held.section_id = ${sectionId}`,
  );
  const claims = await rows<{ profileId: ProfileId; tagId: TagId; holderId: ClaimHolderId; suppressed: boolean }>(
    pool(),
    sql`select profile_id as "profileId", tag_id as "tagId", holder_id as "holderId", suppressed
        from tag_claim where section_id = ${sectionId}`,
  );
  return {
    held: held
      .map(({ profileId, tagId, direct, operationId }) => {
        const pair = `${profiles.indexOf(profileId)}/${tags.indexOf(tagId)}`;
        return `${pair}:${direct}:${operations.indexOf(operationId) + 1}`;
      })
      .sort(),
    claims: claims
      .map((claim) => {
        const pair = `${profiles.indexOf(claim.profileId)}/${tags.indexOf(claim.tagId)}`;
        return `${pair}:${holders.indexOf(claim.holderId) + 1}:${claim.suppressed}`;
      })
      .sort(),
  };
}

function stateOfModel(model: Model) {
  const held: string[] = [];
  const claims: string[] = [];
  for (const [key, pair] of model.pairs) {
    const [profile, tag] = key.split('/').map(Number) as [number, number];
    if (model.has(profile, tag)) held.push(`${key}:${pair.direct}:${model.appliedBy.get(key)}`);
    for (const [holder, { suppressed }] of pair.claims) claims.push(`${key}:${holder}:${suppressed}`);
  }
  return { held: held.sort(), claims: claims.sort() };
}

/** The pending signals: for each applied or removed tag, the purposes that the listener subscribed to. */
async function signalsOf({ sectionId, profiles, tags }: World) {
  const signals = await rows<{ profileId: ProfileId; tagId: TagId; purpose: string }>(
    pool(),
    sql`select profile_id as "profileId", subject_id as "tagId", purpose from signal where section_id = ${sectionId}`,
  );
  return signals
    .map(({ profileId, tagId, purpose }) => `${profiles.indexOf(profileId)}/${tags.indexOf(tagId)} ${purpose}`)
    .sort();
}

/** What must hold after any sequence: the counters are exact, and the ledger explains the present state. */
async function expectConsistent(sectionId: SectionId) {
  const wrongCounts = await rows(
    pool(),
    sql`
      select tag.id, counted.profiles, days.net, actual.profiles as actual
      from tag
      cross join lateral (select coalesce(sum(profiles), 0) as profiles from tag_count
        where section_id = tag.section_id and tag_id = tag.id) counted
      cross join lateral (select coalesce(sum(applied - removed), 0) as net from tag_day
        where section_id = tag.section_id and tag_id = tag.id) days
      cross join lateral (select count(*) as profiles from profile_tag
        where section_id = tag.section_id and tag_id = tag.id) actual
      where tag.section_id = ${sectionId}
        and (counted.profiles <> actual.profiles or days.net <> actual.profiles)`,
  );
  expect(wrongCounts).toEqual([]);
  const wrongLedger = await rows(
    pool(),
    sql`
      with visible as (
        select profile_id, tag_id, action, id,
               lag(action, 1, -1::smallint) over pair as before,
               lead(id) over pair is null as last
        from tag_change
        where section_id = ${sectionId} and visible
        window pair as (partition by profile_id, tag_id order by id)
      )
      select visible.*
      from visible
      left join profile_tag held
        on held.section_id = ${sectionId} and held.profile_id = visible.profile_id and held.tag_id = visible.tag_id
      where visible.action = visible.before
         or (visible.last and (visible.action = 1) <> (held.tag_id is not null))`,
  );
  expect(wrongLedger).toEqual([]);
  const orphans = await rows(
    pool(),
    sql`
      select held.profile_id, held.tag_id
      from profile_tag held
      where held.section_id = ${sectionId}
        and not held.direct
        and not exists (
          select from tag_claim claim
          where claim.section_id = held.section_id and claim.tag_id = held.tag_id
            and claim.profile_id = held.profile_id and not claim.suppressed
        )
      union all
      select claim.profile_id, claim.tag_id
      from tag_claim claim
      where claim.section_id = ${sectionId} and not claim.suppressed
        and not exists (
          select from profile_tag held
          where held.section_id = claim.section_id and held.tag_id = claim.tag_id and held.profile_id = claim.profile_id
        )`,
  );
  expect(orphans).toEqual([]);
}

/** Each applied or removed tag has its signals, as many as the ledger has visible changes. */
async function expectSignalled(sectionId: SectionId) {
  const wrong = await rows(
    pool(),
    sql`
      with entries as (
        select profile_id, tag_id, action, count(*) as changes from tag_change
        where section_id = ${sectionId} and visible
        group by profile_id, tag_id, action
      ),
      signals as (
        select profile_id, subject_id as tag_id, case topic when ${TOPICS.tag_applied} then 1 else -1 end as action,
          count(*) as changes
        from signal
        where section_id = ${sectionId} and purpose in ('wake', 'exit')
        group by profile_id, subject_id, topic
      )
      select * from entries full join signals using (profile_id, tag_id, action)
      where entries.changes is distinct from signals.changes`,
  );
  expect(wrong).toEqual([]);
}

/** The same connection, with a callback that runs once its locks are taken. */
function afterLocks(tx: Tx, then: () => Promise<void>): Tx {
  const query = async (...asked: [text: string, values?: unknown[]]) => {
    const answer = await tx.query<Record<string, unknown>>(...asked);
    if (JSON.stringify(asked).includes('for update of held')) await then();
    return answer;
  };
  return { ...tx, query } as unknown as Tx;
}

describeOnBoth('a sequence of changes', () => {
  it('agrees with the model for any sequence', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), async (steps) => {
        const at = await world();
        const model = new Model();
        const operations: OperationId[] = [];
        for (const step of steps) {
          await act(at, step, operations);
          actInModel(model, step);
          expect(await stateOf(at, operations)).toEqual(stateOfModel(model));
        }
        await expectConsistent(at.sectionId);
        expect(await signalsOf(at)).toEqual([...model.signals].sort());
        const { recorded, origins } = await one<{ recorded: number; origins: number }>(
          pool(),
          sql`
            select count(*) as recorded,
              count(*) filter (where origin_id is distinct from
                case when source <> ${SOURCES.integration} then operation_id end) as origins
            from tag_change where section_id = ${at.sectionId}`,
        );
        expect({ recorded, origins }).toEqual({ recorded: model.ledger.length, origins: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

describe('the tag door', () => {
  it('stays consistent when several write to the same tags and profiles at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(action, { maxLength: 5 }), { minLength: 2, maxLength: 4 }),
        async (writers) => {
          const at = await world();
          await Promise.all(
            writers.map(async (steps) => {
              const operations: OperationId[] = [];
              for (const step of steps) if (step.do !== 'hide') await act(at, step, operations);
            }),
          );
          await expectConsistent(at.sectionId);
          await expectSignalled(at.sectionId);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not remove a tag applied after its locks were taken: a list’s claim keeps its tag', async () => {
    const at = await world();
    const { sectionId } = at;
    const [profile, tag] = [at.profiles[0]!, at.tags[0]!];
    const person = chosen([profile]);
    const cause = { sectionId, source: 'user' as const, userId: null };
    const claim = sql`select ${profile}::bigint as profile_id, ${tag}::int as tag_id, ${at.holders[0]}::int as holder_id, true as apply`;
    let claimed: Promise<unknown> = Promise.resolve();
    await transaction(async (tx) => {
      // Between the locks and the removal, somebody applies the tag and a list is about to claim it.
      const between = async () => {
        await transaction((other) => changeTags(other, cause, wantedFor(person, { apply: [tag], remove: [] })));
        await new Promise<void>((begun) => {
          claimed = transaction(async (other) => {
            await changeClaims(other, { ...cause, source: 'integration' }, wantedClaims(claim));
            begun();
            await pause(300);
          });
        });
      };
      await changeTags(afterLocks(tx, between), cause, wantedFor(person, { apply: [], remove: [tag] }));
    });
    await claimed;
    await expectConsistent(sectionId);
  });

  it('records one change for two concurrent applications of a tag', async () => {
    const at = await world();
    const apply = () =>
      transaction((tx) =>
        changeTags(
          tx,
          { sectionId: at.sectionId, source: 'api', userId: null },
          wantedFor(chosen(at.profiles), { apply: at.tags.slice(0, 1), remove: [] }),
        ),
      );
    const [first, second] = await Promise.all([apply(), apply()]);
    expect(first.applied + second.applied).toBe(PROFILES);
    await expectConsistent(at.sectionId);
  });

  it('counts a pair that is named twice once, and lets removal win', async () => {
    const at = await world();
    const [profile, tag] = [at.profiles[0]!, at.tags[0]!];
    const twice = sql`
      select ${profile}::bigint as profile_id, ${tag}::int as tag_id, true as apply
      union all select ${profile}::bigint, ${tag}::int, true
      union all select ${at.profiles[1]}::bigint, ${tag}::int, true
      union all select ${at.profiles[1]}::bigint, ${tag}::int, false`;
    const changed = await transaction((tx) =>
      changeTags(tx, { sectionId: at.sectionId, source: 'api', userId: null }, wantedPairs(twice, { removes: true })),
    );
    expect(changed).toEqual({ applied: 1, removed: 0, byTag: [{ tagId: tag, applied: 1, removed: 0 }] });
  });

  it('keeps the counts when the slots of closed connections are folded', async () => {
    const at = await world();
    const { sectionId } = at;
    await transaction((tx) =>
      changeTags(
        tx,
        { sectionId, source: 'user', userId: null },
        wantedFor(chosen(at.profiles), { apply: at.tags, remove: [] }),
      ),
    );
    await execute(pool(), sql`update tag_count set slot = -1 where section_id = ${sectionId}`);
    await execute(pool(), sql`update tag_day set slot = -1 where section_id = ${sectionId}`);
    await foldTagCounts();
    await expectConsistent(sectionId);
    const slots = await rows(pool(), sql`select distinct slot from tag_count where section_id = ${sectionId}`);
    expect(slots).toEqual([{ slot: 0 }]);
  });

  it('leaves data that keeps every invariant', () => expectInvariants());
});
