// Tag changes that race with hiding and merging tags: no confirmed change is lost, in whichever order they commit.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientActor } from '@/lib/access/actor';
import type { OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql, type Tx } from '@/lib/db/sql';
import { changeTagsByKey, createByKey } from './one-profile';
import { changeProfileTags } from '@/lib/profiles/commands';
import { mergePeople } from '@/lib/people/across-sections';
import { changeManyByKey } from './batches';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { hideTag } from '@/lib/tags/commands';
import { importFile } from '@/testing/imports';
import { createTestAccount, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { hold, untilWaiting } from '@/testing/races';
import { expectInvariants } from '@/testing/invariants';
import { bulkTag } from '@/lib/operations/bulk-tag';
import { readOperation } from '@/lib/work/queries';
import { mergeTagKind, mergeTags } from '@/lib/operations/merge-tag';

let account: TestAccount;
let sectionId: SectionId;
let where: { sectionId: SectionId; keyspaceId: TestAccount['keyspaces']['email'] };
let a: TagId;
let b: TagId;
let ann: ProfileId;
let client: TestAccount['admin'];

beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  where = { sectionId, keyspaceId: account.keyspaces.email };
  client = account.admin;
  a = await createTestTag(sectionId, 'A');
  b = await createTestTag(sectionId, 'B');
  ann = await create('ann@example.com');
});

async function create(key: string): Promise<ProfileId> {
  const created = await createByKey(client, { ...where, key });
  if (!created.ok) throw new Error(created.refusal.message);
  return created.value.id;
}

async function tagsOf(profileId: ProfileId): Promise<string[]> {
  const found = await rows<{ name: string }>(
    pool(),
    sql`
      select tag.name from profile_tag held
      join tag on tag.section_id = held.section_id and tag.id = held.tag_id
      where held.section_id = ${sectionId} and held.profile_id = ${profileId} and tag.hidden_at is null
      order by tag.name`,
  );
  return found.map(({ name }) => name);
}

async function startMerge(): Promise<OperationId> {
  const started = await mergeTags(account.admin, { sectionId, fromId: a, intoId: b });
  if (!started.ok) throw new Error(started.refusal.message);
  return started.value.operationId;
}

/** The last step of a merge of A into B, as its worker would run it. */
async function lastStep(tx: Tx, id: OperationId, cursor = 0): Promise<void> {
  const operation = await readOperation(pool(), sectionId, id);
  const { input } = await one<{ input: unknown }>(pool(), sql`select input from operation where id = ${id}`);
  const row = { ...operation!, sectionId, input, cursor, userId: account.admin.userId, apiKeyId: null };
  expect(await mergeTagKind.open().step(tx, row)).toMatchObject({ done: true });
}

const byHand = () => ({ sectionId, source: 'user' as const, userId: account.admin.userId });

/** Runs `change` while the last step of merging A into B is uncommitted, and commits it once the change waits. */
async function whileMerging<T>(change: () => Promise<T>): Promise<T> {
  const merge = await startMerge();
  const merging = await hold((tx) => lastStep(tx, merge));
  const changed = change();
  // It may be refused before somebody asks for it.
  changed.catch(() => undefined);
  await untilWaiting();
  await merging.commit();
  return changed;
}

describe('while A is merged into B', () => {
  it('a client that applies A applies B', async () => {
    const applied = await whileMerging(() =>
      changeTagsByKey(client, { ...where, key: 'ann@example.com', apply: [String(a)] }),
    );
    expect(applied).toMatchObject({ ok: true, value: { applied: 1 } });
    expect(await tagsOf(ann)).toEqual(['B']);
    await expectInvariants();
  });

  it('a client that applies A and another tag applies B and the other', async () => {
    const c = await createTestTag(sectionId, 'C');
    const apply = [String(a), String(c)];
    await whileMerging(() => changeTagsByKey(client, { ...where, key: 'ann@example.com', apply }));
    expect(await tagsOf(ann)).toEqual(['B', 'C']);
  });

  it('a client that removes A removes B', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId: ann, apply: [a] });
    await whileMerging(() => changeTagsByKey(client, { ...where, key: 'ann@example.com', remove: [String(a)] }));
    expect(await tagsOf(ann)).toEqual([]);
    await expectInvariants();
  });

  it('a batch that applies A applies B', async () => {
    const changes = ['ann@example.com', 'bo@example.com'].map((key) => ({ key, tag: String(a), apply: true }));
    expect(await whileMerging(() => changeManyByKey(client, { ...where, changes }))).toMatchObject({
      ok: true,
      value: {
        applied: 2,
        outcomes: [
          { ok: true, tagId: b },
          { ok: true, tagId: b },
        ],
      },
    });
    expect(await tagsOf(ann)).toEqual(['B']);
  });

  it('a person in the browser is informed that A has been hidden', async () => {
    const applied = await whileMerging(() =>
      changeProfileTags(account.admin, { sectionId, profileId: ann, apply: [a] }),
    );
    expect(applied).toMatchObject({ ok: false, refusal: { code: 'hidden' } });
  });

  it('a bulk change of A continues with B', async () => {
    const bulk = await bulkTag(account.admin, { sectionId, selection: { kind: 'all', filter: {} }, apply: [a] });
    if (!bulk.ok) throw new Error(bulk.refusal.message);
    const { operationId } = bulk.value;
    await whileMerging(() => runToEnd(sectionId, operationId));
    expect(await tagsOf(ann)).toEqual(['B']);
    await expectInvariants();
  });

  it('an import whose column names A applies B', async () => {
    await whileMerging(() => importFile(account, 'Email,Tags\nann@example.com,A\nbo@example.com,A', { tags: true }));
    expect(await tagsOf(ann)).toEqual(['B']);
    await expectInvariants();
  });

  it('an import that was started earlier and applies A to everyone applies B', async () => {
    const merge = async () => runToEnd(sectionId, await startMerge());
    await importFile(account, 'Email\nann@example.com', { apply: [a], started: merge });
    expect(await tagsOf(ann)).toEqual(['B']);
  });

  it('a profile that got A just before the merge gets B', async () => {
    const merge = await startMerge();
    const writing = await hold((tx) => changeTags(tx, byHand(), wantedForOne(ann, { apply: [a], remove: [] })));
    const merged = runToEnd(sectionId, merge);
    await untilWaiting();
    await writing.commit();
    await merged;
    expect(await tagsOf(ann)).toEqual(['B']);
    await expectInvariants();
  });

  it('a profile that got A behind the cursor of the merge gets B', async () => {
    const merge = await startMerge();
    await changeProfileTags(account.admin, { sectionId, profileId: ann, apply: [a] });
    const merging = await hold((tx) => lastStep(tx, merge, ann + 1));
    await merging.commit();
    expect(await tagsOf(ann)).toEqual(['B']);
  });

  it('a profile that lost A after a merge step had applied B loses B', async () => {
    await changeProfileTags(account.admin, { sectionId, profileId: ann, apply: [a] });
    const merge = await startMerge();
    const cause = { ...byHand(), source: 'merge' as const, operationId: merge };
    const earlier = await hold((tx) => changeTags(tx, cause, wantedForOne(ann, { apply: [b], remove: [] })));
    await earlier.commit();
    await changeProfileTags(account.admin, { sectionId, profileId: ann, remove: [a] });
    const merging = await hold((tx) => lastStep(tx, merge, ann + 1));
    await merging.commit();
    expect(await tagsOf(ann)).toEqual([]);
    await expectInvariants();
  });
});

