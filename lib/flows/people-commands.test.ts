// What people do with those in a flow: let in, take out, try again, look at the way beforehand.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { sql } from '@/lib/db/sql';
import { createSegment } from '@/lib/segments/commands';
import { changeTags, wantedFor } from '@/lib/tags/change';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  type TestAccount,
} from '@/testing/fixtures';
import { itOnOneServer } from '@/testing/one-server';
import { createTestFlow, expectCountsToFit, historyOf, publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { allOf, hasTag, rulesOf } from '@/testing/segments';
import { enterFlow, settleKept, takeOutOfFlow, tryAgainInFlow } from './people-commands';
import { pauseFlow, publishFlow, resumeFlow } from './publish';
import { readFlowNumbers, readKept, readPeopleInFlow, readRun, readWalk, readWouldEnter } from './reads';
import { tick } from './tick';

// Commands go by the clock of the database.
const START = new Date();
const DAY = 86_400_000;
const after = (ms: number) => new Date(START.getTime() + ms);

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  tags = {
    trigger: await createTestTag(account.sectionId, 'Trigger'),
    vip: await createTestTag(account.sectionId, 'VIP'),
  };
  profiles = await createTestProfiles(account.sectionId, 3);
});

const apply = (ids: readonly ProfileId[], ...apply: TagId[]) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove: [] }),
    ),
  );
const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const pause: FlowDraft['steps'] = [{ id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' } }];
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const run = (flowId: FlowId, profileId = profiles[0]!) => runOf(account.sectionId, flowId, profileId);
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, of(flowId)));

describe('people', () => {
  it('are let in by hand and from a segment, by the flow’s own rules', async () => {
    const rules = rulesOf(allOf(hasTag(tags.vip)));
    const { sectionId, marketer } = account;
    const { id: segmentId } = valueOf(await createSegment(marketer, { sectionId, name: 'VIPs', rules }));
    await apply(profiles.slice(1), tags.vip);
    const flowId = await publishTestFlow(account, { trigger: { kind: 'none' }, steps: pause });
    const sent = await enterFlow(marketer, { ...of(flowId), profileIds: profiles.slice(0, 2), segmentId });
    expect(valueOf(sent)).toMatchObject({ sent: 3 });
    await tick({ now: START });
    await enterFlow(marketer, { ...of(flowId), profileIds: profiles });
    await tick({ now: after(1) });
    expect(await numbers(flowId)).toMatchObject({ entered: 3, inside: 3, refused: { inside: 3 } });
  });

  it('are taken out one at a time (cases 104 and 144)', async () => {
    const { marketer } = account;
    const flowId = await publishTestFlow(account, { trigger: trigger(), steps: pause });
    await apply(profiles, tags.trigger);
    await tick({ now: START });
    expect(valueOf(await takeOutOfFlow(marketer, { ...of(flowId), profileIds: [profiles[0]] }))).toMatchObject({
      taken: 1,
    });
    expect(await numbers(flowId)).toMatchObject({ inside: 2, left: { taken_out: 1 } });
    expect((await numbers(flowId)).steps.wait).toMatchObject({ waiting: 2 });
    const listed = valueOf(await readPeopleInFlow(marketer, { ...of(flowId), step: 'wait' }));
    expect(listed.map(({ profileId }) => profileId)).toEqual(profiles.slice(1));
    expect(valueOf(await readRun(marketer, { ...of(flowId), profileId: profiles[0] }))).toMatchObject({
      ...{ outcome: 'taken_out', step: 'wait' },
      visits: [{ what: 'entered' }, { step: 'wait', what: 'left', note: 'taken_out' }],
    });
    await tick({ now: after(DAY) });
    expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { taken_out: 1, done: 2 } });
  });

  it('that came while the flow was paused are let in when it goes on, or forgotten', async () => {
    const { marketer } = account;
    const flowId = await publishTestFlow(account, { trigger: trigger(), steps: pause });
    valueOf(await pauseFlow(marketer, of(flowId)));
    await apply(profiles, tags.trigger);
    await tick({ now: START });
    expect(valueOf(await readKept(marketer, of(flowId)))).toEqual({ people: 3 });
    valueOf(await resumeFlow(marketer, of(flowId)));
    expect(valueOf(await settleKept(marketer, { ...of(flowId), enter: true }))).toMatchObject({ people: 3 });
    await tick({ now: after(1) });
    expect(await numbers(flowId)).toMatchObject({ entered: 3 });
    expect(valueOf(await readKept(marketer, of(flowId)))).toEqual({ people: 0 });
  });

  it('for whom the trigger holds already are counted, and enter if that is chosen (case 93)', async () => {
    const { marketer } = account;
    await apply(profiles, tags.trigger);
    await apply(profiles.slice(0, 1), tags.vip);
    const document: FlowDraft = { trigger: trigger(), filter: rulesOf(allOf(hasTag(tags.vip))), steps: pause };
    const { id, revision } = await createTestFlow(account, document);
    expect(valueOf(await readWouldEnter(marketer, of(id)))).toEqual({ holds: 3, enters: 1 });
    valueOf(await publishFlow(marketer, { ...of(id), revision, also: true }));
    await tick({ now: START });
    expect(await numbers(id)).toMatchObject({ entered: 1, refused: { filter: 2 } });
  });
});

