// What changes of many people start in flows: said before, started or not as chosen, and ended with the undo.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { countEntries, type ManyChange } from '@/lib/flows/entries';
import { lookForTriggers } from '@/lib/flows/look';
import { pauseFlow } from '@/lib/flows/publish';
import { readFlowNumbers } from '@/lib/flows/reads';
import { tick } from '@/lib/flows/tick';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { setBulkAttribute } from '@/lib/operations/bulk-attribute';
import { mergeTags } from '@/lib/operations/merge-tag';
import { readBulkTagEntries, readBulkValueEntries } from '@/lib/operations/reads';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { expectCountsToFit, historyOf, publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { dryRunFile, importFile } from '@/testing/imports';
import { allOf, hasTag, makeAttribute, makeSegment, onAttribute, rulesOf } from '@/testing/segments';
import { undoOperation } from './commands';
import { readOperation, readUndoPreview } from './reads';

let account: TestAccount;
let profiles: ProfileId[];
let tags: { news: TagId; vip: TagId; stop: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { news: await tag('News'), vip: await tag('VIP'), stop: await tag('Stop') };
  profiles = await createTestProfiles(account.sectionId, 6);
});

const waits = { id: 'wait', kind: 'wait' as const, time: { count: 2, unit: 'days' as const } };
const onNews = (more: Partial<FlowDraft> = {}): FlowDraft => ({
  ...{ trigger: { kind: 'tag_applied', tagId: tags.news }, steps: [waits] },
  ...more,
});
const inSegmentOf = async (node: Parameters<typeof makeSegment>[2]): Promise<FlowDraft> => ({
  trigger: { kind: 'segment', segmentId: await makeSegment(account.admin, account.sectionId, node) },
  steps: [waits],
});

async function byHand(ids: readonly ProfileId[], tagId: TagId) {
  await transaction((tx) =>
    changeTags(
      tx,
      { sectionId: account.sectionId, source: 'user', userId: null },
      wantedFor(sql`select unnest(${ids}::bigint[]) as profile_id`, { apply: [tagId], remove: [] }),
    ),
  );
}

/** Lets time pass without anything else happening. Another test may look at the same moment: then once more. */
async function settled(): Promise<void> {
  const waiting = sql`section_id = ${account.sectionId} and look_at is not null`;
  const now = new Date();
  await execute(pool(), sql`update flow set look_at = ${now} where ${waiting}`);
  do await lookForTriggers();
  while ((await rows(pool(), sql`select from flow where ${waiting} and look_at <= ${now}`)).length > 0);
  await tick();
}

const everyone = { kind: 'all' as const, filter: {} };
const count = (change: Partial<ManyChange>) =>
  countEntries(
    pool(),
    account.sectionId,
    sql`select id as profile_id from profile where section_id = ${account.sectionId}`,
    { apply: [], remove: [], value: null, source: 'bulk', ...change },
    new Date(),
  );
const numbers = async (flowId: FlowId) =>
  valueOf(await readFlowNumbers(account.marketer, { sectionId: account.sectionId, flowId }));

async function tagAll(startsFlows?: boolean, apply = [tags.news]): Promise<OperationId> {
  const { operationId } = valueOf(
    await bulkTag(account.marketer, { sectionId: account.sectionId, selection: everyone, apply, startsFlows }),
  );
  await runToEnd(account.sectionId, operationId);
  await tick();
  return operationId;
}

async function undo(operationId: OperationId, endEntries: boolean): Promise<Record<string, number>> {
  const { undoId } = valueOf(
    await undoOperation(account.marketer, { sectionId: account.sectionId, operationId, endEntries }),
  );
  return runToEnd(account.sectionId, undoId);
}

