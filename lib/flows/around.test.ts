// What flows refer to, and what is there when they start: tags that are merged and renamed, segments that go, forms that set a value and a tag at once.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { workSubmissions } from '@/lib/forms/work';
import { mergeTags } from '@/lib/operations/merge-tag';
import { createSegment } from '@/lib/segments/commands';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { deleteSegment } from '@/lib/used-in/commands';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import {
  expectCountsToFit,
  historyOf,
  publishTestFlow,
  runOf,
  type FlowDraft,
  type FlowDraftSettings,
} from '@/testing/flows';
import { TestForms } from '@/testing/forms';
import { allOf, hasTag, rulesOf } from '@/testing/segments';
import { readFlow, readFlowNumbers } from './reads';
import { tick } from './tick';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { trigger: TagId; vip: TagId; stop: TagId; done: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { trigger: await tag('Trigger'), vip: await tag('VIP'), stop: await tag('Stop'), done: await tag('Done') };
  profiles = await createTestProfiles(account.sectionId, 3);
});

const change = (ids: readonly ProfileId[], apply: TagId[], remove: TagId[] = []) =>
  transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply, remove }),
    ),
  );
const live = (document: FlowDraft, settings: FlowDraftSettings = {}) => publishTestFlow(account, document, settings);
const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const read = async (flowId: FlowId) => valueOf(await readFlow(account.marketer, of(flowId)));
const numbers = async (flowId: FlowId) => valueOf(await readFlowNumbers(account.marketer, of(flowId)));
const pause = { id: 'wait', kind: 'wait' as const, time: { count: 1, unit: 'days' as const } };
const tomorrow = () => new Date(Date.now() + 2 * 86_400_000);

describe('a tag that is merged into another', () => {
  it('is that one for the flow from then on, for those inside too; the merge starts nothing (case 71)', async () => {
    const { sectionId } = account;
    const into = {
      trigger: await createTestTag(sectionId, 'New trigger'),
      stop: await createTestTag(sectionId, 'New stop'),
    };
    const inBranch = await createTestTag(sectionId, 'New VIP');
    const flowId = await live(
      {
        trigger: { kind: 'tag_applied', tagId: tags.trigger },
        steps: [
          pause,
          {
            ...{ id: 'branch', kind: 'branch', otherwise: [] },
            ways: [
              {
                ...{ id: 'way1', rules: rulesOf(allOf(hasTag(tags.vip))) },
                steps: [{ id: 'tags', kind: 'tags', apply: [tags.done], remove: [tags.vip] }],
              },
            ],
          },
        ],
      },
      { exitTagId: tags.stop },
    );
    await change(profiles.slice(0, 2), [tags.trigger, tags.vip]);
    await tick();
    for (const [fromId, intoId] of [
      [tags.trigger, into.trigger],
      [tags.stop, into.stop],
      [tags.vip, inBranch],
    ]) {
      const merging = valueOf(await mergeTags(account.admin, { sectionId, fromId, intoId }));
      await runToEnd(sectionId, merging.operationId);
    }
    await tick();
    expect(await numbers(flowId)).toMatchObject({ entered: 2, inside: 2, refused: {} });
    expect((await read(flowId)).attention).toEqual([]);
    await change([profiles[1]!], [into.stop]);
    await change([profiles[2]!], [into.trigger]);
    await tick();
    expect(await runOf(sectionId, flowId, profiles[1]!)).toMatchObject({ outcome: 'exit_tag' });
    expect(await runOf(sectionId, flowId, profiles[2]!)).toMatchObject({ step: 'wait' });
    await tick({ now: tomorrow() });
    expect(await historyOf(sectionId, flowId, profiles[0]!)).toEqual([
      ...['entered', 'wait passed', 'branch passed way1', 'tags passed', 'left done'],
    ]);
    await expectCountsToFit(sectionId, flowId);
  });
});

it('a segment that a flow uses is not deleted (case 69)', async () => {
  const { sectionId } = account;
  const rules = rulesOf(allOf(hasTag(tags.vip)));
  const { id: segmentId } = valueOf(await createSegment(account.marketer, { sectionId, name: 'VIPs', rules }));
  await live({ trigger: { kind: 'segment', segmentId }, steps: [pause] });
  expect(await deleteSegment(account.admin, { sectionId, segmentId })).toMatchObject({ ok: false });
});

it('a form sets a value and a tag: the first step of the flow sees both, once (cases 22, 84 and 107)', async () => {
  const forms = await TestForms.open(account);
  const { sectionId } = account;
  const first = await one<{ id: number }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  const flowId = await live({
    trigger: { kind: 'tag_applied', tagId: forms.tags.lead, sources: ['form'] },
    steps: [
      {
        ...{ id: 'branch', kind: 'branch', otherwise: [] },
        ways: [
          {
            id: 'way1',
            rules: {
              timeZone: 'UTC',
              root: {
                ...{ kind: 'group', match: 'all' },
                items: [{ kind: 'attribute', attributeId: first.id, compare: { test: 'is', text: 'Mia' } }],
              },
            } as never,
            steps: [{ id: 'tags', kind: 'tags', apply: [tags.done] }],
          },
        ],
      },
    ],
  });
  const form = await forms.form();
  const byForm = await live({ trigger: { kind: 'form', formId: form.formId }, steps: [pause] });
  const id = await forms.submit(form, { email: 'mia@example.com', first: 'Mia' });
  await workSubmissions(sectionId);
  await tick();
  const { profileId } = await forms.submission(id);
  expect(await numbers(byForm)).toMatchObject({ entered: 1 });
  expect(await historyOf(sectionId, flowId, profileId as ProfileId)).toEqual([
    ...['entered', 'branch passed way1', 'tags passed', 'left done'],
  ]);
});

it('an installation at rest writes nothing (cases 120 and 125)', async () => {
  const flowId = await live({ trigger: { kind: 'tag_applied', tagId: tags.trigger }, steps: [pause] });
  await change(profiles, [tags.trigger]);
  await tick();
  const written = () =>
    one(
      pool(),
      sql`
        select (select max(xmin::text::bigint) from flow_run where section_id = ${account.sectionId}) as runs,
          (select max(xmin::text::bigint) from flow_count where section_id = ${account.sectionId}) as counts`,
    );
  const before = await written();
  for (let again = 0; again < 10; again++) await tick();
  expect(await written()).toEqual(before);
  expect(await numbers(flowId)).toMatchObject({ inside: 3 });
});