describe('while A is hidden', () => {
  /** Runs `change` while hiding A is uncommitted, and commits it once the change waits. */
  async function whileHiding<T>(change: () => Promise<T>): Promise<T> {
    const hiding = await hold(async (tx) => {
      await rows(tx, sql`select from tag where section_id = ${sectionId} and id = ${a} for update`);
      await rows(tx, sql`update tag set hidden_at = now() where section_id = ${sectionId} and id = ${a}`);
    });
    const changed = change();
    // It may be refused before somebody asks for it.
    changed.catch(() => undefined);
    await untilWaiting();
    await hiding.commit();
    return changed;
  }

  it('a client that applies A is refused, and nothing is written', async () => {
    const applied = await whileHiding(() =>
      changeTagsByKey(client, { ...where, key: 'ann@example.com', apply: [String(a)] }),
    );
    expect(applied).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    expect(await rows(pool(), sql`select from profile_tag where section_id = ${sectionId}`)).toEqual([]);
  });

  it('a bulk change of A stops with a reason', async () => {
    const bulk = await bulkTag(account.admin, { sectionId, selection: { kind: 'all', filter: {} }, apply: [a] });
    if (!bulk.ok) throw new Error(bulk.refusal.message);
    const { operationId } = bulk.value;
    const run = () => runToEnd(sectionId, operationId);
    await expect(whileHiding(run)).rejects.toThrow('“A” has been hidden');
  });

  it('an import whose column names A stops and says where', async () => {
    const run = () => importFile(account, 'Email,Tags\nann@example.com,A', { tags: true });
    await expect(whileHiding(run)).rejects.toThrow(/“A” \(line 2\).*hidden or renamed/);
  });

  it('an import that was started earlier and applies A to everyone stops with a reason', async () => {
    const started = () => hideTag(account.admin, { sectionId, tagId: a });
    await expect(importFile(account, 'Email\nann@example.com', { apply: [a], started })).rejects.toThrow(
      '“A” has been hidden',
    );
  });

  it('hiding waits for a transaction that is applying A', async () => {
    const writing = await hold((tx) => changeTags(tx, byHand(), wantedForOne(ann, { apply: [a], remove: [] })));
    const hidden = hideTag(account.admin, { sectionId, tagId: a });
    await untilWaiting();
    await writing.commit();
    expect(await hidden).toMatchObject({ ok: true });
    await expectInvariants();
  });
});

describe('while two profiles are merged', () => {
  it('a tag removed by the key of the merged profile does not remain on the other', async () => {
    const byCrm = { sectionId, keyspaceId: account.keyspaces.crm_id, key: '17' };
    await changeTagsByKey(client, { ...byCrm, apply: [String(a)] });
    const { id: merged } = await one<{ id: ProfileId }>(
      pool(),
      sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = '17'`,
    );
    // Holds the merge at its end, before it writes a key of the remaining profile.
    const held = await hold((tx) => rows(tx, sql`lock table profile_merge in exclusive mode`));
    const api: ClientActor = {
      ...CLIENT,
      accountId: account.accountId,
      sections: [sectionId],
      apiKeyId: null as never,
    };
    const merging = mergePeople(api, {
      profiles: [
        { keyspaceId: where.keyspaceId, key: 'ann@example.com' },
        { keyspaceId: byCrm.keyspaceId, key: byCrm.key },
      ],
    });
    await untilWaiting();
    const removed = changeTagsByKey(client, { ...byCrm, remove: [String(a)] });
    await untilWaiting(2);
    await held.commit();
    expect(await merging).toMatchObject({ ok: true });
    expect(await removed).toMatchObject({ ok: true, value: { removed: 1 } });
    expect(await tagsOf(ann)).toEqual([]);
    expect(await tagsOf(merged)).toEqual([]);
    await expectInvariants();
  });
});

const CLIENT = {
  kind: 'client',
  name: 'Web shop',
  keyspaces: 'all',
  canWrite: true,
  from: { ip: null, userAgent: null },
} as const;
