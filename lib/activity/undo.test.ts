// Undo: it never deletes or overwrites what somebody else has changed, even concurrently; it can be repeated after it
// was stopped; and its preview is correct.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setConsentByKey } from '@/lib/consents/commands';
import { createTopic } from '@/lib/consents/topics';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { changeTagsByKey } from '@/lib/clients/one-profile';
import { changeProfileTags, updateProfile } from '@/lib/profiles/commands';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import { importFile } from '@/testing/imports';
import { hold, untilWaiting, waitingForLocks } from '@/testing/races';
import { claimProfiles, makeHolder } from '@/testing/segments';
import { expectInvariants } from '@/testing/invariants';
import {
  createTestAccount,
  createTestProfiles,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { undoKind } from './undo';
import { cancelOperation, undoOperation } from './commands';
import { getOperation } from './queries';
import { readUndoPreview } from './reads';
import { undoPreview } from './undo-preview';

const { step: undoStep } = undoKind.open();

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;

beforeAll(async () => {
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  tagId = await createTestTag(sectionId, 'Imported');
});

const byHand = () => ({ sectionId, source: 'user' as const, userId: account.admin.userId });

async function profileOf(key: string): Promise<ProfileId | undefined> {
  const [found] = await rows<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = ${key}`,
  );
  return found?.id;
}

async function lastOperation(): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    pool(),
    sql`select max(id) as id from operation where section_id = ${sectionId}`,
  );
  return id;
}

async function imported(...emails: string[]): Promise<OperationId> {
  await importFile(account, ['Email', ...emails].join('\n'), { apply: [tagId] });
  return lastOperation();
}

async function startUndo(operationId: OperationId): Promise<OperationId> {
  const result = await undoOperation(account.admin, { sectionId, operationId });
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.undoId;
}

const undo = async (operationId: OperationId) => runToEnd(sectionId, await startUndo(operationId));

describe('undo of an import during other writes', () => {
  it('keeps a person whom somebody tags at the same time', async () => {
    const operationId = await imported('ann@example.com', 'bo@example.com');
    const ann = (await profileOf('ann@example.com'))!;
    const other = await createTestTag(sectionId, 'Other');
    const undoId = await startUndo(operationId);
    const tagging = await hold((tx) => changeTags(tx, byHand(), wantedForOne(ann, { apply: [other], remove: [] })));
    const undone = runToEnd(sectionId, undoId);
    await untilWaiting();
    await tagging.commit();
    expect(await undone).toMatchObject({ profilesRemoved: 1, profilesKept: 1 });
    expect(await profileOf('ann@example.com')).toBe(ann);
    const held = await rows(pool(), sql`select tag_id from profile_tag where profile_id = ${ann}`);
    expect(held).toEqual([{ tag_id: other }]);
  });

  it('lets a person who is tagged a moment later be created again by their key', async () => {
    const operationId = await imported('ann@example.com');
    const ann = (await profileOf('ann@example.com'))!;
    const undoId = await startUndo(operationId);
    const other = await createTestTag(sectionId, 'Other');
    // The undo has deleted the person but not committed yet.
    const undoing = await hold(async (tx) => {
      const operation = {
        ...(await getOperation(pool(), sectionId, undoId))!,
        sectionId,
        userId: null,
        apiKeyId: null,
      };
      for (const phase of [0, 1, 2]) await undoStep(tx, { ...operation, phase, cursor: 0, input: {} });
    });
    const tagged = changeTagsByKey(account.admin, {
      sectionId,
      keyspaceId: account.keyspaces.email,
      key: 'ann@example.com',
      apply: [String(other)],
    });
    await untilWaiting();
    await undoing.commit();
    expect(await tagged).toMatchObject({ ok: true, value: { applied: 1 } });
    const again = await profileOf('ann@example.com');
    expect(again).toBeDefined();
    expect(again).not.toBe(ann);
  });

  it('keeps a person who has given a consent since', async () => {
    const operationId = await imported('ann@example.com');
    const topic = await createTopic(account.admin, { sectionId, name: 'News' });
    if (!topic.ok) throw new Error(topic.refusal.message);
    await setConsentByKey(account.admin, {
      sectionId,
      keyspaceId: account.keyspaces.email,
      key: 'ann@example.com',
      topic: topic.value.discriminator,
      channel: 'email',
      type: 'opt-in',
    });
    expect(await undo(operationId)).toMatchObject({ profilesRemoved: 0, profilesKept: 1 });
  });

  it('does not restore a tag that somebody applies and removes at the same time', async () => {
    const [profileId] = (await createTestProfiles(sectionId, 1)) as [ProfileId];
    await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId] });
    const bulk = await bulkTag(account.admin, { sectionId, selection: { kind: 'all', filter: {} }, remove: [tagId] });
    if (!bulk.ok) throw new Error(bulk.refusal.message);
    await runToEnd(sectionId, bulk.value.operationId);
    const undoId = await startUndo(bulk.value.operationId);
    const changing = await hold(async (tx) => {
      await changeTags(tx, byHand(), wantedForOne(profileId, { apply: [tagId], remove: [] }));
      await changeTags(tx, byHand(), wantedForOne(profileId, { apply: [], remove: [tagId] }));
    });
    const undone = runToEnd(sectionId, undoId);
    await untilWaiting();
    await changing.commit();
    expect(await undone).toMatchObject({ undone: 0, kept: 1 });
    expect(await rows(pool(), sql`select from profile_tag where profile_id = ${profileId}`)).toEqual([]);
  });
});

describe('the database itself', () => {
  it('refuses to delete a profile that still has a tag', async () => {
    await imported('ann@example.com');
    const ann = await profileOf('ann@example.com');
    await expect(
      execute(pool(), sql`delete from profile where section_id = ${sectionId} and id = ${ann}`),
    ).rejects.toMatchObject({ message: expect.stringContaining('profile_tag') as string });
  });
});

describe('an undo', () => {
  it('requested three times at once is started once', async () => {
    const operationId = await imported('ann@example.com');
    const locked = await hold((tx) =>
      execute(tx, sql`select from operation where section_id = ${sectionId} and id = ${operationId} for update`),
    );
    const undos = [1, 2, 3].map(() => undoOperation(account.admin, { sectionId, operationId }));
    await untilWaiting(3);
    await locked.commit();
    const answers = await Promise.all(undos);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('that was stopped halfway can be repeated, and finishes', async () => {
    const operationId = await imported('ann@example.com', 'bo@example.com');
    const stopped = await startUndo(operationId);
    let cancelling: Promise<unknown> | undefined;
    const onlyTags = async (...args: Parameters<typeof undoStep>) => {
      const result = await undoStep(...args);
      // Waits for the operation's row, which the step has locked, and so gets it before the next step.
      cancelling = cancelOperation(account.admin, { sectionId, operationId: stopped });
      await untilWaiting();
      return result;
    };
    await expect(runToEnd(sectionId, stopped, [withStep(undoKind, onlyTags)])).rejects.toThrow('cancelled');
    expect(await cancelling).toMatchObject({ ok: true });
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ undoneBy: null });
    expect(await undo(operationId)).toMatchObject({ kept: 0, profilesRemoved: 2, profilesKept: 0 });
    expect(await profileOf('ann@example.com')).toBeUndefined();
  });
});

/** When the statement started that waits for a lock. */
async function waitingSince(): Promise<number> {
  const [since] = await waitingForLocks();
  return since?.getTime() ?? 0;
}

describe('an undo after changes that were themselves undone', () => {
  let profileId: ProfileId;
  let operationId: OperationId;

  const bulk = async (tags: { apply?: TagId[]; remove?: TagId[] }): Promise<OperationId> => {
    const selection = { kind: 'ids' as const, ids: [profileId] };
    const result = await bulkTag(account.admin, { sectionId, selection, ...tags });
    if (!result.ok) throw new Error(result.refusal.message);
    await runToEnd(sectionId, result.value.operationId);
    return result.value.operationId;
  };
  const has = async () => {
    const held = await rows(pool(), sql`select from profile_tag where profile_id = ${profileId} and tag_id = ${tagId}`);
    return held.length === 1;
  };

  beforeEach(async () => {
    [profileId] = (await createTestProfiles(sectionId, 1)) as [ProfileId];
    operationId = await bulk({ apply: [tagId] });
  });

  it('takes the tag off whom a person had removed it from, and undone that', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId, remove: [tagId] });
    await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId], undo: true });
    expect(await undoPreview({ sectionId, operationId })).toMatchObject({ tags: [{ comeOff: 1, stay: 0 }] });
    expect(await undo(operationId)).toMatchObject({ undone: 1, kept: 0 });
    expect(await has()).toBe(false);
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ undoneInWords: 'Undone' });
  });

  it('does so after another bulk change that was undone, but not after one that was made again', async () => {
    const removal = await bulk({ remove: [tagId] });
    const taken = await startUndo(removal);
    await runToEnd(sectionId, taken);
    expect(await undoPreview({ sectionId, operationId })).toMatchObject({ tags: [{ comeOff: 1, stay: 0 }] });
    await undo(taken);
    expect(await undoPreview({ sectionId, operationId })).toMatchObject({ tags: [{ comeOff: 0, stay: 1 }] });
  });

  it('keeps the tag of whom somebody removed and applied it', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId, remove: [tagId] });
    await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId] });
    expect(await undoPreview({ sectionId, operationId })).toMatchObject({ tags: [{ comeOff: 0, stay: 1 }] });
  });

  it('that changed nothing leaves the operation as it was, to be undone later', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId, remove: [tagId] });
    const useless = await startUndo(operationId);
    expect(await runToEnd(sectionId, useless)).toMatchObject({ undone: 0, kept: 1 });
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({
      undoneBy: null,
      undoneInWords: 'Nothing undone',
      undoable: true,
    });
    expect(await getOperation(pool(), sectionId, useless)).toMatchObject({ undoable: false });
    expect(await undoOperation(account.admin, { sectionId, operationId: useless })).toMatchObject({
      refusal: { message: 'This changed nothing, so there is nothing to redo.' },
    });
    await changeProfileTags(account.admin, { sectionId, profileId, apply: [tagId], undo: true });
    const undoId = await startUndo(operationId);
    expect(await runToEnd(sectionId, undoId)).toMatchObject({ undone: 1 });
    await undo(undoId);
    expect(await has()).toBe(true);
    expect(await getOperation(pool(), sectionId, operationId)).toMatchObject({ undoneBy: null });
  });
});

describe('the preview of an undo', () => {
  it('shows who is deleted, who stays and why, and what happens to tags', async () => {
    const { email } = account.keyspaces;
    const before = await imported('old@example.com');
    await undo(before);
    const operationId = await imported('ann@example.com', 'bo@example.com', 'cy@example.com', 'di@example.com');
    const [bo, cy] = [(await profileOf('bo@example.com'))!, (await profileOf('cy@example.com'))!];
    await updateProfile(account.admin, {
      sectionId,
      profileId: bo,
      keys: [{ keyspaceId: email, key: 'bo@example.com' }],
      attributes: { firstname: 'Bo' },
    });
    await changeProfileTags(account.admin, { sectionId, profileId: cy, remove: [tagId] });
    const preview = await undoPreview({ sectionId, operationId });
    expect(preview).toEqual({
      kind: 'undo',
      operationId,
      summary: 'Import “people.csv”',
      people: {
        go: 2,
        stay: 2,
        examples: [
          { profileId: bo, name: 'Bo', reason: 'edited since' },
          { profileId: cy, name: 'cy@example.com', reason: 'tagged since' },
        ],
        comeBack: 0,
        lost: 0,
      },
      values: { goBack: 0, links: 0, stay: 0 },
      consents: { goBack: 0, stay: 0 },
      tags: [{ tagId, name: 'Imported', colour: null, comeOff: 3, comeBack: 0, stay: 1, claimed: 0, impossible: 0 }],
      entries: [],
      places: { back: 0, stay: 0 },
      estimated: false,
    });
    expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
    expect(await undo(operationId)).toMatchObject({ undone: 3, kept: 1, profilesRemoved: 2, profilesKept: 2 });
  });

  it('keeps a tag that a list has claimed since', async () => {
    await importFile(account, 'Email\nann@example.com\nbo@example.com');
    const operationId = await imported('ann@example.com', 'bo@example.com');
    const ann = (await profileOf('ann@example.com'))!;
    const holderId = await makeHolder(sectionId);
    await claimProfiles(sectionId, [ann], { tagId, holderId });
    expect(await undoPreview({ sectionId, operationId })).toMatchObject({
      tags: [{ comeOff: 1, stay: 0, claimed: 1 }],
    });
    expect(await undo(operationId)).toMatchObject({ undone: 2, kept: 0 });
    const held = await rows(
      pool(),
      sql`select profile_id as "profileId", direct from profile_tag where section_id = ${sectionId} and tag_id = ${tagId}`,
    );
    expect(held).toEqual([{ profileId: ann, direct: false }]);
    await claimProfiles(sectionId, [ann], { tagId, holderId, apply: false });
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from profile_tag where section_id = ${sectionId} and tag_id = ${tagId}`,
    );
    expect(left).toBe(0);
  });

  it('counts restored values, and what a hidden tag makes impossible', async () => {
    await importFile(account, 'Email,Name\nann@example.com,Ann\nbo@example.com,Bo');
    await importFile(account, 'Email,Name\nann@example.com,Anna\nbo@example.com,Bob', { apply: [tagId] });
    const operationId = await lastOperation();
    await updateProfile(account.admin, {
      sectionId,
      profileId: (await profileOf('bo@example.com'))!,
      keys: [],
      attributes: { firstname: 'Robert' },
    });
    await hideTag(account.admin, { sectionId, tagId });
    const preview = await undoPreview({ sectionId, operationId });
    expect(preview).toMatchObject({
      people: { go: 0, stay: 0 },
      values: { goBack: 1, links: 0, stay: 1 },
      consents: { goBack: 0, stay: 0 },
      tags: [{ comeOff: 0, stay: 0, impossible: 2 }],
    });
    expect(await undo(operationId)).toMatchObject({ impossible: 2, profilesRestored: 1, profilesKept: 1 });
  });

  it('uses a sample if counting takes too long', async () => {
    const operationId = await imported(...Array.from({ length: 40 }, (_, index) => `p${index}@example.com`));
    const locked = await hold((tx) => execute(tx, sql`lock table consent_change in access exclusive mode`));
    const preview = undoPreview({ sectionId, operationId }, { exactSeconds: 0.2, sampleSize: 20 });
    await untilWaiting();
    const first = await waitingSince();
    await expect.poll(waitingSince, { timeout: 20_000, interval: 10 }).toBeGreaterThan(first);
    await locked.commit();
    const { people, estimated } = await preview;
    expect({ estimated, stay: people.stay, even: people.go % 2 }).toEqual({ estimated: true, stay: 0, even: 0 });
    expect(people.go).toBeGreaterThan(0);
  });

  it('is refused without access to the section, and if there is nothing to undo', async () => {
    const operationId = await imported('ann@example.com');
    const stranger = await createTestAccount();
    expect(await readUndoPreview(stranger.owner, { sectionId, operationId })).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
    await undo(operationId);
    expect(await readUndoPreview(account.admin, { sectionId, operationId })).toMatchObject({
      ok: false,
      refusal: { message: 'This has been undone already.' },
    });
  });
});