describe('a step that fails for one', () => {
  itOnOneServer(
    'a trigger makes it fail',
    'is tried three times, then marked, and the others pass; it can be tried again (cases 2, 33 and 34)',
    async () => {
      const { marketer, sectionId } = account;
      const flowId = await publishTestFlow(account, {
        trigger: trigger(),
        steps: [{ id: 'tags', kind: 'tags', apply: [tags.vip] }],
      });
      const name = `refuse_${sectionId}`;
      const bad = profiles[1]!;
      await pool().query(`
      create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'This one fails'; end $$;
      create trigger ${name} before insert on profile_tag for each row
        when (new.profile_id = ${bad} and new.tag_id = ${tags.vip}) execute function ${name}()`);
      await apply(profiles, tags.trigger);
      await tick({ now: START });
      expect(await numbers(flowId)).toMatchObject({ inside: 1, left: { done: 2 } });
      await tick({ now: after(59_000) });
      expect(await run(flowId, bad)).toMatchObject({ dueAt: after(60_000) });
      await tick({ now: after(60_000) });
      expect(await run(flowId, bad)).toMatchObject({ dueAt: after(360_000) });
      await tick({ now: after(360_000) });
      expect(await run(flowId, bad)).toMatchObject({ dueAt: null, outcome: 'failed', step: 'tags' });
      expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 2, failed: 1 } });
      const failed = valueOf(await readPeopleInFlow(marketer, { ...of(flowId), failed: true }));
      expect(failed).toMatchObject([{ profileId: bad, error: 'This one fails' }]);
      await pool().query(`drop trigger ${name} on profile_tag; drop function ${name}()`);
      expect(valueOf(await tryAgainInFlow(marketer, of(flowId)))).toMatchObject({ again: 1 });
      expect(await numbers(flowId)).toMatchObject({ inside: 1 });
      await tick({ now: new Date(Date.now() + 60_000) });
      expect(await numbers(flowId)).toMatchObject({ inside: 0, left: { done: 3, failed: 0 } });
      const history = ['entered', 'tags failed This one fails', 'tags passed', 'left done'];
      expect(await historyOf(sectionId, flowId, bad)).toEqual(history);
      await expectCountsToFit(sectionId, flowId);
    },
  );
});

describe('walking somebody through', () => {
  it('shows the way and the times that they would get, and does nothing', async () => {
    await apply([profiles[0]!], tags.vip);
    const { id } = await createTestFlow(
      account,
      {
        trigger: trigger(),
        steps: [
          { id: 'wait', kind: 'wait', time: { count: 2, unit: 'hours' } },
          {
            ...{ id: 'branch', kind: 'branch', otherwise: [] },
            ways: [
              {
                ...{ id: 'way1', rules: rulesOf(allOf(hasTag(tags.vip))) },
                steps: [{ id: 'tags', kind: 'tags', apply: [tags.trigger] }],
              },
            ],
          },
          {
            ...{ id: 'until', kind: 'wait_for', timeout: { count: 1, unit: 'weeks' }, otherwise: [] },
            ways: [{ id: 'way2', what: { kind: 'tag_applied', tagId: tags.trigger }, steps: [] }],
          },
        ],
      },
      { exitTagId: tags.vip },
    );
    const walk = valueOf(await readWalk(account.marketer, { ...of(id), profileId: profiles[0]! }));
    expect(walk).toMatchObject({
      ...{ refused: 'They have the exit tag, so they would not enter.', zone: 'UTC', ends: 'done' },
      lines: [
        { stepId: 'wait' },
        { stepId: 'branch', way: 'way1' },
        { stepId: 'tags' },
        { stepId: 'until', way: null, note: 'If nothing of it happens.' },
      ],
    });
    expect(walk.lines[1]!.at.getTime() - walk.lines[0]!.at.getTime()).toBe(7_200_000);
    expect(await run(id)).toBeUndefined();
  });
});
