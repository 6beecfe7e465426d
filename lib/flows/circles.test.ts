// Circles of flows are found before one is published, and named; and values that a step cannot set.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import type { FlowId, TagId } from '@/lib/db/ids';
import { createSegment } from '@/lib/segments/commands';
import { createTestAccount, createTestSection, createTestTag, type TestAccount } from '@/testing/fixtures';
import { createTestFlow, publishTestFlow, type FlowDraft, type FlowDraftSettings } from '@/testing/flows';
import { allOf, hasTag, rulesOf } from '@/testing/segments';
import { renameFlow } from './commands';
import { publishFlow } from './publish';
import { readFlowProblems } from './reads';

let account: TestAccount;
let tags: { one: TagId; other: TagId };

beforeEach(async () => {
  account ??= await createTestAccount();
  account = { ...account, sectionId: await createTestSection(account.accountId, `Section ${Math.random()}`) };
  account.marketer = { ...account.marketer, sections: [account.sectionId] };
  tags = { one: await createTestTag(account.sectionId, 'One'), other: await createTestTag(account.sectionId, 'Other') };
});

const EACH_TIME: FlowDraftSettings = { again: { kind: 'each_time' } };
const on = (tagId: TagId) => ({ kind: 'tag_applied' as const, tagId });
const apply = (tagId: TagId) => ({ id: 'tags', kind: 'tags' as const, apply: [tagId] });
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
async function named(name: string, document: FlowDraft, settings: FlowDraftSettings, live: boolean) {
  const id = live
    ? await publishTestFlow(account, document, settings)
    : (await createTestFlow(account, document, settings)).id;
  valueOf(await renameFlow(account.marketer, { ...of(id), name }));
  return id;
}
const problems = async (flowId: FlowId) => valueOf(await readFlowProblems(account.marketer, of(flowId)));

describe('a circle', () => {
  it('of two flows is named, with its tags, and not published (case 77)', async () => {
    await named('Bravo', { trigger: on(tags.other), steps: [apply(tags.one)] }, EACH_TIME, true);
    const draft = await named('Alpha', { trigger: on(tags.one), steps: [apply(tags.other)] }, EACH_TIME, false);
    const [circle] = await problems(draft);
    expect(circle).toMatchObject({ stepId: 'tags', must: true });
    expect(circle!.words).toMatch(
      /^“Alpha” applies the tag “Other”, which starts “Bravo”, which applies the tag “One”, which starts “Alpha”\. That is a circle/,
    );
    expect(await publishFlow(account.marketer, { ...of(draft), revision: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'invalid', field: 'tags' },
    });
  });

  it('of a flow that starts itself, through a segment too (cases 79 and 81)', async () => {
    const own = await named('Own', { trigger: on(tags.one), steps: [apply(tags.one)] }, EACH_TIME, false);
    expect(await problems(own)).toMatchObject([{ must: true }]);
    const rules = rulesOf(allOf(hasTag(tags.other)));
    const { sectionId } = account;
    const { id: segmentId } = valueOf(await createSegment(account.marketer, { sectionId, name: 'Others', rules }));
    const through = await named(
      'Through',
      { trigger: { kind: 'segment', segmentId }, steps: [apply(tags.other)] },
      EACH_TIME,
      false,
    );
    expect(await problems(through)).toMatchObject([{ must: true }]);
  });

  it('with a wait in it, or that people enter once, is only warned of', async () => {
    const pause = { id: 'wait', kind: 'wait' as const, time: { count: 1, unit: 'days' as const } };
    const waiting = await named(
      'Waiting',
      { trigger: on(tags.one), steps: [pause, apply(tags.one)] },
      EACH_TIME,
      false,
    );
    expect(await problems(waiting)).toMatchObject([
      { must: false, words: expect.stringContaining('after the wait') as string },
    ]);
    const once = await named('Once', { trigger: on(tags.other), steps: [apply(tags.other)] }, {}, false);
    expect(await problems(once)).toMatchObject([{ must: false }]);
    expect(await publishFlow(account.marketer, { ...of(once), revision: 1 })).toMatchObject({ ok: true });
  });

  it('is none if the chain ends (case 83)', async () => {
    await named('Last', { trigger: on(tags.other), steps: [{ id: 'leave', kind: 'leave' }] }, EACH_TIME, true);
    const draft = await named('First', { trigger: on(tags.one), steps: [apply(tags.other)] }, EACH_TIME, false);
    expect(await problems(draft)).toEqual([]);
  });
});

it('a value that an attribute cannot have is said at its step', async () => {
  const attribute = (code: string) =>
    one<{ id: number }>(
      pool(),
      sql`select id from attribute where section_id = ${account.sectionId} and code = ${code}`,
    );
  const [birthdate, email] = [await attribute('birthdate'), await attribute('email')];
  const { id } = await createTestFlow(account, {
    trigger: on(tags.one),
    steps: [
      { id: 'step1', kind: 'attribute', attributeId: birthdate.id, value: 'soon' },
      { id: 'step2', kind: 'attribute', attributeId: email.id, value: 'mia@example.com' },
    ],
  });
  expect(await problems(id)).toMatchObject([
    { stepId: 'step1', must: true },
    { stepId: 'step2', must: true, words: 'Email follows a key of the profile, so a flow cannot set it.' },
  ]);
});