describe('the number of entries', () => {
  it('is said before a bulk tag, by the trigger, the exit tag, the re-entry rule and the filter as they will be', async () => {
    const flowId = await publishTestFlow(
      account,
      onNews({ filter: rulesOf(allOf(hasTag(tags.news), hasTag(tags.vip))) }),
      { exitTagId: tags.stop },
    );
    await byHand(profiles.slice(0, 5), tags.vip);
    await byHand([profiles[0]!], tags.stop);
    await byHand([profiles[1]!], tags.news);
    await tick();
    await publishTestFlow(account, { trigger: { kind: 'tag_applied', tagId: tags.vip }, steps: [waits] });
    const said = valueOf(
      await readBulkTagEntries(account.marketer, {
        sectionId: account.sectionId,
        selection: { kind: 'all', filter: {} },
        apply: [tags.news],
      }),
    );
    expect(said).toMatchObject([{ flowId, state: 'live', enters: 3 }]);
    await tagAll();
    expect(await numbers(flowId)).toMatchObject({ entered: 1 + 3 });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('is that of those who come into a segment by it, with other segments in it', async () => {
    const inner = await makeSegment(account.admin, account.sectionId, allOf(hasTag(tags.news)));
    const flowId = await publishTestFlow(
      account,
      await inSegmentOf(allOf({ kind: 'segment', segmentId: inner, test: 'in' }, hasTag(tags.vip))),
    );
    await byHand(profiles.slice(0, 2), tags.vip);
    await settled();
    expect(await count({ apply: [tags.news] })).toMatchObject([{ flowId, enters: 2 }]);
    expect(await count({ remove: [tags.vip] })).toMatchObject([{ flowId, enters: 0 }]);
    await tagAll();
    expect(await numbers(flowId)).toMatchObject({ entered: 2 });
    await settled();
    expect(await numbers(flowId)).toMatchObject({ entered: 2 });
  });

  it('says which flows are paused, and which wait for other ways', async () => {
    const paused = await publishTestFlow(account, onNews());
    valueOf(await pauseFlow(account.marketer, { sectionId: account.sectionId, flowId: paused }));
    await publishTestFlow(
      account,
      onNews({ trigger: { kind: 'tag_applied', tagId: tags.news, sources: ['integration'] } }),
    );
    expect(await count({ apply: [tags.news] })).toMatchObject([{ flowId: paused, state: 'paused', enters: 6 }]);
    expect(await count({ apply: [tags.vip] })).toEqual([]);
  });

  it('is known of a value that many get', async () => {
    const { id: city } = await makeAttribute(account.admin, account.sectionId, 'text');
    const flowId = await publishTestFlow(
      account,
      await inSegmentOf(allOf(onAttribute(city, { test: 'is', text: 'Lund' }))),
    );
    await settled();
    const asked = { sectionId: account.sectionId, selection: everyone, attributeId: city };
    const said = async (value: string) => valueOf(await readBulkValueEntries(account.marketer, { ...asked, value }));
    expect(await said('Lund')).toMatchObject([{ flowId, enters: 6 }]);
    expect(await said('Malmö')).toMatchObject([{ flowId, enters: 0 }]);
    const set = async (value: string, startsFlows: boolean) => {
      const { operationId } = valueOf(await setBulkAttribute(account.marketer, { ...asked, value, startsFlows }));
      await runToEnd(account.sectionId, operationId);
      await settled();
    };
    await set('Lund', false);
    expect(await numbers(flowId)).toMatchObject({ entered: 0 });
    await set('Malmö', true);
    await set('Lund', true);
    expect(await numbers(flowId)).toMatchObject({ entered: 6 });
  });

  it('is said of a date too, with the day on which it comes; of one that is past, nobody enters', async () => {
    const { id: attributeId } = await makeAttribute(account.admin, account.sectionId, 'date');
    const trigger = { kind: 'date' as const, attributeId, days: -7, at: '09:00' };
    const flowId = await publishTestFlow(account, { trigger, steps: [waits] }, { timeZone: 'Europe/Stockholm' });
    const asked = { sectionId: account.sectionId, selection: everyone, attributeId };
    const said = async (value: string) => valueOf(await readBulkValueEntries(account.marketer, { ...asked, value }));
    expect(await said('2090-05-08')).toMatchObject([{ flowId, enters: 6, on: '2090-05-01' }]);
    expect(await said('2020-05-08')).toMatchObject([{ flowId, enters: 0 }]);
    const { operationId } = valueOf(await setBulkAttribute(account.marketer, { ...asked, value: '2090-05-08' }));
    await runToEnd(account.sectionId, operationId);
    // They enter by it already.
    expect(await said('2090-05-08')).toMatchObject([{ flowId, enters: 0 }]);
  });
});

describe('a change that starts no flows', () => {
  it('lets nobody in, by tags or through segments; the same tag by hand does later (case 152)', async () => {
    const byTag = await publishTestFlow(account, onNews());
    const bySegment = await publishTestFlow(account, await inSegmentOf(allOf(hasTag(tags.news))));
    await settled();
    // This one came into the segment before, and was not looked at yet.
    await byHand([profiles[0]!], tags.news);
    await tagAll(false);
    await settled();
    expect(await numbers(byTag)).toMatchObject({ entered: 1 });
    expect(await numbers(bySegment)).toMatchObject({ entered: 1 });
    expect(await runOf(account.sectionId, bySegment, profiles[0]!)).toMatchObject({ outcome: null });
  });

  it('is a merge of tags', async () => {
    const bySegment = await publishTestFlow(account, await inSegmentOf(allOf(hasTag(tags.news))));
    await settled();
    await byHand(profiles.slice(0, 3), tags.vip);
    const { operationId } = valueOf(
      await mergeTags(account.admin, { sectionId: account.sectionId, fromId: tags.vip, intoId: tags.news }),
    );
    await runToEnd(account.sectionId, operationId);
    await settled();
    expect(await numbers(bySegment)).toMatchObject({ entered: 0 });
  });
});

describe('an import', () => {
  const file = ['Email', 'ann@example.com', 'bo@example.com', 'bo@example.com', 'cy@example.com'].join('\n');

  it('starts none unless that is chosen; its dry run says how many it would start (cases 151 and 153)', async () => {
    const flowId = await publishTestFlow(account, onNews());
    const bySegment = await publishTestFlow(account, await inSegmentOf(allOf(hasTag(tags.news))));
    await settled();
    const tried = await dryRunFile(account, file, { apply: [tags.news] });
    expect(tried.flows).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ flowId, state: 'live', enters: 3 }),
        expect.objectContaining({ flowId: bySegment, enters: 3 }),
      ]) as object[],
    );
    await importFile(account, file, { apply: [tags.news] });
    await settled();
    expect(await numbers(flowId)).toMatchObject({ entered: 0 });
    expect(await numbers(bySegment)).toMatchObject({ entered: 0 });
    await importFile(account, file.replaceAll('example', 'other'), { apply: [tags.news], startsFlows: true });
    await tick();
    expect(await numbers(flowId)).toMatchObject({ entered: 3 });
    expect(await numbers(bySegment)).toMatchObject({ entered: 3 });
  });

  it('that did start a flow is undone with the entries that it started, and those only; and done again', async () => {
    const flowId = await publishTestFlow(account, onNews());
    const bySegment = await publishTestFlow(account, await inSegmentOf(allOf(hasTag(tags.news))));
    await settled();
    await byHand([profiles[0]!], tags.news);
    await importFile(account, file, { apply: [tags.news], startsFlows: true });
    await settled();
    const { id: operationId } = await one<{ id: OperationId }>(
      pool(),
      sql`select max(id) as id from operation where section_id = ${account.sectionId}`,
    );
    const preview = valueOf(await readUndoPreview(account.marketer, { sectionId: account.sectionId, operationId }));
    expect(preview.entries).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ flowId, entered: 3, inside: 3, sent: 0 }),
        expect.objectContaining({ flowId: bySegment, entered: 3, inside: 3 }),
      ]) as object[],
    );
    expect(preview.people).toMatchObject({ go: 3, stay: 0 });
    const counts = await undo(operationId, true);
    expect(counts).toMatchObject({ entriesEnded: 6, profilesRemoved: 3, profilesKept: 0 });
    expect(await numbers(flowId)).toMatchObject({ inside: 1, left: { undone: 3 } });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('is undone without them if that is chosen: who is in a flow stays', async () => {
    const flowId = await publishTestFlow(account, onNews());
    await importFile(account, file, { apply: [tags.news], startsFlows: true });
    await tick();
    const { id } = await one<{ id: OperationId }>(
      pool(),
      sql`select max(id) as id from operation where section_id = ${account.sectionId}`,
    );
    expect(await undo(id, false)).toMatchObject({ profilesRemoved: 0, profilesKept: 3, undone: 3 });
    expect(await numbers(flowId)).toMatchObject({ inside: 3 });
  });
});

