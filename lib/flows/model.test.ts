// The engine against a flow in memory: random flows, random changes, in batches of any size and by two processes at the same time, come to the same
// places, tags, histories and numbers.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { changeTags, wantedFor } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { flowSteps, TAGS, written } from '@/testing/flow-arbitrary';
import { ModelFlow, ModelPerson, type Again, type ModelStep, type ModelTag } from '@/testing/flow-model';
import { createTestFlow, expectCountsToFit, historyOf, runOf } from '@/testing/flows';
import { saveFlow } from './commands';
import { pauseFlow, publishFlow, resumeFlow, saveFlowSettings, stopFlow } from './publish';
import { findFlow, readCounts } from './queries';
import { tick } from './tick';

const PEOPLE = 3;
const HOUR = 3_600_000;
const START = Date.parse('2027-03-01T12:00:00Z');

let account: TestAccount;
beforeAll(async () => {
  account = await createTestAccount();
});

type Act =
  | { act: 'change'; who: number; tag: ModelTag; applied: boolean; starts: boolean }
  | { act: 'pass'; hours: number }
  | { act: 'pause' | 'resume' | 'stop' }
  | { act: 'publish'; steps: ModelStep[] };

const change = fc.record({
  ...{ act: fc.constant('change' as const), who: fc.nat(PEOPLE - 1), tag: fc.constantFrom<ModelTag>(...TAGS) },
  ...{ applied: fc.boolean(), starts: fc.integer({ min: 0, max: 9 }).map((one) => one > 0) },
});
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: change },
    { weight: 3, arbitrary: change.map((each) => ({ ...each, tag: 'trigger' as const, applied: true })) },
    {
      weight: 4,
      arbitrary: fc.record({ act: fc.constant('pass' as const), hours: fc.constantFrom(1, 2, 6, 31) }),
    },
    { weight: 1, arbitrary: fc.constantFrom<Act>({ act: 'pause' }, { act: 'resume' }, { act: 'resume' }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('publish' as const), steps: flowSteps }) },
  ),
  { minLength: 4, maxLength: 14 },
);

/** The engine with a flow, its people and its tags. */
class Real {
  private constructor(
    readonly sectionId: SectionId,
    readonly flowId: FlowId,
    readonly tags: Record<ModelTag, TagId>,
    readonly profiles: readonly ProfileId[],
    private readonly again: Again,
  ) {}

  static async open(steps: ModelStep[], again: Again): Promise<Real> {
    const sectionId = await createTestSection(account.accountId, `Section ${Math.random()}`);
    const tags = {} as Record<ModelTag, TagId>;
    for (const tag of TAGS) tags[tag] = await createTestTag(sectionId, tag);
    const profiles = await createTestProfiles(sectionId, PEOPLE);
    const { id } = await createTestFlow(
      { ...account, marketer: account.admin, sectionId },
      { trigger: { kind: 'tag_applied', tagId: tags.trigger }, steps: written(steps, tags) },
      { exitTagId: tags.exit },
    );
    const real = new Real(sectionId, id, tags, profiles, again);
    await real.publish(null);
    return real;
  }

  private get of() {
    return { sectionId: this.sectionId, flowId: this.flowId };
  }

  /** Circles are refused where people may enter each time: here the limit on hops is to stop them. */
  async publish(steps: ModelStep[] | null): Promise<void> {
    const settings = async (again: Again) => {
      const { revision } = (await findFlow(pool(), this.sectionId, this.flowId))!;
      const rule = again === 'after' ? { kind: again, days: 1 } : { kind: again };
      const saved = { exitTagId: this.tags.exit, again: rule };
      valueOf(await saveFlowSettings(account.admin, { ...this.of, revision, settings: saved }));
    };
    await settings('once');
    if (steps) {
      const { revision } = (await findFlow(pool(), this.sectionId, this.flowId))!;
      const document = { trigger: { kind: 'tag_applied', tagId: this.tags.trigger }, steps: written(steps, this.tags) };
      valueOf(await saveFlow(account.admin, { ...this.of, revision, document }));
    }
    const { revision } = (await findFlow(pool(), this.sectionId, this.flowId))!;
    valueOf(await publishFlow(account.admin, { ...this.of, revision }));
    await settings(this.again);
  }

