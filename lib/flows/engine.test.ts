// The engine: entering, waiting, branching, splitting, tags, leaving; by a clock of the test’s own. The cases are those of the list of flows.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { changeTags, wantedFor, type Cause } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import {
  createTestFlow,
  expectCountsToFit,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { hasTag, onTag, rulesOf, allOf } from '@/testing/segments';
import { saveFlow } from './commands';
import { pauseFlow, publishFlow, resumeFlow, saveFlowSettings, stopFlow } from './publish';
import { readFlow, readFlowNumbers } from './reads';
import { wayOf } from './steps/simple';
import { tick } from './tick';

const START = new Date('2027-03-01T12:00:00Z');
const DAY = 86_400_000;
const after = (ms: number) => new Date(START.getTime() + ms);

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId; stop: TagId; done: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), vip: await tag('VIP'), stop: await tag('Stop'), done: await tag('Done') };
  profiles = await createTestProfiles(account.sectionId, 3);
});

function change(ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = [], cause: Partial<Cause> = {}) {
  const wanted = wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove });
  return transaction((tx) =>
    changeTags(tx, { sectionId: account.sectionId, source: 'user', userId: null, ...cause }, wanted),
  );
}

async function tagsOf(profileId: ProfileId): Promise<TagId[]> {
  const found = await rows<{ id: TagId }>(
    pool(),
    sql`select tag_id as id from profile_tag where section_id = ${account.sectionId} and profile_id = ${profileId}`,
  );
  return found.map(({ id }) => id);
}

const trigger = (more = {}) => ({ kind: 'tag_applied' as const, tagId: tags.trigger, ...more });
const apply = (id: string, ...ids: TagId[]) => ({ id, kind: 'tags' as const, apply: ids });
const waitFor = (id: string, count: number, unit: 'minutes' | 'hours' | 'days' = 'days') => ({
  ...{ id, kind: 'wait' as const, time: { count, unit } },
});
const live = (document: FlowDraft, settings: FlowDraftSettings = {}) => publishTestFlow(account, document, settings);
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const history = (flowId: FlowId, profileId = profiles[0]!) => historyOf(account.sectionId, flowId, profileId);
const numbers = async (flowId: FlowId) =>
  valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });

describe('a flow that waits and tags', () => {
  it('lets in whoever gets the tag, waits, and goes on when the time is over (cases 27, 84 and 141)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 2), apply('tags', tags.vip)] });
    await change(profiles.slice(0, 2), [tags.trigger]);
    await tick({ now: START });
    expect(await run(flowId)).toMatchObject({ step: 'wait', dueAt: after(2 * DAY) });
    expect((await numbers(flowId)).steps.wait).toMatchObject({ arrived: 2, waiting: 2 });
    await tick({ now: after(2 * DAY - 1) });
    expect(await tagsOf(profiles[0]!)).not.toContain(tags.vip);
    await tick({ now: after(2 * DAY) });
    expect(await tagsOf(profiles[0]!)).toContain(tags.vip);
    expect(await history(flowId)).toEqual(['entered', 'wait passed', 'tags passed', 'left done']);
    expect(await run(flowId)).toMatchObject({ step: null, dueAt: null, outcome: 'done' });
    expect(await numbers(flowId)).toMatchObject({ entered: 2, inside: 0, left: { done: 2 } });
    await expectCountsToFit(account.sectionId, flowId);
    for (let again = 0; again < 20; again++) await tick({ now: after(3 * DAY + again) });
    expect(await history(flowId)).toHaveLength(4);
  });

  it('lets nobody in for a tag that they have already, nor for changes that start nothing (cases 82 and 152)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 2)] });
    await change(profiles, [tags.trigger], [], { startsFlows: false });
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ entered: 0 });
    await change([profiles[0]!], [], [tags.trigger]);
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
  });

  it('may only listen to some of the ways by which a tag is applied', async () => {
    const flowId = await live({ trigger: trigger({ sources: ['import'] }), steps: [waitFor('wait', 2)] });
    await change([profiles[0]!], [tags.trigger]);
    await change([profiles[1]!], [tags.trigger], [], { source: 'import', originId: 1 });
    await tick({ now: START });
    expect(await run(flowId)).toBeUndefined();
    expect(await run(flowId, profiles[1])).toMatchObject({ step: 'wait' });
  });

  it('lets in whoever loses a tag', async () => {
    const flowId = await live({ trigger: { kind: 'tag_removed', tagId: tags.vip }, steps: [waitFor('wait', 2)] });
    await change(profiles, [tags.vip]);
    await change([profiles[0]!], [], [tags.vip]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ entered: 1 });
  });

  it('removes a tag, with the flow as its source (case 75)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [{ id: 'tags', kind: 'tags', remove: [tags.trigger] }] });
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect(await tagsOf(profiles[0]!)).toEqual([]);
    const entry = await one(
      pool(),
      sql`select action, source, origin_id as origin from tag_change
          where section_id = ${account.sectionId} and profile_id = ${profiles[0]} order by id desc limit 1`,
    );
    expect(entry).toEqual({ action: -1, source: 5, origin: flowId });
  });
});

