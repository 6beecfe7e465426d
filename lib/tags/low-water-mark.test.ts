// The low-water mark of the ledger: no row appears at or below it, whatever the clock says.
import { beforeAll, expect, it } from 'vitest';
import type { ProfileId, TagId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { one, rows, sql, type Tx } from '@/lib/db/sql';
import { createTestAccount, createTestProfiles, createTestTag, type TestAccount } from '@/testing/fixtures';
import { changeTags, wantedForOne } from './change';
import { lowWaterMark } from './low-water-mark';

let account: TestAccount;
let profiles: ProfileId[];
let tagId: TagId;

beforeAll(async () => {
  account = await createTestAccount();
  profiles = await createTestProfiles(account.sectionId, 6);
  tagId = await createTestTag(account.sectionId, 'Settled');
});

const change = (tx: Tx, profileId: ProfileId) =>
  changeTags(
    tx,
    { sectionId: account.sectionId, source: 'user', userId: null },
    wantedForOne(profileId, { apply: [tagId], remove: [] }),
  );
const idsUpTo = async (horizon: number) =>
  (await rows<{ id: number }>(pool(), sql`select id from tag_change where id <= ${horizon} order by id`)).map(
    ({ id }) => id,
  );

/** A change whose transaction stays open until `commit` is called. */
function openChange(profileId: ProfileId): { changed: Promise<void>; commit: () => Promise<unknown> } {
  let release = () => {};
  let onChanged = () => {};
  const changed = new Promise<void>((resolve) => (onChanged = resolve));
  const done = transaction(async (tx) => {
    await change(tx, profileId);
    onChanged();
    await new Promise<void>((resolve) => (release = resolve));
  });
  return { changed, commit: () => (release(), done) };
}

it('waits for a change that was open when it was read, even if that seems to have begun later', async () => {
  const slow = openChange(profiles[0]!);
  await slow.changed;
  await transaction((tx) => change(tx, profiles[1]!));
  const before = await lowWaterMark();
  // The open change began earlier. After the clock was set back it would seem later, so nothing stored may depend on
  // the clock.
  const columns = await rows<{ name: string }>(
    pool(),
    sql`select column_name as name from information_schema.columns
        where table_name = 'ledger_horizon' and data_type like 'timestamp%'`,
  );
  expect(columns).toEqual([]);
  const again = await lowWaterMark();
  const { last } = await one<{ last: number }>(pool(), sql`select max(id) as last from tag_change`);
  expect([before, again].every((horizon) => horizon < last)).toBe(true);
  const read = await idsUpTo(again);
  await slow.commit();
  const settled = await lowWaterMark();
  expect(settled).toBeGreaterThanOrEqual(last);
  expect((await idsUpTo(again)).length).toBe(read.length);
});

it('does not wait for changes that began after it was read', async () => {
  await transaction((tx) => change(tx, profiles[2]!));
  const first = openChange(profiles[3]!);
  await first.changed;
  await lowWaterMark();
  const second = openChange(profiles[4]!);
  await second.changed;
  const { id } = await one<{ id: number }>(pool(), sql`select pending as id from ledger_horizon`);
  await first.commit();
  expect(await lowWaterMark()).toBeGreaterThanOrEqual(id);
  await second.commit();
});