  async do(one: Act, now: number): Promise<void> {
    const { sectionId } = this;
    if (one.act === 'change') {
      const tags = one.applied
        ? { apply: [this.tags[one.tag]], remove: [] }
        : { apply: [], remove: [this.tags[one.tag]] };
      const wanted = wantedFor(sql`select ${this.profiles[one.who]}::bigint as profile_id`, tags);
      const cause = { sectionId, source: 'user', userId: null, at: new Date(now), startsFlows: one.starts } as const;
      await transaction((tx) => changeTags(tx, cause, wanted));
    } else if (one.act === 'publish') await this.publish(one.steps);
    else if (one.act === 'pause') valueOf(await pauseFlow(account.admin, this.of));
    else if (one.act === 'resume') valueOf(await resumeFlow(account.admin, this.of));
    else if (one.act === 'stop') valueOf(await stopFlow(account.admin, this.of));
  }

  async seen() {
    const people = [];
    for (const profileId of this.profiles) {
      const run = await runOf(this.sectionId, this.flowId, profileId);
      const held = await rows<{ id: TagId }>(
        pool(),
        sql`
          select tag_id as id from profile_tag
          where section_id = ${this.sectionId} and profile_id = ${profileId} order by tag_id`,
      );
      people.push({
        tags: held.map(({ id }) => TAGS.find((tag) => this.tags[tag] === id)),
        history: await historyOf(this.sectionId, this.flowId, profileId),
        entries: run?.entry ?? 0,
        outcome: run?.outcome ?? null,
        at: run?.dueAt ? { step: run.step, version: run.version } : null,
      });
    }
    const { refused } = await readCounts(pool(), this.sectionId, this.flowId, null);
    return { people, refused };
  }
}

function seenInModel(flow: ModelFlow, people: readonly ModelPerson[]) {
  return {
    people: people.map(({ tags, history, entries, outcome, stay }) => ({
      tags: TAGS.filter((tag) => tags.has(tag)),
      ...{ history, entries, outcome },
      at: stay && { step: stay.left[0]?.id, version: stay.version },
    })),
    refused: flow.refused,
  };
}

/** `sizes`: of the batches of each turn. Several: so many processes at once. */
async function expectSame(
  steps: ModelStep[],
  again: Again,
  all: readonly Act[],
  sizes: readonly number[],
): Promise<void> {
  const real = await Real.open(steps, again);
  const people = Array.from({ length: PEOPLE }, () => new ModelPerson());
  const flow = new ModelFlow(steps, again, people);
  let now = START;
  for (const one of all) {
    if (one.act === 'pause' && flow.state !== 'live') continue;
    if (one.act === 'resume' && flow.state !== 'paused') continue;
    now += one.act === 'pass' ? one.hours * HOUR : 1_000;
    await real.do(one, now);
    if (one.act === 'change') flow.change(people[one.who]!, one.tag, one.applied, now, { starts: one.starts });
    else if (one.act === 'pause') flow.state = 'paused';
    else if (one.act === 'resume') flow.state = 'live';
    else if (one.act === 'stop') flow.state = 'stopped';
    else if (one.act === 'publish') flow.publish(one.steps);
    await Promise.all(sizes.map((size) => tick({ now: new Date(now), size })));
    await tick({ now: new Date(now) });
    flow.settle(now);
  }
  expect(await real.seen()).toEqual(seenInModel(flow, people));
  await expectCountsToFit(real.sectionId, real.flowId);
}

describe('random flows and changes', () => {
  const again = fc.constantFrom<Again>('once', 'each_time', 'after');

  it('come to the same as in memory, one person at a time (cases 90, 100, 113, 124 and 149)', async () => {
    await fc.assert(
      fc.asyncProperty(flowSteps, again, acts, (steps, rule, all) => expectSame(steps, rule, all, [5_000])),
      { numRuns: 12 },
    );
  });

  it.each([
    ['in batches of one', [1]],
    ['in batches of ten thousand', [10_000]],
    ['by two processes at once', [1, 5_000]],
    ['by eight processes at once', [1, 1, 2, 3, 7, 50, 5_000, 10_000]],
  ])('%s (cases 4, 26 and 124)', async (_how, sizes) => {
    await fc.assert(
      fc.asyncProperty(flowSteps, again, acts, (steps, rule, all) => expectSame(steps, rule, all, sizes)),
      { numRuns: 3 },
    );
  });
});
