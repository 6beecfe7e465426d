// The goal of a flow: who reaches it leaves and is counted, on each way too; who has reached it before does not enter.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { createAttribute } from '@/lib/attributes/commands';
import type { AttributeId, FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { mergeTags } from '@/lib/operations/merge-tag';
import { changeProfiles } from '@/lib/profiles/change';
import { createSegment } from '@/lib/segments/commands';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  type TestAccount,
} from '@/testing/fixtures';
import { expectCountsToFit, historyOf, publishTestFlow, type FlowDraft, type FlowDraftSettings } from '@/testing/flows';
import { allOf, hasTag, inSegment, onAttribute, rulesOf } from '@/testing/segments';
import { lookForTriggers } from './look';
import { saveFlowSettings } from './publish';
import { readFlow, readFlowNumbers, readFlows, readWalk, readWouldEnter } from './reads';
import { FlowSettingsSchema } from './schema';
import { tick } from './tick';

const START = new Date('2027-03-01T12:00:00Z');
const HOUR = 3_600_000;
const after = (ms: number) => new Date(START.getTime() + ms);

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; bought: TagId; vip: TagId };
let stage: AttributeId;

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  const { sectionId } = account;
  const tag = (name: string) => createTestTag(sectionId, name);
  tags = { trigger: await tag('Trigger'), bought: await tag('Bought'), vip: await tag('VIP') };
  profiles = await createTestProfiles(sectionId, 4);
  stage = valueOf(await createAttribute(account.admin, { sectionId, name: 'Stage', type: 'text' })).id;
});

const change = (ids: readonly ProfileId[], apply: TagId[], at: Date) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null, at },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove: [] }),
    ),
  );
const trigger = () => ({ kind: 'tag_applied' as const, tagId: tags.trigger });
const byTag = (): FlowDraftSettings => ({ goal: { kind: 'tag', tagId: tags.bought } });
const live = (document: FlowDraft, settings: FlowDraftSettings) => publishTestFlow(account, document, settings);
const at = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId: String(flowId) });
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, at(flowId)));
const history = (flowId: FlowId, profileId = profiles[0]!) => historyOf(account.sectionId, flowId, profileId);
const waiting = [{ id: 'wait', kind: 'wait' as const, time: { count: 30, unit: 'days' as const } }];

/** A branch with a wait of a month on each way. */
const ways = (): FlowDraft => ({
  trigger: trigger(),
  steps: [
    {
      ...{ id: 'branch', kind: 'branch' },
      ways: [{ id: 'vips', rules: rulesOf(allOf(hasTag(tags.vip))), steps: [] }],
      otherwise: [{ id: 'other', kind: 'wait', time: { count: 0, unit: 'days' } }],
    },
    ...waiting,
  ],
});

