// What a dry run says besides tags: values that would change, who matches several profiles, and what waits.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { UserActor } from '@/lib/access/actor';
import { readOperation } from '@/lib/activity/reads';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { answerHeld, applyDryRun } from './run-commands';
import { readLists, readRunLines, readRunPeople, readRunValues } from './reads';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Values'));
});
afterEach(() => shop.stop());

const runOf = async (runId: number) => {
  const { lines } = valueOf(await readRunLines(account.admin, { ...shop.where, show: 'all', limit: 5 }));
  return lines.flatMap((line) => (line.kind === 'run' && line.run.id === runId ? [line.run] : []))[0]!;
};

it('counts the values that a dry run would fill and overwrite, until it has been applied', async () => {
  const { world } = shop.crm;
  await shop.set({
    fields: [
      { field: 'first_name', code: 'firstname', existing: 'fill' },
      { field: 'last_name', code: 'lastname', existing: 'overwrite' },
    ],
  });
  await shop.profile('a@example.org');
  await shop.profile('b@example.org');
  const ids = [
    world.addContact({ email: 'a@example.org', firstName: 'Ada', lastName: 'Byron' }),
    world.addContact({ email: 'b@example.org', firstName: 'Bo', lastName: 'Berg' }),
  ];
  await shop.keep(world.addList('Trade Show', ids), 'Trade Show');
  await execute(
    pool(),
    sql`
      update profile set attributes = attributes || '{"firstname": "Kept", "lastname": "Old"}'
      where section_id = ${shop.sectionId} and attributes ->> 'email' = 'a@example.org'`,
  );
  const runId = await shop.start(true);
  await shop.finish(runId);
  const values = async () => valueOf(await readRunValues(account.admin, { sectionId: shop.sectionId, runId }));
  expect(await values()).toMatchObject([
    { code: 'firstname', filled: 1, replaced: 0, cleared: 0 },
    { code: 'lastname', filled: 1, replaced: 1, cleared: 0 },
  ]);
  valueOf(await applyDryRun(account.admin, { sectionId: shop.sectionId, runId }));
  await shop.operate(runId);
  expect(await values()).toEqual([]);
  expect(await runOf(runId)).toMatchObject({ changedAnything: true, done: { tagged: 2, untagged: 0, waiting: 0 } });
});

it('names the profiles that an ambiguous contact matches', async () => {
  const { world } = shop.crm;
  const [first, second] = [await shop.profile('a@example.org'), await shop.profile('b@example.org')];
  const contact = world.addContact({ email: 'a@example.org;b@example.org' });
  const listId = await shop.keep(world.addList('Trade Show', [contact]), 'Trade Show');
  const runId = await shop.start(true);
  await shop.finish(runId);
  const asked = { sectionId: shop.sectionId, runId, listId, group: 'ambiguous' as const, limit: 10 };
  expect(valueOf(await readRunPeople(account.admin, asked))).toMatchObject([
    {
      profileId: null,
      matches: [
        { id: first, name: 'a@example.org' },
        { id: second, name: 'b@example.org' },
      ],
    },
  ]);
});

it('a sync that waits for an answer is shown so at its list, to Admins only, and the wait is no part of the time it took', async () => {
  const emails = ['a@example.org', 'b@example.org'];
  await shop.set({ guard: { emptied: 2 } });
  const { list, ids } = await shop.synced(emails);
  shop.crm.world.removeMembers(list, ids);
  const runId = await shop.start(false);
  const { lists, operationId } = await shop.finish(runId);
  const shown = valueOf(await readLists(account.admin, { ...shop.where, limit: 1 }));
  expect(shown.lists).toMatchObject([{ waits: true, last: { seen: 0, matched: 0, keptOff: 0 } }]);
  const operation = async (actor: UserActor) =>
    valueOf(await readOperation(actor, { sectionId: shop.sectionId, operationId: operationId! }));
  expect((await operation(account.admin)).page?.words).toBe('Open the sync');
  expect((await operation({ ...account.marketer, sections: [shop.sectionId] })).page).toBeNull();
  expect(await runOf(runId)).toMatchObject({ status: 'held', done: { tagged: 0, untagged: 0, waiting: 2 } });
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await execute(
    pool(),
    sql`
      update sync_run set finished_at = ${anHourAgo}, created_at = ${anHourAgo}
      where section_id = ${shop.sectionId} and id = ${runId}`,
  );
  valueOf(
    await answerHeld(account.admin, { sectionId: shop.sectionId, runId, listId: lists[0]!.listId, remove: true }),
  );
  await shop.operate(runId);
  const { waitedSeconds, done } = await runOf(runId);
  expect(waitedSeconds).toBeGreaterThanOrEqual(3_600);
  expect(done).toEqual({ tagged: 0, untagged: 2, waiting: 0 });
});