describe('who may enter', () => {
  it('only those who fit the filter, and do not have the exit tag (case 98)', async () => {
    const filter = rulesOf(allOf(hasTag(tags.vip)));
    const flowId = await live({ trigger: trigger(), filter, steps: [waitFor('wait', 2)] }, { exitTagId: tags.stop });
    await change([profiles[0]!, profiles[1]!], [tags.vip]);
    await change([profiles[1]!], [tags.stop]);
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ entered: 1, refused: { filter: 1, exit_tag: 1 } });
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
  });

  it('trigger and exit tag in one request: nobody enters (case 99)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [apply('tags', tags.vip)] }, { exitTagId: tags.stop });
    await change(profiles, [tags.trigger, tags.stop]);
    await tick({ now: START });
    expect(await numbers(flowId)).toMatchObject({ entered: 0, refused: { exit_tag: 3 } });
  });

  it('once ever: not again, whatever happens to the tag and the version (cases 5, 85 and 90)', async () => {
    const document = { trigger: trigger(), steps: [waitFor('wait', 2)] };
    const { id: flowId, revision } = await createTestFlow(account, document);
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision }));
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    await change([profiles[0]!], [], [tags.trigger]);
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect((await numbers(flowId)).refused).toEqual({ inside: 1 });
    await tick({ now: after(2 * DAY) });
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision }));
    await change(profiles, [], [tags.trigger]);
    await change(profiles, [tags.trigger]);
    await tick({ now: after(3 * DAY) });
    expect(await numbers(flowId)).toMatchObject({ entered: 3, refused: { inside: 1, again: 3 } });
  });

  it('again after 30 days, to the second; with the timer of the new stay only (cases 18 and 92)', async () => {
    const again = { kind: 'after' as const, days: 30 };
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 2)] }, { again });
    const twice = async (now: Date) => {
      await change([profiles[0]!], [], [tags.trigger]);
      await change([profiles[0]!], [tags.trigger]);
      await tick({ now });
    };
    await twice(START);
    await tick({ now: after(2 * DAY) });
    await twice(after(30 * DAY - 1));
    expect(await run(flowId)).toMatchObject({ dueAt: null, entry: 1 });
    await twice(after(30 * DAY));
    expect(await run(flowId)).toMatchObject({ entry: 2, dueAt: after(32 * DAY) });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('a hundred requests at the same instant make one entry (case 89)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 2)] }, { again: { kind: 'each_time' } });
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await change([profiles[0]!], [], index % 2 ? [tags.trigger] : []);
        await change([profiles[0]!], [tags.trigger]);
      }),
    );
    await Promise.all([tick({ now: START, size: 1 }), tick({ now: START, size: 3 }), tick({ now: START })]);
    expect(await numbers(flowId)).toMatchObject({ entered: 1, inside: 1 });
  });
});

