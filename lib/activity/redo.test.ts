// Redo: after an operation was undone, its redo gives the state that the operation had given, whatever there was before.
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { AttributeId, OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { setBulkAttribute } from '@/lib/operations/bulk-attribute';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { eraseProfile } from '@/lib/people/erase';
import { changeProfileTags, createProfile, updateProfile } from '@/lib/profiles/commands';
import { removeOldUndone } from '@/lib/profiles/undone';
import { hideTag } from '@/lib/tags/commands';
import { createTestAccount, createTestTag, runToEnd, withStep, type TestAccount } from '@/testing/fixtures';
import { importFile } from '@/testing/imports';
import { expectInvariants } from '@/testing/invariants';
import { untilWaiting } from '@/testing/races';
import { claimProfiles, makeHolder, valueOf } from '@/testing/segments';
import { cancelOperation, undoOperation } from './commands';
import { getOperation } from './queries';
import { readUndoPreview } from './reads';
import { redoKind, undoKind } from './undo';

let account: TestAccount;
let sectionId: SectionId;
let tags: TagId[];
afterAll(expectInvariants);
beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  tags = [await createTestTag(sectionId, 'A'), await createTestTag(sectionId, 'B')];
});

const lastOperation = async (): Promise<OperationId> =>
  (await one<{ id: OperationId }>(pool(), sql`select max(id) as id from operation where section_id = ${sectionId}`)).id;

const start = async (operationId: OperationId) =>
  valueOf(await undoOperation(account.admin, { sectionId, operationId })).undoId;

/** Undoes the operation, or redoes what the undo took back. */
async function reverse(operationId: OperationId): Promise<{ id: OperationId; counts: Record<string, number> }> {
  const id = await start(operationId);
  return { id, counts: await runToEnd(sectionId, id) };
}

async function importing(lines: readonly string[], apply: TagId[]): Promise<OperationId> {
  await importFile(account, ['Email,Name', ...lines].join('\n'), { apply });
  return lastOperation();
}

async function tagging(ids: readonly ProfileId[], input: { apply?: TagId[]; remove?: TagId[] }): Promise<OperationId> {
  const { operationId } = valueOf(
    await bulkTag(account.marketer, { sectionId, selection: { kind: 'ids', ids }, ...input }),
  );
  await runToEnd(sectionId, operationId);
  return operationId;
}

