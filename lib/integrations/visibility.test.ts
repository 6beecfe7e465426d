// What the user of a connection may no longer see in the CRM is told apart from what was deleted there.
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { TestConnection } from '@/testing/sync';

let account: TestAccount;
let shop: TestConnection;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
beforeEach(async () => {
  shop = await TestConnection.open(account, await createTestSection(account.accountId, 'Sync'));
});
afterEach(() => shop.stop());

const statuses = async () =>
  (
    await rows<{ status: string }>(
      pool(),
      sql`select status from connection_list where section_id = ${shop.sectionId} order by id`,
    )
  ).map(({ status }) => status);

const anHourLater = () =>
  execute(
    pool(),
    sql`
      update connection_list set status_since = ${new Date(Date.now() - 3_600_000)}
      where section_id = ${shop.sectionId}`,
  );

async function synced(names: readonly string[]): Promise<string[]> {
  const ids = await shop.known(['a@example.org', 'b@example.org']);
  const lists = names.map((name) => shop.crm.world.addList(name, ids));
  for (const [index, list] of lists.entries()) await shop.keep(list, names[index]!);
  await shop.first();
  return lists;
}

it('most lists that are no longer visible are a permission that is gone: they fail, and none counts as deleted', async () => {
  const lists = await synced(['One', 'Two', 'Three']);
  for (const list of lists.slice(1)) shop.crm.world.deleteList(list);
  const words = expect.stringMatching(/^The CRM no longer shows 2 of the 3 lists .* a permission/) as string;
  for (let run = 0; run < 2; run++) {
    expect(await shop.sync()).toMatchObject({
      status: 'done',
      lists: [{ status: 'done' }, { status: 'failed', reason: words }, { status: 'failed', reason: words }],
    });
    expect(await statuses()).toEqual(['active', 'missing', 'missing']);
    await anHourLater();
  }
  shop.crm.world.deleteList(lists[0]!);
  expect(await shop.sync()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/^The CRM shows none of the 3 lists .* a permission/) as string,
  });
  expect(await shop.tagged('Three')).toHaveLength(2);
  for (const list of lists) shop.crm.world.restoreList(list);
  expect(await shop.sync()).toMatchObject({ status: 'done', lists: [{ status: 'done' }, {}, {}] });
  expect(await statuses()).toEqual(['active', 'active', 'active']);
});

it('a few that are no longer there were deleted, and do not count any more when others follow', async () => {
  const lists = await synced(['One', 'Two', 'Three']);
  for (const list of lists.slice(1).toReversed()) {
    shop.crm.world.deleteList(list);
    await shop.sync();
    await anHourLater();
    const run = await shop.sync();
    const reason = expect.stringMatching(/was deleted in the CRM/) as string;
    expect(run.lists.find(({ status }) => status !== 'done')).toMatchObject({ status: 'frozen', reason });
  }
  expect(await statuses()).toEqual(['active', 'gone', 'gone']);
});

it('a field that comes along and is no longer visible fails the sync by its name, and changes no list', async () => {
  await shop.set({ fields: [{ field: 'company', code: 'lastname' }] });
  const lists = await synced(['One', 'Two']);
  shop.crm.hideField('company');
  for (const list of lists) shop.crm.world.removeMembers(list, shop.crm.world.membersOf(list));
  expect(await shop.sync()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/no longer has the field “company”/) as string,
  });
  expect(await statuses()).toEqual(['active', 'active']);
  expect(await shop.tagged('One')).toHaveLength(2);
});