describe('the exit tag', () => {
  it('ends a long wait at once, and people do not come back without it (cases 100 and 103)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 30)] }, { exitTagId: tags.stop });
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    await change([profiles[0]!], [tags.stop]);
    await tick({ now: after(DAY) });
    expect(await run(flowId)).toMatchObject({ dueAt: null, outcome: 'exit_tag', step: 'wait' });
    expect(await numbers(flowId)).toMatchObject({ inside: 2, left: { exit_tag: 1 } });
    await expectCountsToFit(account.sectionId, flowId);
    await change([profiles[0]!], [], [tags.stop]);
    await tick({ now: after(40 * DAY) });
    expect(await history(flowId)).toEqual(['entered', 'wait left exit_tag']);
  });

  it('given by a step of the flow itself: nothing after it is done (cases 97 and 161)', async () => {
    const steps = [apply('first', tags.stop), apply('second', tags.vip)];
    const flowId = await live({ trigger: trigger(), steps }, { exitTagId: tags.stop });
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect(await tagsOf(profiles[0]!)).not.toContain(tags.vip);
    expect(await history(flowId)).toEqual(['entered', 'first passed', 'second left exit_tag']);
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('is looked up, also if it is given so that nothing starts (section 1.3 of the design)', async () => {
    const flowId = await live(
      { trigger: trigger(), steps: [waitFor('wait', 1), apply('tags', tags.vip)] },
      { exitTagId: tags.stop },
    );
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    await change([profiles[0]!], [tags.stop], [], { startsFlows: false });
    await tick({ now: after(DAY) });
    expect(await run(flowId)).toMatchObject({ outcome: 'exit_tag' });
  });
});

describe('a branch', () => {
  const ways = () => [
    { id: 'way1', rules: rulesOf(allOf(hasTag(tags.stop))), steps: [apply('one1', tags.done)] },
    { id: 'way2', rules: rulesOf(allOf(hasTag(tags.vip))), steps: [waitFor('two2', 1)] },
    { id: 'way3', rules: rulesOf(allOf(hasTag(tags.trigger))), steps: [] },
  ];

  it('takes the first way that fits, and goes on after it (case 110)', async () => {
    const flowId = await live({
      trigger: trigger(),
      steps: [{ id: 'branch', kind: 'branch', ways: ways(), otherwise: [] }, waitFor('last', 5)],
    });
    await change([profiles[0]!], [tags.vip]);
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    expect(await run(flowId)).toMatchObject({ step: 'two2' });
    expect(await run(flowId, profiles[1])).toMatchObject({ step: 'last' });
    expect(await numbers(flowId)).toMatchObject({ ways: { way2: 1, way3: 2 } });
    await tick({ now: after(DAY) });
    expect(await history(flowId)).toEqual(['entered', 'branch passed way2', 'two2 passed']);
  });

  it.each(['Pacific/Auckland', 'America/Los_Angeles', 'Asia/Kathmandu', 'UTC'])(
    'counts hours as long as they are, whatever the zone: %s (case 47)',
    async (timeZone) => {
      const longAgo = onTag(tags.vip, { test: 'got', when: { kind: 'before_last', count: 1, unit: 'hours' } });
      const rules = { ...rulesOf(allOf(longAgo)), timeZone };
      const branch = { id: 'branch', kind: 'branch' as const, otherwise: [waitFor('young', 1)] };
      const flowId = await live(
        { trigger: trigger(), steps: [{ ...branch, ways: [{ id: 'old1', rules, steps: [waitFor('old2', 1)] }] }] },
        { timeZone },
      );
      await change([profiles[0]!], [tags.vip], [], { at: after(-60_000) });
      await change([profiles[1]!], [tags.vip], [], { at: after(-61 * 60_000) });
      await change(profiles.slice(0, 2), [tags.trigger]);
      await tick({ now: START });
      expect(await run(flowId)).toMatchObject({ step: 'young' });
      expect(await run(flowId, profiles[1])).toMatchObject({ step: 'old2' });
    },
  );

  it('takes the otherwise way for whoever fits none, and leaves by a step', async () => {
    const flowId = await live({
      trigger: trigger(),
      steps: [
        { id: 'branch', kind: 'branch', ways: ways().slice(0, 1), otherwise: [{ id: 'leave', kind: 'leave' }] },
        apply('tags', tags.done),
      ],
    });
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect(await history(flowId)).toEqual(['entered', 'branch passed otherwise', 'leave passed', 'left leave']);
    expect(await tagsOf(profiles[0]!)).not.toContain(tags.done);
    await expectCountsToFit(account.sectionId, flowId);
  });
});

describe('a split', () => {
  const split = (shares: number[]) => ({
    ...{ id: 'split', name: '', kind: 'split' as const },
    ways: shares.map((percent, index) => ({ id: `way${index}`, name: '', percent, tagId: null, steps: [] })),
  });
  const people = Array.from({ length: 20_000 }, (_, index) => (index + 1) as ProfileId);
  const shareOf = (shares: number[], way: string, id = 'split', flowId = 7 as FlowId) =>
    people.filter((profileId) => wayOf(flowId, { ...split(shares), id }, profileId) === way).length / people.length;

  it('keeps its shares, and gives a share of nothing to nobody (cases 155 and 160)', () => {
    const first = Array.from({ length: 100_000 }, (_, index) =>
      wayOf(7 as FlowId, split([10, 90]), index as ProfileId),
    );
    expect(Math.abs(first.filter((way) => way === 'way0').length / first.length - 0.1)).toBeLessThan(0.005);
    expect(first.every((way) => way === 'way0' || way === 'way1')).toBe(true);
    expect(shareOf([100, 0], 'way1')).toBe(0);
    expect(shareOf([0, 100], 'way0')).toBe(0);
  });

  it('takes people the same way again, and as few as possible another when shares change (cases 156 and 159)', () => {
    const moved = people.filter((profileId) => {
      const [before, later] = [
        [50, 50],
        [60, 40],
      ].map((shares) => wayOf(7 as FlowId, split(shares), profileId));
      return before !== later;
    });
    expect(Math.abs(moved.length / people.length - 0.1)).toBeLessThan(0.01);
  });

  it('is independent of other splits (cases 145 and 158)', () => {
    const both = people.filter(
      (profileId) =>
        wayOf(7 as FlowId, { ...split([50, 50]), id: 'step1' }, profileId) === 'way0' &&
        wayOf(7 as FlowId, { ...split([50, 50]), id: 'step11' }, profileId) === 'way0',
    );
    expect(Math.abs(both.length / people.length - 0.25)).toBeLessThan(0.01);
  });
});

describe('versions', () => {
  it('are pinned: those inside go on in theirs (cases 1, 61, 62, 63, 65 and 146)', async () => {
    const first: FlowDraft = { trigger: trigger(), steps: [waitFor('wait', 7), apply('old1', tags.vip)] };
    const { id: flowId, revision } = await createTestFlow(account, first);
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision }));
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    const document: FlowDraft = { trigger: trigger(), steps: [waitFor('wait', 1), apply('new1', tags.done)] };
    const saved = valueOf(await saveFlow(account.marketer, { ...of(flowId), revision, document }));
    valueOf(await publishFlow(account.marketer, { ...of(flowId), revision: saved.revision }));
    await change([profiles[1]!], [tags.trigger]);
    await tick({ now: after(DAY) });
    await tick({ now: after(2 * DAY) });
    expect(await run(flowId)).toMatchObject({ version: 1, step: 'wait', dueAt: after(7 * DAY) });
    expect(await run(flowId, profiles[1])).toMatchObject({ version: 2, outcome: 'done' });
    await tick({ now: after(7 * DAY) });
    expect(await history(flowId)).toEqual(['entered', 'wait passed', 'old1 passed', 'left done']);
    expect(await tagsOf(profiles[0]!)).toEqual([tags.trigger, tags.vip]);
    expect(await numbers(flowId)).toMatchObject({ entered: 2, left: { done: 2 } });
  });
});

