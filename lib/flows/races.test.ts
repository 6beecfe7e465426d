// Flows beside everything else at the same instant: bulk tags both ways round, erasing, merging, hiding, and several processes. Nobody is lost, nothing is
// done twice, and nothing waits for ever.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { expectCountsToFit, publishTestFlow, runOf, type FlowDraft, type FlowDraftSettings } from '@/testing/flows';
import { hold } from '@/testing/races';
import { expectInvariants } from '@/testing/invariants';
import { mergeProfiles } from '@/testing/segments';
import { lockFlow } from './lock';
import { moveDue } from './move';
import { readFlowNumbers } from './reads';
import { tick } from './tick';

const DAY = 86_400_000;

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; stop: TagId; one: TagId; other: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), stop: await tag('Stop'), one: await tag('One'), other: await tag('Other') };
  profiles = await createTestProfiles(account.sectionId, 60);
});

const change = (ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove }),
    ),
  );
const live = (steps: FlowDraft['steps'], settings: FlowDraftSettings = {}) =>
  publishTestFlow(account, { trigger: { kind: 'tag_applied', tagId: tags.trigger }, steps }, settings);
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, of(flowId)));
const swap = (id: string, apply: TagId, remove: TagId) => ({
  id,
  kind: 'tags' as const,
  apply: [apply],
  remove: [remove],
});
const pause = { id: 'wait', kind: 'wait' as const, time: { count: 1, unit: 'days' as const } };

/** How often a tag was applied by flows. */
async function applied(tagId: TagId): Promise<number> {
  const { times } = await one<{ times: number }>(
    pool(),
    sql`
      select count(*)::int as times from tag_change
      where section_id = ${account.sectionId} and tag_id = ${tagId} and action = 1 and source = 5`,
  );
  return times;
}

describe('at the same instant', () => {
  it('bulk tags go the other way round than the flow: no deadlock, and nobody is lost (cases 4 and 162)', async () => {
    const flowId = await live([swap('step1', tags.one, tags.other), swap('step2', tags.other, tags.one), pause]);
    await change(profiles, [tags.trigger]);
    const reversed = [...profiles].reverse();
    await Promise.all([
      ...[7, 11, 5_000].map((size) => tick({ size })),
      change(reversed, [tags.other], [tags.one]),
      change(profiles, [tags.one], [tags.other]),
      change(reversed, [tags.one, tags.other]),
    ]);
    await tick();
    expect(await numbers(flowId)).toMatchObject({ entered: 60, inside: 60 });
    expect((await numbers(flowId)).steps.wait).toMatchObject({ waiting: 60 });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('each step is done once, however many processes there are (cases 4, 26 and 97)', async () => {
    const flowId = await live([{ id: 'tags', kind: 'tags', apply: [tags.one] }]);
    await change(profiles, [tags.trigger]);
    await Promise.all([3, 7, 10, 5_000].map((size) => tick({ size })));
    await tick();
    expect(await applied(tags.one)).toBe(60);
    expect(await numbers(flowId)).toMatchObject({ entered: 60, inside: 0, left: { done: 60 } });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('the exit tag comes while people are moved: a step is done by a batch that had begun, or not at all (case 96)', async () => {
    const flowId = await live([pause, { id: 'tags', kind: 'tags', apply: [tags.one] }, { ...pause, id: 'last' }], {
      exitTagId: tags.stop,
    });
    await change(profiles, [tags.trigger]);
    const now = new Date();
    await tick({ now });
    const later = new Date(now.getTime() + DAY + 60_000);
    await Promise.all([
      tick({ now: later, size: 9 }),
      ...[0, 20, 40].map((from) => change(profiles.slice(from, from + 20), [tags.stop])),
      tick({ now: later, size: 13 }),
    ]);
    await tick({ now: later });
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { exit_tag: 60 } });
    await expectCountsToFit(account.sectionId, flowId);
    const before = await applied(tags.one);
    await tick({ now: new Date(later.getTime() + 2 * DAY) });
    expect(await applied(tags.one)).toBe(before);
  });

  it('people are erased and merged while they are moved (case 163)', async () => {
    const flowId = await live([{ id: 'tags', kind: 'tags', apply: [tags.one] }, pause]);
    await change(profiles, [tags.trigger]);
    const erased = profiles.slice(0, 5);
    const merged = profiles.slice(20, 25);
    await Promise.all([
      tick({ size: 7 }),
      ...erased.map((profileId) => eraseProfile(account.admin, { sectionId: account.sectionId, profileId })),
      ...merged.map((from, index) => mergeProfiles(account, account.sectionId, { into: profiles[5 + index]!, from })),
      tick({ size: 9 }),
    ]);
    await tick();
    const { inside } = await numbers(flowId);
    expect(inside).toBe(50);
    for (const gone of [...erased, ...merged]) expect(await runOf(account.sectionId, flowId, gone)).toBeUndefined();
    await expectInvariants();
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('a tag is hidden: it waits for the batch that uses it, and the next batch stands still', async () => {
    const flowId = await live([pause, { id: 'tags', kind: 'tags', apply: [tags.one] }]);
    await change(profiles, [tags.trigger]);
    const now = new Date();
    await tick({ now });
    const later = new Date(now.getTime() + DAY + 60_000);
    await Promise.all([
      hideTag(account.admin, { sectionId: account.sectionId, tagId: tags.one }),
      tick({ now: later, size: 7 }),
    ]);
    const { left, inside } = await numbers(flowId);
    expect(await applied(tags.one)).toBe(left.done ?? 0);
    expect(inside).toBe(60 - (left.done ?? 0));
  });

  it('somebody pauses it: the first numbers of a step are written while they hold the flow', async () => {
    const flowId = await live([pause]);
    await change(profiles, [tags.trigger]);
    const pausing = await hold(async (tx) => {
      await lockFlow(tx, account.sectionId, flowId);
    });
    await tick();
    expect(await numbers(flowId)).toMatchObject({ entered: 60, inside: 60 });
    await pausing.commit();
  });

  it('somebody whose profile is being changed is passed over, and comes with the next batch', async () => {
    const flowId = await live([{ id: 'tags', kind: 'tags', apply: [tags.one] }]);
    await change(profiles, [tags.trigger]);
    const [first] = profiles;
    const erasing = await hold(async (tx) => {
      await one(tx, sql`select id from profile where section_id = ${account.sectionId} and id = ${first} for update`);
    });
    // Neither entering nor moving waits for whoever holds a profile.
    await tick();
    expect(await numbers(flowId)).toMatchObject({ left: { done: 59 } });
    await erasing.commit();
    await tick();
    expect(await moveDue(of(flowId), { limit: 100 })).toBe(0);
    expect(await numbers(flowId)).toMatchObject({ left: { done: 60 } });
  });
});
