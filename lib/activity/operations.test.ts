// Long operations: nothing is lost or done twice, whichever process dies; bulk changes can be undone.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { eraseProfile } from '@/lib/people/erase';
import { changeProfileTags } from '@/lib/profiles/commands';
import {
  createTestAccount,
  createTestProfiles,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { untilWaiting } from '@/testing/races';
import { ProfileFilterSchema } from '@/lib/profiles/schema';
import { bulkTag, bulkTagKind, previewBulkTag } from '@/lib/operations/bulk-tag';
import type { OperationStep } from '@/lib/work/kind';
import { WORK_OPTIONS } from '@/lib/work/options';
import { Presence } from '@/lib/work/presence';
import { runOperation } from '@/lib/work/run';
import { cancelOperation, undoOperation } from './commands';
import { getOperation } from './queries';

const { step: bulkTagStep } = bulkTagKind.open();
const only = (step: OperationStep) => [withStep(bulkTagKind, step)];

let account: TestAccount;
let sectionId: SectionId;
let profiles: ProfileId[];
let tagId: TagId;

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Work');
  profiles = await createTestProfiles(sectionId, 10);
  tagId = await createTestTag(sectionId, 'Bulk');
});

async function start(input: object): Promise<OperationId> {
  const result = await bulkTag(account.admin, { sectionId, ...input });
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.operationId;
}

async function undo(operationId: OperationId): Promise<Record<string, number>> {
  const result = await undoOperation(account.admin, { sectionId, operationId });
  if (!result.ok) throw new Error(result.refusal.message);
  return runToEnd(sectionId, result.value.undoId);
}

const tagged = async () => {
  const found = await rows<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_tag where section_id = ${sectionId} and tag_id = ${tagId} order by 1`,
  );
  return found.map(({ id }) => id);
};
const everyone = { kind: 'all', filter: {} };

describe('a new tag', () => {
  const selection = { kind: 'all' as const, filter: ProfileFilterSchema.parse({}) };
  const visible = async () =>
    (await rows<{ name: string }>(pool(), sql`select name from tag where section_id = ${sectionId} order by name`)).map(
      ({ name }) => name,
    );

  it('is created with the change that applies it; one that exists by then is used', async () => {
    const create = [{ name: 'Spring boots' }, { name: 'bulk' }];
    const counts = await runToEnd(sectionId, await start({ selection, create }));
    expect(counts).toMatchObject({ applied: 20 });
    expect(await visible()).toEqual(['Bulk', 'Spring boots']);
    expect(await tagged()).toHaveLength(10);
  });

  it('that exists by then is not removed by the same change', async () => {
    await start({ selection, create: [{ name: 'bulk' }], remove: [tagId] }).then((id) => runToEnd(sectionId, id));
    expect(await tagged()).toHaveLength(10);
  });

  it('counts for the limit of tags', async () => {
    const create = Array.from({ length: 50 }, (_, index) => ({ name: `New ${index}` }));
    await expect(start({ selection, apply: [tagId], create })).rejects.toThrow(/^At most 50 tags/);
    expect(await visible()).toEqual(['Bulk']);
  });

  it('is not created by a change that is refused', async () => {
    const gone = { kind: 'all' as const, filter: ProfileFilterSchema.parse({ has: [999_999_999] }) };
    await expect(start({ selection: gone, create: [{ name: 'Spring boots' }] })).rejects.toThrow();
    expect(await visible()).toEqual(['Bulk']);
  });
});

describe('a bulk change', () => {
  it('is previewed, done and undone', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[0], apply: [tagId] });
    const preview = await previewBulkTag(pool(), sectionId, { kind: 'ids', ids: profiles });
    expect(preview).toEqual({ profiles: 10, tags: [{ tagId, have: 1 }] });
    const ofAll = await previewBulkTag(pool(), sectionId, { kind: 'all', filter: ProfileFilterSchema.parse({}) });
    expect(ofAll).toEqual(preview);
    const operationId = await start({ selection: everyone, apply: [tagId] });
    expect(await runToEnd(sectionId, operationId)).toEqual({ applied: 9, removed: 0, profiles: 10 });
    expect(await undo(operationId)).toMatchObject({ undone: 9, kept: 0, impossible: 0 });
    expect(await tagged()).toEqual([profiles[0]]);
  });

  it('keeps later changes when it is undone, and reports what could not be undone', async () => {
    const operationId = await start({ selection: { kind: 'ids', ids: profiles.slice(0, 4) }, apply: [tagId] });
    await runToEnd(sectionId, operationId);
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[0], remove: [tagId] });
    await changeProfileTags(account.admin, { sectionId, profileId: profiles[0], apply: [tagId] });
    await eraseProfile(account.admin, { sectionId, profileId: profiles[1] });
    expect(await undo(operationId)).toMatchObject({ undone: 2, kept: 1, impossible: 1 });
    expect(await tagged()).toEqual([profiles[0]]);
  });

  it('can be undone only once', async () => {
    const operationId = await start({ selection: everyone, apply: [tagId] });
    await runToEnd(sectionId, operationId);
    await undo(operationId);
    expect(await undoOperation(account.admin, { sectionId, operationId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('refuses a hidden tag, and profiles of another section', async () => {
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${tagId}`);
    expect(await bulkTag(account.admin, { sectionId, selection: everyone, apply: [tagId] })).toMatchObject({
      ok: false,
      refusal: { code: 'hidden' },
    });
    const other = await createTestSection(account.accountId, 'Other');
    const theirs = await createTestProfiles(other, 2);
    const fine = await createTestTag(sectionId, 'Fine');
    expect(
      await bulkTag(account.admin, { sectionId, selection: { kind: 'ids', ids: theirs }, apply: [fine] }),
    ).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
  });

  it('stops when it is cancelled; what is done stays, and can be undone', async () => {
    const operationId = await start({ selection: everyone, apply: [tagId] });
    const stepOfThree = steppingBy(3);
    let steps = 0;
    let cancelling: Promise<unknown> | undefined;
    const cancelledInTheSecond: OperationStep = async (tx, operation) => {
      const result = await stepOfThree(tx, operation);
      if (++steps === 2) {
        // Waits for the operation's row, which the step has locked. The next step may still be faster.
        cancelling = cancelOperation(account.admin, { sectionId, operationId });
        await untilWaiting();
      }
      return result;
    };
    await runOperation(only(cancelledInTheSecond), sectionId, operationId, { runner: 'a' });
    expect(await cancelling).toMatchObject({ ok: true });
    const operation = await getOperation(pool(), sectionId, operationId);
    expect(operation?.status).toBe('cancelled');
    expect(await tagged()).toHaveLength(3 * steps);
    await undo(operationId);
    expect(await tagged()).toEqual([]);
  });
});