describe('a flow that is not going', () => {
  it('paused: nobody moves or enters, exits are done; it goes on where it was', async () => {
    const flowId = await live(
      { trigger: trigger(), steps: [waitFor('wait', 1), apply('tags', tags.vip)] },
      { exitTagId: tags.stop },
    );
    await change(profiles.slice(0, 2), [tags.trigger]);
    await tick({ now: START });
    valueOf(await pauseFlow(account.marketer, of(flowId)));
    await change([profiles[2]!], [tags.trigger]);
    await change([profiles[1]!], [tags.stop]);
    await tick({ now: after(2 * DAY) });
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
    expect(await run(flowId, profiles[1])).toMatchObject({ outcome: 'exit_tag' });
    expect(await numbers(flowId)).toMatchObject({ refused: { paused: 1 } });
    valueOf(await resumeFlow(account.marketer, of(flowId)));
    await tick({ now: after(2 * DAY) });
    expect(await run(flowId)).toMatchObject({ outcome: 'done' });
    expect(await run(flowId, profiles[2])).toBeUndefined();
  });

  it('stopped: everybody leaves (case 25)', async () => {
    const flowId = await live({ trigger: trigger(), steps: [waitFor('wait', 1)] });
    await change(profiles, [tags.trigger]);
    await tick({ now: START });
    valueOf(await stopFlow(account.marketer, of(flowId)));
    await tick({ now: after(1), size: 2 });
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { stopped: 3 } });
    await change([profiles[0]!], [], [tags.trigger]);
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: after(2) });
    expect(await numbers(flowId)).toMatchObject({ entered: 3 });
  });

  it('with a hidden tag: nobody enters or moves, nobody is lost (case 70)', async () => {
    const flowId = await live(
      { trigger: trigger(), steps: [waitFor('wait', 1), apply('tags', tags.done)] },
      { exitTagId: tags.stop },
    );
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tags.stop }));
    await change([profiles[1]!], [tags.trigger]);
    await tick({ now: after(2 * DAY) });
    expect(await run(flowId)).toMatchObject({ step: 'wait' });
    expect(await run(flowId, profiles[1])).toBeUndefined();
    expect((await numbers(flowId)).refused).toEqual({ attention: 1 });
    expect(valueOf(await readFlow(account.marketer, of(flowId))).attention).toHaveLength(1);
  });
});