describe('a bulk tag', () => {
  it('is undone with its entries, and the redo brings those back where they were', async () => {
    const flowId = await publishTestFlow(account, onNews());
    const operationId = await tagAll();
    const before = await runOf(account.sectionId, flowId, profiles[0]!);
    expect(before).toMatchObject({ step: 'wait' });
    const undone = valueOf(
      await undoOperation(account.marketer, { sectionId: account.sectionId, operationId, endEntries: true }),
    );
    expect(await runToEnd(account.sectionId, undone.undoId)).toMatchObject({ entriesEnded: 6, undone: 6 });
    expect(await runOf(account.sectionId, flowId, profiles[0]!)).toMatchObject({ outcome: 'undone', dueAt: null });
    expect(await historyOf(account.sectionId, flowId, profiles[0]!)).toContain('wait left undone');
    const { lastUndo } = valueOf(await readOperation(account.marketer, { sectionId: account.sectionId, operationId }));
    expect(lastUndo).toMatchObject({ status: 'done' });
    const again = valueOf(
      await undoOperation(account.marketer, { sectionId: account.sectionId, operationId: undone.undoId }),
    );
    expect(await runToEnd(account.sectionId, again.undoId)).toMatchObject({ undone: 6, placesRestored: 6 });
    await tick();
    expect(await runOf(account.sectionId, flowId, profiles[0]!)).toEqual(before);
    expect(await numbers(flowId)).toMatchObject({ entered: 6, inside: 6 });
    await expectCountsToFit(account.sectionId, flowId);
  });
});