describe('a process that dies', () => {
  it('during a step leaves no trace of it, and another continues: each profile once', async () => {
    const operationId = await start({ selection: everyone, apply: [tagId] });
    const stepOfThree = steppingBy(3);
    let steps = 0;
    const dying: OperationStep = async (tx, operation) => {
      const result = await stepOfThree(tx, operation);
      if (++steps === 3) throw new Error('the connection was cut');
      return result;
    };
    await runOperation(only(dying), sectionId, operationId, { runner: 'first' });
    expect(await tagged()).toHaveLength(6);
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    await runOperation(only(stepOfThree), sectionId, operationId, {
      runner: 'second',
    });
    expect(await tagged()).toEqual(profiles);
    const { entries } = await one<{ entries: number }>(
      pool(),
      sql`select count(*) as entries from tag_change where operation_id = ${operationId}`,
    );
    expect(entries).toBe(10);
  });

  it('leaves the operation to the process that has taken over', async () => {
    const operationId = await start({ selection: everyone, apply: [tagId] });
    const other = await Presence.open(WORK_OPTIONS);
    await execute(
      pool(),
      sql`update operation set status = 'running', runner = ${other.name} where id = ${operationId}`,
    );
    let steps = 0;
    const counting: OperationStep = (tx, operation) => {
      steps++;
      return bulkTagStep(tx, operation);
    };
    await runOperation(only(counting), sectionId, operationId, { runner: 'slow' });
    await other.close();
    expect(steps).toBe(0);
    expect(await tagged()).toEqual([]);
  });

  it('runs in two workers at once and still does everything once', async () => {
    const operationId = await start({ selection: everyone, apply: [tagId] });
    const workers = [await Presence.open(WORK_OPTIONS), await Presence.open(WORK_OPTIONS)];
    await Promise.all(
      workers.map(({ name }) => runOperation(only(steppingBy(2)), sectionId, operationId, { runner: name })),
    );
    await Promise.all(workers.map((worker) => worker.close()));
    expect(await tagged()).toEqual(profiles);
    const { entries } = await one<{ entries: number }>(
      pool(),
      sql`select count(*) as entries from tag_change where operation_id = ${operationId}`,
    );
    expect(entries).toBe(10);
  });
});

/** The bulk step, a few profiles at a time. */
function steppingBy(size: number): OperationStep {
  return async (tx, operation) => {
    const next = profiles.filter((id) => id > operation.cursor).slice(0, size);
    const input = {
      ...(operation.input as object),
      selection: { kind: 'ids', ids: next.length > 0 ? next : [profiles[0]] },
    };
    const result = await bulkTagStep(tx, { ...operation, input });
    return { ...result, done: next.length < size || next.at(-1) === profiles.at(-1) };
  };
}
