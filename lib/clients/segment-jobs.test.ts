// Bulk changes of a segment: they change only members, at the time of the step, by the rules of the start.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationId, ProfileId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { refreshStatistics } from '@/lib/db/statistics';
import { updateSegment } from '@/lib/segments/commands';
import { deleteSegment } from '@/lib/used-in/commands';
import { getSegment } from '@/lib/segments/queries';
import type { RuleNode } from '@/lib/segments/schema';
import { hideTag } from '@/lib/tags/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import {
  addEvent,
  allOf,
  anyOf,
  did,
  hasNotTag,
  hasTag,
  inSegment,
  makeEventType,
  makeSegment,
  noneOf,
  onTag,
  rulesOf,
  tagProfiles,
  valueOf,
} from '@/testing/segments';
import { bulkTag, bulkTagKind, previewBulkTag } from '@/lib/operations/bulk-tag';
import { takeSelection } from '@/lib/operations/selection';
import { undoOperation } from '@/lib/activity/commands';
import { getOperation } from '@/lib/activity/queries';
import type { OperationStep } from '@/lib/work/kind';
import { runOperation } from '@/lib/work/run';
import { startOperation } from '@/lib/work/start';
import { tagJobKind } from './tag-job-kind';

const { step: bulkTagStep } = bulkTagKind.open();
const only = (step: OperationStep) => [withStep(bulkTagKind, step)];

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let vip: TagId;
let lead: TagId;

beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'By segment');
  profiles = await createTestProfiles(sectionId, 10);
  vip = await createTestTag(sectionId, 'VIP');
  lead = await createTestTag(sectionId, 'Lead');
});

const make = (node: RuleNode, name?: string) => makeSegment(account.admin, sectionId, node, name);
const selectionOf = (segmentId: SegmentId) => ({ kind: 'segment' as const, segmentId });
const attempt = (segmentId: SegmentId, tags: { apply?: TagId[]; remove?: TagId[] }) =>
  bulkTag(account.admin, { sectionId, selection: selectionOf(segmentId), ...tags });
const start = async (segmentId: SegmentId, tags: { apply?: TagId[]; remove?: TagId[] }) =>
  valueOf(await attempt(segmentId, tags)).operationId;
const finish = (operationId: OperationId, step: OperationStep = bulkTagStep) =>
  runToEnd(sectionId, operationId, [withStep(bulkTagKind, step)]);

async function undo(operationId: OperationId): Promise<Record<string, number>> {
  const { undoId } = valueOf(await undoOperation(account.admin, { sectionId, operationId }));
  return runToEnd(sectionId, undoId);
}

