// The days between which people enter, and tags of the ways of a split.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { changeTags, wantedFor } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  type TestAccount,
} from '@/testing/fixtures';
import { createTestFlow, expectCountsToFit, historyOf, publishTestFlow, type FlowDraftSettings } from '@/testing/flows';
import { enterFlow } from './people-commands';
import { saveFlowSettings } from './publish';
import { readFlow, readFlowNumbers, readFlowProblems, readWalk } from './reads';
import { FlowSettingsSchema } from './schema';
import { tick } from './tick';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; a: TagId; b: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), a: await tag('Group A'), b: await tag('Group B') };
  profiles = await createTestProfiles(account.sectionId, 12);
});

const change = (ids: readonly ProfileId[], at: Date) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null, at },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply: [tags.trigger], remove: [] }),
    ),
  );
const enter = async (profileId: ProfileId, now: Date) => {
  await change([profileId], now);
  await tick({ now });
};
const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const waiting = [{ id: 'wait', kind: 'wait' as const, time: { count: 3, unit: 'days' as const } }];
const at = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId: String(flowId) });
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, at(flowId)));
const live = (settings: FlowDraftSettings) =>
  publishTestFlow(account, { trigger: trigger(), steps: waiting }, settings);

describe('a flow with a first and a last day', () => {
  const MARCH: FlowDraftSettings = { opensOn: '2027-03-01', closesOn: '2027-03-28', timeZone: 'Europe/Stockholm' };

  it('lets people in from the first instant of one to the last of the other, by its own clock; who is inside goes on', async () => {
    const flowId = await live(MARCH);
    await enter(profiles[0]!, new Date('2027-02-28T22:59:59.999Z'));
    await enter(profiles[1]!, new Date('2027-02-28T23:00:00Z'));
    // Clocks have gone forward in the last night.
    await enter(profiles[2]!, new Date('2027-03-28T21:59:59.999Z'));
    await enter(profiles[3]!, new Date('2027-03-28T22:00:00Z'));
    expect(await numbers(flowId)).toMatchObject({ entered: 2, refused: { early: 1, late: 1 } });
    await tick({ now: new Date('2027-04-05T12:00:00Z') });
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 2 } });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('says so to whoever is let in by hand or walked through', async () => {
    const flowId = await live({ opensOn: '2099-03-01' });
    const { sectionId } = account;
    expect(await enterFlow(account.marketer, { sectionId, flowId, profileIds: [profiles[0]!] })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', message: 'The flow lets nobody in before 1 March 2099.' },
    });
    const walk = valueOf(await readWalk(account.marketer, { ...at(flowId), profileId: profiles[0]! }));
    expect(walk.refused).toBe('The flow lets nobody in before 1 March 2099.');
  });

  it('is told when they are over, or the wrong way round', async () => {
    const { id: flowId } = await createTestFlow(
      account,
      { trigger: trigger(), steps: waiting },
      { closesOn: '2020-01-31' },
    );
    expect(valueOf(await readFlowProblems(account.marketer, at(flowId)))).toMatchObject([
      { place: 'settings', must: false, words: 'The flow lets nobody in after 31 January 2020.' },
    ]);
    const { revision } = valueOf(await readFlow(account.marketer, at(flowId)));
    const settings = FlowSettingsSchema.parse({ opensOn: '2027-02-02', closesOn: '2027-02-01' });
    expect(
      await saveFlowSettings(account.marketer, { sectionId: account.sectionId, flowId, revision, settings }),
    ).toMatchObject({ ok: false, refusal: { field: 'closesOn' } });
  });
});

describe('a way of a split with a tag', () => {
  it('gives it to whoever goes this way, with the flow as its source; a merge of tags moves it', async () => {
    const { sectionId } = account;
    const flowId = await publishTestFlow(account, {
      trigger: trigger(),
      steps: [
        {
          ...{ id: 'split', kind: 'split' },
          ways: [
            { id: 'waya', percent: 50, tagId: tags.a, steps: [] },
            { id: 'wayb', percent: 50, tagId: tags.b, steps: [] },
          ],
        },
      ],
    });
    const now = new Date('2027-03-01T12:00:00Z');
    await change(profiles, now);
    await tick({ now });
    const held = await rows<{ profileId: ProfileId; tagId: TagId; originId: number }>(
      pool(),
      sql`
        select profile_id as "profileId", tag_id as "tagId", origin_id as "originId" from tag_change
        where section_id = ${sectionId} and tag_id = any(${[tags.a, tags.b]}::int[])`,
    );
    expect(held).toHaveLength(profiles.length);
    for (const { profileId, tagId, originId } of held) {
      const way = tagId === tags.a ? 'waya' : 'wayb';
      expect(originId).toBe(flowId);
      expect(await historyOf(sectionId, flowId, profileId)).toEqual(['entered', `split passed ${way}`, 'left done']);
    }
    const into = await createTestTag(sectionId, 'Group C');
    const merging = valueOf(await mergeTags(account.admin, { sectionId, fromId: tags.a, intoId: into }));
    await runToEnd(sectionId, merging.operationId);
    const { document } = valueOf(await readFlow(account.marketer, at(flowId)));
    expect(document.steps[0]).toMatchObject({ ways: [{ tagId: into }, { tagId: tags.b }] });
  });

  it('that starts its own flow is a circle', async () => {
    const { id: flowId } = await createTestFlow(
      account,
      {
        trigger: trigger(),
        steps: [
          {
            ...{ id: 'split', kind: 'split' },
            ways: [
              { id: 'waya', percent: 50, tagId: tags.trigger, steps: [] },
              { id: 'wayb', percent: 50, steps: [] },
            ],
          },
        ],
      },
      { again: { kind: 'each_time' } },
    );
    expect(valueOf(await readFlowProblems(account.marketer, at(flowId)))).toMatchObject([
      { stepId: 'split', must: true },
    ]);
  });
});