describe('circles', () => {
  it('are stopped by the limit on hops, for each person (case 77)', async () => {
    const swap = (id: string, on: TagId, off: TagId) => ({ id, kind: 'tags' as const, apply: [on], remove: [off] });
    const one = await live({ trigger: trigger(), steps: [swap('tags', tags.vip, tags.trigger)] });
    const back = [swap('tags', tags.trigger, tags.vip)];
    const other = await live({ trigger: { kind: 'tag_applied', tagId: tags.vip }, steps: back });
    // Published while people entered once; then the rule was changed.
    const settings = { again: { kind: 'each_time' as const } };
    for (const id of [one, other]) {
      valueOf(await saveFlowSettings(account.marketer, { ...of(id), revision: 1, settings }));
    }
    await change([profiles[0]!], [tags.trigger]);
    for (let turn = 0; turn < 20; turn++) await tick({ now: after(turn) });
    const [first, second] = [await numbers(one), await numbers(other)];
    expect(first.entered + second.entered).toBe(11);
    expect((first.refused.hops ?? 0) + (second.refused.hops ?? 0)).toBe(1);
  });

  it('a chain of three flows is none (case 83)', async () => {
    const third = await live({ trigger: { kind: 'tag_applied', tagId: tags.done }, steps: [waitFor('wait', 1)] });
    await live({ trigger: { kind: 'tag_applied', tagId: tags.vip }, steps: [apply('tags', tags.done)] });
    await live({ trigger: trigger(), steps: [apply('tags', tags.vip)] });
    await change([profiles[0]!], [tags.trigger]);
    await tick({ now: START });
    expect(await run(third)).toMatchObject({ step: 'wait' });
  });
});