async function tagged(tagId: TagId): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_tag where section_id = ${sectionId} and tag_id = ${tagId} order by 1`,
  );
  return found.map(({ id }) => id);
}

/** How many times the operation changed each profile. */
async function changesOf(operationId: OperationId): Promise<number[]> {
  const found = await rows<{ changes: number }>(
    pool(),
    sql`select count(*) as changes from tag_change where section_id = ${sectionId} and operation_id = ${operationId}
        group by profile_id`,
  );
  return found.map(({ changes }) => changes);
}

async function change(id: SegmentId, node: RuleNode): Promise<void> {
  const { name, changedAt } = (await getSegment(pool(), sectionId, id))!;
  const seen = changedAt.toISOString();
  valueOf(await updateSegment(account.admin, { sectionId, segmentId: id, name, rules: rulesOf(node), seen }));
}

/** The same step with a small batch size. `between`: runs after each batch but the last. */
function stepping(size: number, between?: (nth: number) => Promise<void>): OperationStep {
  let steps = 0;
  return async (tx, operation) => {
    const input = operation.input as { until: number };
    const [, ...rest] = profiles.filter((id) => id > operation.cursor);
    const until = Math.min(rest[size - 2] ?? input.until, input.until);
    const result = await bulkTagStep(tx, { ...operation, input: { ...input, until } });
    if (until >= input.until) return result;
    await between?.(++steps);
    return { ...result, cursor: until, done: false };
  };
}

describe('a bulk change of a segment', () => {
  it('is previewed, applied to members only, and undone', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 6), { apply: [lead] });
    await tagProfiles(sectionId, profiles.slice(0, 1), { apply: [vip] });
    const id = await make(hasTag(lead), 'Leads');
    const preview = await previewBulkTag(pool(), sectionId, selectionOf(id));
    expect(preview.profiles).toBe(6);
    expect(new Map(preview.tags.map(({ tagId, have }) => [tagId, have]))).toEqual(
      new Map([
        [lead, 6],
        [vip, 1],
      ]),
    );
    const operationId = await start(id, { apply: [vip] });
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({
      total: 6,
      summary: 'Apply “VIP”: 6 profiles',
    });
    expect(await finish(operationId)).toEqual({ applied: 5, removed: 0, profiles: 6 });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 6));
    expect(await undo(operationId)).toMatchObject({ undone: 5, kept: 0, impossible: 0 });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 1));
  });

  it.each([1, 2, 3, 10])(
    'that applies or removes a tag of its own rules changes everyone once: %i at a time',
    async (size) => {
      await tagProfiles(sectionId, profiles.slice(0, 4), { apply: [vip] });
      const lacking = await make(hasNotTag(vip));
      const given = await start(lacking, { apply: [vip] });
      expect(await finish(given, stepping(size))).toEqual({ applied: 6, removed: 0, profiles: 6 });
      expect(await tagged(vip)).toEqual(profiles);
      expect(await changesOf(given)).toEqual(new Array(6).fill(1));

      const having = await make(anyOf(hasTag(vip), noneOf(hasNotTag(vip))));
      const taken = await start(having, { remove: [vip] });
      expect(await finish(taken, stepping(size))).toEqual({ applied: 0, removed: 10, profiles: 10 });
      expect(await tagged(vip)).toEqual([]);
      expect(await changesOf(taken)).toEqual(new Array(10).fill(1));

      expect(await undo(taken)).toMatchObject({ undone: 10, kept: 0 });
      expect(await tagged(vip)).toEqual(profiles);
    },
  );

  it('that swaps tags of its own rules does not swap them back', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 5), { apply: [vip] });
    await tagProfiles(sectionId, profiles.slice(5), { apply: [lead] });
    const id = await make(anyOf(hasTag(vip), hasTag(lead)));
    const operationId = await start(id, { apply: [lead], remove: [vip] });
    await finish(operationId, stepping(3));
    expect(await tagged(vip)).toEqual([]);
    expect(await tagged(lead)).toEqual(profiles);
    await undo(operationId);
    expect(await tagged(vip)).toEqual(profiles.slice(0, 5));
    expect(await tagged(lead)).toEqual(profiles.slice(5));
  });

  it('uses the rules of its start, even if the segment changes', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 6), { apply: [lead] });
    const edited = await make(hasTag(lead));
    const byOld = await start(edited, { apply: [vip] });
    const counts = await finish(
      byOld,
      stepping(2, async (nth) => (nth === 1 ? change(edited, hasNotTag(lead)) : undefined)),
    );
    expect(counts).toMatchObject({ applied: 6, profiles: 6 });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 6));
    await undo(byOld);

    const deleted = await start(edited, { apply: [vip] });
    await finish(
      deleted,
      stepping(2, async (nth) => {
        if (nth === 1) valueOf(await deleteSegment(account.admin, { sectionId, segmentId: edited }));
      }),
    );
    expect(await tagged(vip)).toEqual(profiles.slice(6));
  });

  it('uses the rules of its start, even if a segment that they refer to changes', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 6), { apply: [lead] });
    const inner = await make(hasTag(lead), 'Inner');
    const outer = await make(inSegment(inner), 'Outer');
    const operationId = await start(outer, { apply: [vip] });
    await finish(
      operationId,
      stepping(2, async (nth) => (nth === 1 ? change(inner, hasNotTag(lead)) : undefined)),
    );
    expect(await tagged(vip)).toEqual(profiles.slice(0, 6));
  });

  it('finishes even if a segment that the rules refer to is deleted', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 6), { apply: [lead] });
    const inner = await make(hasTag(lead), 'Inner');
    const outer = await make(inSegment(inner), 'Outer');
    const operationId = await start(outer, { apply: [vip] });
    const letGo = async () => {
      await change(outer, hasTag(lead));
      valueOf(await deleteSegment(account.admin, { sectionId, segmentId: inner }));
    };
    await finish(
      operationId,
      stepping(2, async (nth) => (nth === 1 ? letGo() : undefined)),
    );
    expect(await tagged(vip)).toEqual(profiles.slice(0, 6));
  });

  it('counts periods from its start, and skips profiles created later', async () => {
    const soon = await make(
      allOf(hasNotTag(lead), noneOf(onTag(vip, { test: 'got', when: { kind: 'last', count: 1, unit: 'hours' } }))),
    );
    const operationId = await start(soon, { apply: [vip] });
    await createTestProfiles(sectionId, 3);
    expect(await finish(operationId, stepping(3))).toMatchObject({ applied: 10, profiles: 10 });
    expect(await tagged(vip)).toEqual(profiles);
  });

  it('changes those who are members when their batch runs', async () => {
    await tagProfiles(sectionId, profiles.slice(0, 8), { apply: [lead] });
    const operationId = await start(await make(hasTag(lead)), { apply: [vip] });
    const leave = () => tagProfiles(sectionId, [profiles[0]!, profiles[6]!], { remove: [lead] });
    const counts = await finish(
      operationId,
      stepping(4, async (nth) => (nth === 1 ? leave() : undefined)),
    );
    expect(counts).toMatchObject({ applied: 7, profiles: 7 });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 8).filter((id) => id !== profiles[6]));
  });

  it.each([1, 3, 10])('changes everyone once when no index gives the order: %i at a time', async (size) => {
    const event = await makeEventType(account.admin, sectionId);
    for (const id of [...profiles.slice(0, 4), ...profiles.slice(2, 6)]) {
      await addEvent(sectionId, id, event.versionId);
    }
    await tagProfiles(sectionId, profiles.slice(5, 8), { apply: [lead] });
    const opened = did(event.id);
    const got = onTag(lead, { test: 'got', when: { kind: 'last', count: 1, unit: 'hours' } });
    const cases: [RuleNode, ProfileId[]][] = [
      [opened, profiles.slice(0, 6)],
      [did(event.id, { times: { is: 'at_least', count: 2 } }), profiles.slice(2, 4)],
      [got, profiles.slice(5, 8)],
      [anyOf(opened, got, hasTag(lead)), profiles.slice(0, 8)],
      [noneOf(opened, got), profiles.slice(8)],
    ];
    for (const [node, members] of cases) {
      const operationId = await start(await make(node), { apply: [vip] });
      expect(await finish(operationId, stepping(size))).toMatchObject({ applied: members.length });
      expect(await tagged(vip)).toEqual(members);
      expect(await changesOf(operationId)).toEqual(new Array(members.length).fill(1));
      await undo(operationId);
    }
  });

  it('is refused with a reason if evaluating the segment takes too long', async () => {
    const event = await makeEventType(account.admin, sectionId);
    const selection = { kind: 'rules' as const, rules: rulesOf(did(event.id)), segments: [], now: new Date() };
    const extent = () => transaction((tx) => takeSelection(tx, sectionId, selection, 1));
    await transaction(async (tx) => {
      await execute(tx, sql`lock table profile_event in access exclusive mode`);
      await expect(extent()).rejects.toMatchObject({
        code: 'too_many_requests',
        message: expect.stringContaining('took longer than 1 seconds and was stopped') as string,
      });
    });
    expect(await extent()).toEqual({ total: 0, until: 0 });
  });

  it('is refused if the segment is empty, needs attention, is deleted, or is of another section', async () => {
    expect(await attempt(await make(hasTag(lead)), { apply: [vip] })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found', message: expect.stringContaining('no profile') as string },
    });
    const needy = await make(hasNotTag(lead), 'Needy');
    valueOf(await hideTag(account.admin, { sectionId, tagId: lead }));
    expect(await attempt(needy, { apply: [vip] })).toMatchObject({
      ok: false,
      refusal: { code: 'hidden', message: expect.stringContaining('“Needy” needs attention') as string },
    });
    const deleted = await make(hasNotTag(vip));
    valueOf(await deleteSegment(account.admin, { sectionId, segmentId: deleted }));
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await makeSegment(account.admin, other, hasNotTag(await createTestTag(other, 'Theirs')));
    for (const id of [deleted, theirs]) {
      expect(await attempt(id, { apply: [vip] })).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    }
    expect(await tagged(vip)).toEqual([]);
  });
});

describe('a job of an API client on a segment', () => {
  it('does nothing for a selection without rules', async () => {
    const operationId = await transaction((tx) =>
      startOperation(tx, tagJobKind, {
        sectionId,
        summary: 'Apply “VIP”',
        input: {
          keyspaceId: account.keyspaces.email,
          segment: { name: 'None', discriminator: 'none' },
          selection: { kind: 'ids', ids: profiles },
          until: profiles.at(-1),
          apply: [vip],
        } as never,
        total: profiles.length,
        userId: null,
      }),
    );
    const run = runToEnd(sectionId, operationId);
    await expect(run).rejects.toMatchObject({ name: 'ZodError' });
    expect(await tagged(vip)).toEqual([]);
  });
});

describe('a tag of the rules that is hidden halfway', () => {
  it('fails the change with a reason: it stops, and what was done can be undone', async () => {
    const doNotContact = await createTestTag(sectionId, 'Do not contact');
    const id = await make(hasNotTag(doNotContact), 'Contactable');
    const operationId = await start(id, { apply: [vip] });
    const step = stepping(4, async (nth) => {
      if (nth === 1) valueOf(await hideTag(account.owner, { sectionId, tagId: doNotContact }));
    });
    await runOperation(only(step), sectionId, operationId, { runner: randomUUID() });
    const failed = await getOperation(pool(), sectionId, operationId);
    expect(failed).toMatchObject({
      status: 'failed',
      progress: 4,
      error: expect.stringContaining('The tag “Do not contact” was hidden by Test owner') as string,
    });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 4));
    await runOperation(only(bulkTagStep), sectionId, operationId, { runner: randomUUID() });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 4));
    expect(await undo(operationId)).toMatchObject({ undone: 4 });
    expect(await tagged(vip)).toEqual([]);
  });
});

describe('a worker that dies', () => {
  it('between two steps loses nothing: another continues, and everyone is changed once', async () => {
    const operationId = await start(await make(hasNotTag(vip)), { apply: [vip] });
    const stopping = new AbortController();
    const first = stepping(4, async () => stopping.abort());
    await runOperation(only(first), sectionId, operationId, { runner: 'first', signal: stopping.signal });
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ status: 'queued', progress: 4 });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 4));
    await runOperation(only(stepping(4)), sectionId, operationId, { runner: 'second' });
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({
      status: 'done',
      progress: 10,
      counts: { applied: 10, removed: 0, profiles: 10 },
    });
    expect(await tagged(vip)).toEqual(profiles);
    expect(await changesOf(operationId)).toEqual(new Array(10).fill(1));
  });

  it('within a step leaves no trace of it, even if the change alters the segment', async () => {
    const operationId = await start(await make(hasNotTag(vip)), { apply: [vip] });
    const whole = stepping(3);
    let steps = 0;
    const dying: OperationStep = async (tx, operation) => {
      const result = await whole(tx, operation);
      if (++steps === 2) throw new Error('the machine went down');
      return result;
    };
    await runOperation(only(dying), sectionId, operationId, { runner: 'first' });
    expect(await tagged(vip)).toEqual(profiles.slice(0, 3));
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    await runOperation(only(stepping(3)), sectionId, operationId, { runner: 'second' });
    expect(await tagged(vip)).toEqual(profiles);
    const { status } = await one<{ status: string }>(
      pool(),
      sql`select status from operation where id = ${operationId}`,
    );
    expect(status).toBe('done');
    expect(await changesOf(operationId)).toEqual(new Array(10).fill(1));
  });
});

describe('a change larger than one step', () => {
  it('changes everyone once, though each step removes its profiles from the segment', async () => {
    const many = await createTestProfiles(sectionId, 30_000);
    await tagProfiles(sectionId, many, { apply: [lead] });
    // As an import of this size does.
    await refreshStatistics();
    const operationId = await start(await make(hasNotTag(vip)), { apply: [vip] });
    expect(await finish(operationId)).toEqual({ applied: 30_010, removed: 0, profiles: 30_010 });
    expect(await tagged(vip)).toHaveLength(many.length + profiles.length);
    expect(await undo(operationId)).toMatchObject({ undone: 30_010 });
    expect(await tagged(vip)).toEqual([]);
  });
});