describe('whoever reaches the goal', () => {
  it('leaves at once, wherever they are, and is counted for the ways that they took', async () => {
    await change([profiles[0]!, profiles[1]!], [tags.vip], START);
    const flowId = await live(ways(), byTag());
    await change(profiles, [tags.trigger], START);
    await tick({ now: START });
    await change([profiles[0]!, profiles[2]!], [tags.bought], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await history(flowId)).toEqual(['entered', 'branch passed vips', 'wait left goal']);
    expect(await numbers(flowId)).toMatchObject({
      ...{ entered: 4, inside: 2, left: { goal: 2 } },
      ...{ ways: { vips: 2, 'branch:otherwise': 2 }, goals: { vips: 1, 'branch:otherwise': 1 } },
    });
    await expectCountsToFit(account.sectionId, flowId);
    const [row] = valueOf(await readFlows(account.marketer, { sectionId: account.sectionId }));
    expect(row).toMatchObject({ id: flowId, entered: 4, inside: 2, reached: 2 });
    // The tag comes off again: they have left all the same.
    await tick({ now: after(2 * HOUR) });
    expect((await numbers(flowId)).inside).toBe(2);
  });

  it('does so by a step of the flow itself, the last one too', async () => {
    const steps = [{ id: 'tags', kind: 'tags' as const, apply: [tags.bought] }];
    const more = { id: 'more', kind: 'wait' as const };
    const last = await live({ trigger: trigger(), steps }, byTag());
    const middle = await live({ trigger: { kind: 'tag_applied', tagId: tags.vip }, steps: [steps[0]!, more] }, byTag());
    await change([profiles[0]!], [tags.trigger], START);
    await change([profiles[1]!], [tags.vip], START);
    await tick({ now: START });
    expect(await history(last)).toEqual(['entered', 'tags passed', 'left goal']);
    expect(await history(middle, profiles[1])).toEqual(['entered', 'tags passed', 'more left goal']);
    await expectCountsToFit(account.sectionId, middle);
  });

  it('before they come does not enter, and that is said beforehand', async () => {
    await change([profiles[0]!], [tags.bought], START);
    const flowId = await live({ trigger: trigger(), steps: waiting }, byTag());
    await change([profiles[0]!, profiles[1]!], [tags.trigger], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await numbers(flowId)).toMatchObject({ entered: 1, refused: { goal: 1 } });
    const walk = valueOf(await readWalk(account.marketer, { ...at(flowId), profileId: profiles[0]! }));
    expect(walk.refused).toMatch(/reached the goal already/);
    expect(valueOf(await readWouldEnter(account.marketer, at(flowId)))).toEqual({ holds: 2, enters: 0 });
  });

  it('by a value is found by its signal, by a segment by a look', async () => {
    const { sectionId } = account;
    const rules = rulesOf(allOf(hasTag(tags.bought)));
    const { id: segmentId } = valueOf(await createSegment(account.marketer, { sectionId, name: 'Buyers', rules }));
    const byValue = await live(
      { trigger: trigger(), steps: waiting },
      { goal: { kind: 'rules', rules: rulesOf(allOf(onAttribute(stage, { test: 'is', text: 'customer' }))) } },
    );
    const bySegment = await live(
      { trigger: trigger(), steps: waiting },
      { goal: { kind: 'rules', rules: rulesOf(allOf(inSegment(segmentId))) } },
    );
    await lookForTriggers();
    const lookAt = async (flowId: FlowId) =>
      one<{ at: Date | null }>(
        pool(),
        sql`select look_at as at from flow where section_id = ${sectionId} and id = ${flowId}`,
      );
    // Nobody need look for what is signalled.
    expect((await lookAt(byValue)).at).toBeNull();
    expect((await lookAt(bySegment)).at).not.toBeNull();
    await change(profiles, [tags.trigger], START);
    await tick({ now: START });
    await transaction((tx) =>
      changeProfiles(
        tx,
        { sectionId, source: 'user', userId: null },
        {
          values: sql`
            select ${profiles[0]}::bigint as profile_id, ${JSON.stringify({ [`a${stage}`]: 'customer' })}::jsonb as attributes`,
        },
      ),
    );
    await change([profiles[1]!], [tags.bought], after(HOUR));
    await tick({ now: after(HOUR) });
    expect(await numbers(byValue)).toMatchObject({ inside: 3, left: { goal: 1 } });
    expect(await numbers(bySegment)).toMatchObject({ inside: 4 });
    await lookForTriggers({ now: after(2 * HOUR) });
    expect(await numbers(bySegment)).toMatchObject({ inside: 3, left: { goal: 1 } });
    await expectCountsToFit(sectionId, bySegment);
  });

  it('that is set later is looked for at once among those inside; a merge of tags moves it, a hidden one holds everything', async () => {
    const { sectionId } = account;
    const flowId = await live({ trigger: trigger(), steps: waiting }, {});
    await change(profiles, [tags.trigger, tags.vip], START);
    await tick({ now: START });
    await change([profiles[0]!], [tags.bought], START);
    const { revision } = valueOf(await readFlow(account.marketer, at(flowId)));
    const settings = FlowSettingsSchema.parse(byTag());
    valueOf(await saveFlowSettings(account.marketer, { sectionId, flowId, revision, settings }));
    await lookForTriggers();
    expect(await numbers(flowId)).toMatchObject({ inside: 3, left: { goal: 1 } });
    const into = await createTestTag(sectionId, 'Paid');
    const merging = valueOf(await mergeTags(account.admin, { sectionId, fromId: tags.bought, intoId: into }));
    await runToEnd(sectionId, merging.operationId);
    expect(valueOf(await readFlow(account.marketer, at(flowId))).settings.goal).toEqual({ kind: 'tag', tagId: into });
    valueOf(await hideTag(account.admin, { sectionId, tagId: into }));
    await lookForTriggers({ now: after(HOUR) });
    await tick({ now: after(HOUR) });
    const flow = valueOf(await readFlow(account.marketer, at(flowId)));
    expect(flow).toMatchObject({ inside: 3 });
    expect(flow.attention).toHaveLength(1);
  });
});
