// A tag restored by an undo keeps its original source everywhere that shows one.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientActor } from '@/lib/access/actor';
import { createApiKey } from '@/lib/accounts/api-keys';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { tagsByKey } from '@/lib/clients/one-profile';
import { membersOfTag } from '@/lib/clients/feed';
import type { TimelineItem } from '@/lib/followers/timeline';
import { profileTimeline } from '@/lib/people/timeline';
import { getProfile } from '@/lib/profiles/queries';
import type { ProfileDetails } from '@/lib/profiles/schema';
import { openRules } from '@/lib/segments/definitions';
import { explainFor } from '@/lib/segments/explain';
import { getTag, tagGrowth } from '@/lib/tags/queries';
import { createTestAccount, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { importFile } from '@/testing/imports';
import { claimProfiles, makeHolder, membersIn, onTag, rulesOf, tagProfiles, valueOf } from '@/testing/segments';
import { bulkTag } from './bulk-tag';
import { undoOperation } from '@/lib/activity/commands';

const DAY = 86_400_000;

let account: TestAccount;
let sectionId: SectionId;
let tagId: TagId;
let ann: ProfileId;
let client: ClientActor;

beforeEach(async () => {
  account = await createTestAccount();
  sectionId = account.sectionId;
  tagId = await createTestTag(sectionId, 'VIP');
  await importFile(account, 'Email\nann@example.com', { apply: [tagId] });
  ({ id: ann } = await one<{ id: ProfileId }>(
    pool(),
    sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = 'ann@example.com'`,
  ));
  const rights = { name: 'Web shop', sections: 'all', keyspaces: 'all', canWrite: true } as const;
  const { id } = valueOf(await createApiKey(account.admin, { ...rights, expiresAt: null }));
  const { accountId } = account;
  client = { ...rights, kind: 'client', apiKeyId: id, accountId, from: { ip: null, userAgent: null } };
});

const email = () => ({ sectionId, keyspaceId: account.keyspaces.email, key: 'ann@example.com' });
const profile = async () => (await getProfile(pool(), sectionId, ann)) as ProfileDetails;
const timeline = async (): Promise<TimelineItem[]> =>
  (await profileTimeline(pool(), sectionId, ann, { only: 'tags' })).items;

async function removeAndUndo(): Promise<Date> {
  const selection = { kind: 'ids' as const, ids: [ann] };
  const { operationId } = valueOf(await bulkTag(account.marketer, { sectionId, selection, remove: [tagId] }));
  await runToEnd(sectionId, operationId);
  expect((await profile()).tags.map(({ id }) => id)).not.toContain(tagId);
  const between = new Date();
  const { undoId } = valueOf(await undoOperation(account.admin, { sectionId, operationId }));
  await runToEnd(sectionId, undoId);
  return between;
}

/** Everything that shows the source of the tag, and since when the profile has it. */
async function story() {
  const { members } = await membersOfTag(
    pool(),
    { sectionId, keyspace: { id: account.keyspaces.email, kind: 'email', name: '', discriminator: '' }, tagId },
    { after: 0, limit: 10 },
  );
  const from = async (source: 'import' | 'bulk' | 'undo' | 'user' | 'integration', at?: Date) =>
    (await membersIn(sectionId, rulesOf(onTag(tagId, { source })), at && { at })).length;
  const now = new Date(Date.now() + 1_000);
  return {
    chip: (await profile()).tags,
    api: await tagsByKey(pool(), client, email()),
    members,
    sources: {
      import: await from('import'),
      user: await from('user'),
      integration: await from('integration'),
      bulk: await from('bulk'),
      undo: await from('undo'),
    },
    past: { import: await from('import', now), user: await from('user', now), undo: await from('undo', now) },
    lastApplied: (await getTag(pool(), sectionId, tagId))!.lastApplied,
    applied: (await tagGrowth(pool(), sectionId, tagId))
      .filter(({ source }) => source !== 'undo')
      .map(({ source, applied }) => ({ source, applied }))
      .filter(({ applied }) => applied > 0),
  };
}

describe('a tag that was removed in bulk, and undone', () => {
  it('shows its import again: in the chip, to clients, in present and past segments, in growth', async () => {
    const before = await story();
    expect(before).toMatchObject({
      chip: [{ source: 'import', through: 'people.csv' }],
      sources: { import: 1, undo: 0 },
      past: { import: 1 },
      applied: [{ source: 'import', applied: 1 }],
    });
    const between = await removeAndUndo();
    expect(await story()).toEqual(before);
    expect(await membersIn(sectionId, rulesOf(onTag(tagId)), { at: between })).toEqual([]);
  });

  it('is one line in the timeline, with the person who undid', async () => {
    await removeAndUndo();
    const items = await timeline();
    expect(items).toMatchObject([
      {
        what: 'removed',
        from: expect.stringContaining(`Bulk change by ${account.marketer.name}`) as string,
        undone: { by: account.admin.name },
      },
      { what: 'applied', from: `Import by ${account.admin.name} · people.csv`, undone: null },
    ]);
    expect(items[0]!.undone!.at.getTime()).toBeGreaterThanOrEqual(items[0]!.at.getTime());
  });

  it('does not count as newly applied, and the explanation names its import', async () => {
    await removeAndUndo();
    for (const test of ['has', 'held_by', 'got'] as const) {
      const rules = rulesOf(onTag(tagId, { test }));
      const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
      expect((await explainFor(pool(), sectionId, opened, ann))!.items[0]).toMatchObject({
        holds: true,
        evidence: { kind: 'tag', entry: { action: 'applied', source: 'import', through: 'people.csv' } },
      });
    }
    const lately = { kind: 'last' as const, count: 1, unit: 'hours' as const };
    const old = await createTestTag(sectionId, 'Old');
    await tagProfiles(sectionId, [ann], { apply: [old] }, { at: new Date(Date.now() - 400 * DAY) });
    tagId = old;
    await removeAndUndo();
    const gotLately = rulesOf(onTag(old, { test: 'got', when: lately }));
    expect(await membersIn(sectionId, gotLately)).toEqual([]);
    expect((await profile()).tags.find(({ id }) => id === old)!.since!.getTime()).toBeLessThan(Date.now() - 399 * DAY);
  });

  it('can be removed and restored many times', async () => {
    const before = await story();
    await removeAndUndo();
    await removeAndUndo();
    expect(await story()).toEqual(before);
    expect((await timeline()).map(({ what, undone }) => `${what} ${undone !== null}`)).toEqual([
      'removed true',
      'removed true',
      'applied false',
    ]);
  });

  it('that was applied by hand since shows that, and a later removal by hand is a removal', async () => {
    await tagProfiles(sectionId, [ann], { remove: [tagId] });
    await tagProfiles(sectionId, [ann], { apply: [tagId] }, { userId: account.marketer.userId });
    await removeAndUndo();
    expect(await story()).toMatchObject({
      chip: [{ source: 'user', by: account.marketer.name }],
      sources: { import: 0, user: 1 },
      past: { import: 0, user: 1 },
    });
    await tagProfiles(sectionId, [ann], { remove: [tagId] });
    expect((await timeline())[0]).toMatchObject({ what: 'removed', undone: null });
  });

  it('that a list claimed has that list as its source', async () => {
    const listed = await createTestTag(sectionId, 'Dynamics: Trade Show');
    const holderId = await makeHolder(sectionId, 'Trade Show 2025');
    await claimProfiles(sectionId, [ann], { tagId: listed, holderId });
    tagId = listed;
    const before = await story();
    expect(before).toMatchObject({ sources: { integration: 1, undo: 0 } });
    expect((await profile()).tags.find(({ id }) => id === listed)).toMatchObject({
      source: 'integration',
      through: 'Trade Show 2025',
    });
    const selection = { kind: 'ids' as const, ids: [ann] };
    const { operationId } = valueOf(await bulkTag(account.marketer, { sectionId, selection, remove: [listed] }));
    await runToEnd(sectionId, operationId);
    const { undoId } = valueOf(await undoOperation(account.admin, { sectionId, operationId }));
    await runToEnd(sectionId, undoId);
    expect(await story()).toEqual(before);
  });
});

describe('the origin of a change', () => {
  it('is derived from the operation and API key for rows without an origin', async () => {
    const { operationId } = await one<{ operationId: number }>(
      pool(),
      sql`select operation_id as "operationId" from import where section_id = ${sectionId}`,
    );
    const insert = async (name: string, source: number, operation: number | null, apiKeyId: number | null) => {
      const id = await createTestTag(sectionId, name);
      await execute(
        pool(),
        sql`insert into tag_change (section_id, tag_id, profile_id, action, visible, source, operation_id, api_key_id)
            values (${sectionId}, ${id}, ${ann}, 1, true, ${source}, ${operation}, ${apiKeyId})`,
      );
    };
    await insert('From a file', 3, operationId, null);
    await insert('From a shop', 7, null, client.apiKeyId);
    await insert('From a job of the shop', 7, operationId, client.apiKeyId);
    await insert('In bulk', 2, operationId, null);
    await insert('By hand', 1, null, null);
    const found = (await timeline()).map(({ about, from }) => [about, from]);
    const { summary } = await one<{ summary: string }>(
      pool(),
      sql`select summary from operation where section_id = ${sectionId} and id = ${operationId}`,
    );
    expect(Object.fromEntries(found)).toEqual({
      VIP: `Import by ${account.admin.name} · people.csv`,
      'From a file': 'Import · people.csv',
      'From a shop': 'API: Web shop',
      'From a job of the shop': 'API: Web shop',
      'In bulk': `Bulk change · ${summary}`,
      'By hand': 'By hand',
    });
  });

  it('is stored permanently with each new row', async () => {
    const { importId, entry } = await one<{ importId: number; entry: { origin_id: number } }>(
      pool(),
      sql`
        select import.id as "importId", to_jsonb(change) as entry
        from import
        join tag_change change on change.section_id = import.section_id and change.operation_id = import.operation_id
        where import.section_id = ${sectionId}`,
    );
    expect(entry.origin_id).toBe(importId);
  });
});