const profileOf = async (email: string): Promise<ProfileId> =>
  (
    await one<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = ${email}`,
    )
  ).id;

/** All that a person sees of the profiles: who they are, since when, their history, their tags and by whom these are held. */
async function state() {
  const [profiles, keys, history, held, claims, counted] = await Promise.all([
    rows(pool(), sql`select id, attributes, created_at from profile where section_id = ${sectionId} order by id`),
    rows(pool(), sql`select key, profile_id from profile_key where section_id = ${sectionId} order by key`),
    rows(
      pool(),
      sql`
        select profile_id, at, created, after, operation_id from profile_change
        where section_id = ${sectionId} and source <> 9
        order by profile_id, at, operation_id`,
    ),
    rows(
      pool(),
      sql`
        select profile_id, tag_id, direct from profile_tag where section_id = ${sectionId} order by profile_id, tag_id`,
    ),
    rows(
      pool(),
      sql`
        select profile_id, tag_id, suppressed from tag_claim
        where section_id = ${sectionId}
        order by profile_id, tag_id`,
    ),
    rows(
      pool(),
      sql`
        select tag_id, sum(profiles)::int as profiles from tag_count where section_id = ${sectionId}
        group by tag_id having sum(profiles) <> 0 order by tag_id`,
    ),
  ]);
  return { profiles, keys, history, held, claims, counted };
}

const person = fc.constantFrom('ann', 'bo', 'cy', 'di');
const people = fc.uniqueArray(person, { minLength: 1, maxLength: 4 });
const some = fc.subarray([0, 1]);
const operation = fc.oneof(
  fc.record({ do: fc.constant('import' as const), people, name: fc.constantFrom('One', 'Two'), apply: some }),
  fc.record({ do: fc.constant('set' as const), people, name: fc.constantFrom('One', 'Three', '') }),
  fc.record({
    do: fc.constant('tag' as const),
    people,
    apply: fc.boolean(),
    tags: fc.subarray([0, 1], { minLength: 1 }),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer One> ? One : never;

const tagIds = (chosen: readonly number[]) => chosen.map((index) => tags[index]!);
const email = (name: string) => `${name}@example.com`;

async function perform(action: Operation): Promise<OperationId | null> {
  if (action.do === 'import') {
    return importing(
      action.people.map((name) => `${email(name)},${action.name}`),
      tagIds(action.apply),
    );
  }
  const ids = await rows<{ id: ProfileId }>(
    pool(),
    sql`
      select profile_id as id from profile_key
      where section_id = ${sectionId} and key = any(${action.people.map(email)}::text[])`,
  );
  if (ids.length === 0) return null;
  const chosen = ids.map(({ id }) => id);
  if (action.do === 'tag') {
    return tagging(chosen, { [action.apply ? 'apply' : 'remove']: tagIds(action.tags) });
  }
  const { id: attributeId } = await one<{ id: AttributeId }>(
    pool(),
    sql`select id from attribute where section_id = ${sectionId} and code = 'firstname'`,
  );
  const input = { sectionId, selection: { kind: 'ids', ids: chosen }, attributeId, value: action.name };
  const { operationId } = valueOf(await setBulkAttribute(account.admin, input));
  await runToEnd(sectionId, operationId);
  return operationId;
}

describe('do, undo, redo', () => {
  it('gives the same state as do, and can be repeated, whatever there was before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 2 }), operation, async (before, action) => {
        account = await createTestAccount();
        sectionId = account.sectionId;
        tags = [await createTestTag(sectionId, 'A'), await createTestTag(sectionId, 'B')];
        for (const earlier of before) await perform(earlier);
        const { history: _history, ...start } = await state();
        const operationId = await perform(action);
        if (operationId === null) return;
        const done = await state();
        for (let time = 0; time < 2; time++) {
          const undone = await reverse(operationId);
          // The history keeps what the operation did to those who were there before.
          const { history: _history, ...now } = await state();
          expect(now).toEqual(start);
          await reverse(undone.id);
          expect(await state()).toEqual(done);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('brings deleted people back with their ids, and suppresses the claims of lists again', async () => {
    const operationId = await importing(['ann@example.com,Ann', 'bo@example.com,Bo'], tags);
    const ann = await profileOf('ann@example.com');
    const holderId = await makeHolder(sectionId);
    await claimProfiles(sectionId, [ann], { tagId: tags[0]!, holderId });
    const removal = await tagging([ann], { remove: [tags[0]!] });
    const done = await state();
    const undone = await reverse(removal);
    await reverse(undone.id);
    expect(await state()).toEqual(done);

    await reverse(await start(removal).then(async (id) => (await runToEnd(sectionId, id), id)));
    expect(await state()).toEqual(done);
    const deletion = await reverse(operationId);
    expect(deletion.counts).toMatchObject({ profilesRemoved: 1 });
    expect(await reverse(deletion.id)).toMatchObject({ counts: { profilesCreated: 1, profilesGone: 0 } });
    expect(await state()).toEqual(done);
  });
});

describe('a redo', () => {
  it('is previewed, leaves what was changed since, and says so', async () => {
    await importing(['ann@example.com,Ann'], []);
    const operationId = await importing(['ann@example.com,Anna', 'bo@example.com,Bo', 'cy@example.com,Cy'], [tags[0]!]);
    const { id: undoId } = await reverse(operationId);
    const ann = await profileOf('ann@example.com');
    valueOf(await changeProfileTags(account.admin, { sectionId, profileId: ann, apply: [tags[0]!] }));
    const keys = [{ keyspaceId: account.keyspaces.email, key: 'ann@example.com' }];
    valueOf(await updateProfile(account.admin, { sectionId, profileId: ann, keys, attributes: { firstname: 'Anne' } }));
    const taken = [{ keyspaceId: account.keyspaces.email, key: 'cy@example.com' }];
    valueOf(await createProfile(account.admin, { sectionId, keys: taken, attributes: {} }));

    expect(valueOf(await readUndoPreview(account.marketer, { sectionId, operationId: undoId }))).toMatchObject({
      kind: 'redo',
      summary: 'Import “people.csv”',
      people: { go: 0, stay: 0, comeBack: 1, lost: 1 },
      values: { goBack: 0, links: 0, stay: 1 },
      consents: { goBack: 0, stay: 0 },
      tags: [{ name: 'A', comeBack: 1, stay: 1, impossible: 1 }],
    });
    const { counts } = await reverse(undoId);
    expect(counts).toMatchObject({
      profilesCreated: 1,
      profilesGone: 1,
      profilesKept: 1,
      undone: 1,
      kept: 1,
      impossible: 1,
    });
    expect(await readUndoPreview(account.marketer, { sectionId, operationId: undoId })).toMatchObject({
      refusal: { message: 'This has been redone already.' },
    });
  });

  it('of the redo is an undo, and an operation is undone or redone once at a time', async () => {
    const operationId = await importing(['ann@example.com,Ann'], [tags[0]!]);
    const undo = await reverse(operationId);
    expect(await undoOperation(account.admin, { sectionId, operationId })).toMatchObject({
      refusal: { message: 'This has been undone already.' },
    });
    const answers = await Promise.all(
      [1, 2].map(() => undoOperation(account.admin, { sectionId, operationId: undo.id })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const redoId = await lastOperation();
    expect(await undoOperation(account.admin, { sectionId, operationId })).toMatchObject({ ok: false });
    await runToEnd(sectionId, redoId);
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ undoneBy: null });
    expect(await getOperation(pool(), sectionId, undo.id)).toMatchObject({ undoneBy: redoId, undoable: true });
    const again = await reverse(redoId);
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ undoneBy: again.id });
    expect(await getOperation(pool(), sectionId, again.id)).toMatchObject({ kind: 'undo', undoOf: operationId });
  });

  it('takes back an undo that was stopped halfway, and can itself be stopped and repeated', async () => {
    const operationId = await importing(['ann@example.com,Ann', 'bo@example.com,Bo'], [tags[0]!]);
    const done = await state();
    const undoId = await stopAfterFirstStep(operationId, undoKind);
    await reverse(undoId);
    expect(await state()).toEqual(done);
    const { id } = await reverse(operationId);
    await stopAfterFirstStep(id, redoKind);
    await reverse(id);
    expect(await state()).toEqual(done);
  });

  it('does not bring back whom somebody has erased since, nor anybody after thirty days, nor hidden tags', async () => {
    const operationId = await importing(['ann@example.com,Ann', 'bo@example.com,Bo'], tags);
    const { id: undoId } = await reverse(operationId);
    await importing(['ann@example.com,Ann'], []);
    valueOf(await eraseProfile(account.admin, { sectionId, profileId: await profileOf('ann@example.com') }));
    valueOf(await hideTag(account.admin, { sectionId, tagId: tags[1]! }));
    const { id: redoId, counts } = await reverse(undoId);
    expect(counts).toMatchObject({ profilesCreated: 1, undone: 1, impossible: 3 });
    const again = await reverse(redoId);
    expect(again.counts).toMatchObject({ profilesRemoved: 1 });
    const longAgo = new Date(Date.now() - 31 * 86_400_000);
    await execute(pool(), sql`update undone_profile set at = ${longAgo} where section_id = ${sectionId}`);
    await removeOldUndone();
    expect((await reverse(again.id)).counts).toMatchObject({ profilesCreated: 0, profilesGone: 0 });
  });
});

async function stopAfterFirstStep(operationId: OperationId, kind: typeof undoKind): Promise<OperationId> {
  const id = await start(operationId);
  let cancelling: Promise<unknown> | undefined;
  const { step } = kind.open();
  const first = withStep(kind, async (...args) => {
    const result = await step(...args);
    // Waits for the operation's row, which the step has locked, and so gets it before the next step.
    cancelling ??= cancelOperation(account.admin, { sectionId, operationId: id });
    await untilWaiting();
    return result;
  });
  await expect(runToEnd(sectionId, id, [first])).rejects.toThrow('cancelled');
  await cancelling;
  return id;
}
