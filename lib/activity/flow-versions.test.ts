// People in older versions of a flow, moved to the newest or ended, and put back by the undo.
import { beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { FlowId, OperationId, ProfileId, TagId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { sql } from '@/lib/db/sql';
import { saveFlow } from '@/lib/flows/commands';
import { moveOlderVersions } from '@/lib/flows/older-versions';
import { publishFlow, stopFlow } from '@/lib/flows/publish';
import { readFlow, readFlowNumbers, readFlowVersions, readOlderPlaces } from '@/lib/flows/reads';
import { tick } from '@/lib/flows/tick';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestProfiles, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { expectCountsToFit, historyOf, publishTestFlow, runOf, type FlowDraft } from '@/testing/flows';
import { expectInvariants } from '@/testing/invariants';
import { undoOperation } from './commands';
import { readOperation, readUndoPreview } from './reads';

/** Operations go by the clock of the database. */
const START = new Date();
const after = (days: number) => new Date(START.getTime() + days * 86_400_000);

let account: TestAccount;
let profiles: ProfileId[];
let tags: { news: TagId; more: TagId; done: TagId };

beforeEach(async () => {
  account = await createTestAccount();
  const tag = (name: string) => createTestTag(account.sectionId, name);
  tags = { news: await tag('News'), more: await tag('More'), done: await tag('Done') };
  profiles = await createTestProfiles(account.sectionId, 4);
});

const wait = (id: string, count: number) => ({ id, kind: 'wait' as const, time: { count, unit: 'days' as const } });
const apply = (id: string, tagId: TagId) => ({ id, kind: 'tags' as const, apply: [tagId] });
const onNews = (steps: FlowDraft['steps']): FlowDraft => ({
  trigger: { kind: 'tag_applied', tagId: tags.news },
  steps,
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

const of = (flowId: FlowId) => ({ sectionId: account.sectionId, flowId });
const run = (flowId: FlowId, profileId: ProfileId) => runOf(account.sectionId, flowId, profileId);

async function publishAgain(flowId: FlowId, steps: FlowDraft['steps']): Promise<void> {
  const { revision } = valueOf(await readFlow(account.marketer, of(flowId)));
  const saved = valueOf(await saveFlow(account.marketer, { ...of(flowId), revision, document: onNews(steps) }));
  valueOf(await publishFlow(account.marketer, { ...of(flowId), revision: saved.revision }));
}

/** Two at `keep`, which stays in version 2 with another length, and two at `gone`, which does not. */
async function inOlderVersion(): Promise<FlowId> {
  const flowId = await publishTestFlow(account, onNews([wait('keep', 7), wait('gone', 7), apply('tags', tags.done)]));
  await byHand(profiles.slice(2), tags.news);
  await tick({ now: after(-7) });
  await byHand(profiles.slice(0, 2), tags.news);
  await tick({ now: START });
  await publishAgain(flowId, [wait('keep', 1), apply('more', tags.more), wait('late', 30)]);
  return flowId;
}

async function move(flowId: FlowId, places: object[]): Promise<OperationId> {
  const { operationId } = valueOf(
    await moveOlderVersions(account.marketer, { ...of(flowId), into: 2, places: places as never }),
  );
  await runToEnd(account.sectionId, operationId);
  return operationId;
}

async function undo(operationId: OperationId) {
  const { undoId } = valueOf(await undoOperation(account.marketer, { sectionId: account.sectionId, operationId }));
  return { undoId, counts: await runToEnd(account.sectionId, undoId) };
}

describe('people in older versions', () => {
  it('are listed by step, with those that the new version has (cases 62 and 65)', async () => {
    const flowId = await inOlderVersion();
    expect(valueOf(await readOlderPlaces(account.marketer, of(flowId)))).toEqual({
      into: 2,
      places: [
        { version: 1, step: 'gone', people: 2, same: false, changed: false, held: null },
        { version: 1, step: 'keep', people: 2, same: true, changed: true, held: null },
      ],
    });
    // Nobody is moved by the publishing: those who wait keep their seven days.
    await tick({ now: after(2) });
    expect(await run(flowId, profiles[0]!)).toMatchObject({ version: 1, step: 'keep', dueAt: after(7) });
  });

  it('whose version uses something hidden are said to be held, with the reason', async () => {
    const flowId = await inOlderVersion();
    valueOf(await hideTag(account.admin, { sectionId: account.sectionId, tagId: tags.done }));
    const { places } = valueOf(await readOlderPlaces(account.marketer, of(flowId)));
    expect(places.map(({ step, held }) => [step, held])).toEqual([
      ['gone', expect.stringContaining('“Done” was hidden')],
      ['keep', expect.stringContaining('“Done” was hidden')],
    ]);
    // The version into which people come now does not use it.
    expect(valueOf(await readFlow(account.marketer, of(flowId))).attention).toEqual([]);
  });

  it('are moved at the step that both have, or to another one, and go on there by the new settings', async () => {
    const flowId = await inOlderVersion();
    const operationId = await move(flowId, [
      { version: 1, step: 'keep', to: 'keep' },
      { version: 1, step: 'gone', to: 'late' },
    ]);
    const { counts, summary } = valueOf(
      await readOperation(account.marketer, { sectionId: account.sectionId, operationId }),
    );
    expect(counts).toMatchObject({ moved: 4, ended: 0 });
    expect(summary).toMatch(/^Move 4 profiles to version 2 of the flow/);
    // One day since they came to the wait is over the day after.
    await tick({ now: after(1.1) });
    expect(await run(flowId, profiles[0]!)).toMatchObject({ version: 2, step: 'late' });
    expect(await historyOf(account.sectionId, flowId, profiles[0]!)).toEqual([
      'entered',
      'keep moved 1',
      'keep passed',
      'more passed',
    ]);
    expect(await run(flowId, profiles[2]!)).toMatchObject({ version: 2, step: 'late' });
    const versions = valueOf(await readFlowVersions(account.marketer, of(flowId)));
    expect(versions.map(({ version, inside }) => [version, inside])).toEqual([
      [2, 4],
      [1, 0],
    ]);
    expect(valueOf(await readFlowNumbers(account.marketer, of(flowId)))).toMatchObject({ entered: 4, inside: 4 });
    await expectCountsToFit(account.sectionId, flowId);
    await expectInvariants();
  });

  it('are put back by an undo, but for those who have gone on; and moved again by its redo', async () => {
    const flowId = await inOlderVersion();
    const before = await run(flowId, profiles[2]!);
    const operationId = await move(flowId, [
      { version: 1, step: 'keep', to: 'keep' },
      { version: 1, step: 'gone', to: 'late' },
    ]);
    await tick({ now: after(1.1) });
    const asked = { sectionId: account.sectionId, operationId };
    expect(valueOf(await readUndoPreview(account.marketer, asked)).places).toEqual({ back: 2, stay: 2 });
    const { undoId, counts } = await undo(operationId);
    expect(counts).toMatchObject({ placesRestored: 2, placesKept: 2 });
    expect(await run(flowId, profiles[2]!)).toEqual(before);
    expect(await run(flowId, profiles[0]!)).toMatchObject({ version: 2 });
    await expectCountsToFit(account.sectionId, flowId);
    const again = await undo(undoId);
    expect(again.counts).toMatchObject({ placesRestored: 2 });
    expect(await run(flowId, profiles[2]!)).toMatchObject({ version: 2, step: 'late' });
    await expectCountsToFit(account.sectionId, flowId);
  });

  it('are ended, which an undo takes back; not once the flow was stopped', async () => {
    const flowId = await inOlderVersion();
    const before = await run(flowId, profiles[2]!);
    const operationId = await move(flowId, [{ version: 1, step: 'gone', to: null }]);
    expect(await run(flowId, profiles[2]!)).toMatchObject({ outcome: 'ended', dueAt: null });
    expect(await run(flowId, profiles[0]!)).toMatchObject({ version: 1, step: 'keep' });
    expect(valueOf(await readFlowNumbers(account.marketer, of(flowId)))).toMatchObject({
      inside: 2,
      left: { ended: 2 },
    });
    const { undoId, counts } = await undo(operationId);
    expect(counts).toMatchObject({ placesRestored: 2 });
    expect(await run(flowId, profiles[2]!)).toEqual(before);
    // They go on in their version.
    await tick({ now: after(8) });
    expect(await run(flowId, profiles[2]!)).toMatchObject({ outcome: 'done' });
    await expectCountsToFit(account.sectionId, flowId);
    valueOf(await stopFlow(account.marketer, of(flowId)));
    expect((await undo(undoId)).counts).toMatchObject({ placesRestored: 0, placesKept: 2 });
  });

  it('are not moved to a step that is not there, nor by what somebody saw before another publishing', async () => {
    const flowId = await inOlderVersion();
    const attempt = (into: number, to: string) =>
      moveOlderVersions(account.marketer, { ...of(flowId), into, places: [{ version: 1, step: 'keep', to }] });
    expect(await attempt(2, 'gone')).toMatchObject({ refusal: { code: 'invalid' } });
    await publishAgain(flowId, [wait('keep', 3)]);
    expect(await attempt(2, 'keep')).toMatchObject({ refusal: { code: 'conflict' } });
  });
});
