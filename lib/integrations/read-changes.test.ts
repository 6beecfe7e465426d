// Contacts that have changed, between two reads of all lists: their values follow, and nothing is concluded about who is on a list.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { Dynamics } from '@/testing/crm/dynamics';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { expectInvariants } from '@/testing/invariants';
import { TestConnection, type RunState } from '@/testing/sync';
import { startDueSyncs } from './schedule';

const MINUTE = 60_000;
const OPTIONS = {
  changesEveryMinutes: 15,
  fields: [{ field: 'lastname', code: 'lastname', existing: 'overwrite' }],
};

let account: TestAccount;
let crm: TestConnection<Dynamics>;

beforeAll(async () => {
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  account = await createTestAccount();
});
afterAll(expectInvariants);
beforeEach(async () => {
  crm = await TestConnection.openDynamics(account, await createTestSection(account.accountId, 'Changes'), OPTIONS);
});
afterEach(() => crm.stop());

const now = () =>
  one<{ cursor: string | null; listsDue: boolean }>(
    pool(),
    sql`
      select changes_cursor as cursor, next_sync_at <= ${new Date()} as "listsDue" from connection
      where section_id = ${crm.sectionId}`,
  );

const names = async () =>
  (
    await rows<{ name: string | null }>(
      pool(),
      sql`select attributes ->> 'lastname' as name from profile where section_id = ${crm.sectionId} order by id`,
    )
  ).map(({ name }) => name);

const runsOfChanges = () =>
  rows<{ id: SyncRunId; status: string }>(
    pool(),
    sql`select id, status from sync_run where section_id = ${crm.sectionId} and cause = 'changes' order by id`,
  );

/** What the schedule does when a read of changes is due. The run's end, or null if it brought nothing. */
async function changes(): Promise<RunState | null> {
  await execute(pool(), sql`update connection set next_changes_at = ${new Date()} where section_id = ${crm.sectionId}`);
  await startDueSyncs(new Date(Date.now() + 1_000));
  const run = (await runsOfChanges()).find(({ status }) => status === 'reading')!;
  await crm.read(run.id);
  const left = (await runsOfChanges()).some(({ id }) => id === run.id);
  return left ? crm.operate(run.id) : null;
}

/** Later than connectors look back. */
const later = () => crm.crm.simulator.advance(10 * MINUTE);

describe('contacts that have changed', () => {
  it('bring their values along; the cursor moves on once they are applied, and a read that brings nothing leaves no run', async () => {
    const { ids } = await crm.synced(['a@example.org', 'b@example.org']);
    const stranger = crm.crm.world.addContact({ lastName: 'Stranger' });
    expect(await changes()).toBeNull();
    const before = await now();
    expect(before).toMatchObject({ cursor: expect.any(String) as string, listsDue: false });
    later();
    crm.crm.world.changeContact(ids[0]!, { lastName: 'Lovelace' });
    crm.crm.world.changeContact(stranger, { lastName: 'Other' });
    const calls = crm.crm.simulator.log.length;
    const run = await changes();
    expect(run).toMatchObject({ status: 'done', lists: [] });
    expect(crm.crm.simulator.log.slice(calls).some(({ line }) => line.includes('listcontact_association'))).toBe(false);
    expect((await names())[0]).toBe('Lovelace');
    expect((await now()).cursor).not.toBe(before.cursor);
    expect(
      await rows(pool(), sql`select from sync_member where section_id = ${crm.sectionId} and list_id = 0`),
    ).toEqual([]);
    later();
    expect(await changes()).toBeNull();
  });

  it('do not move the cursor on if the read fails, or its operation does', async () => {
    const { ids } = await crm.synced(['a@example.org']);
    await changes();
    const before = await now();
    later();
    crm.crm.world.changeContact(ids[0]!, { lastName: 'Lovelace' });
    crm.crm.simulator.faults.set({ kind: 'html', match: 'contacts', times: 1 });
    expect(await changes()).toMatchObject({ status: 'failed' });
    expect(await now()).toEqual(before);
    expect(await changes()).toMatchObject({ status: 'done' });
    expect(await names()).toEqual(['Lovelace']);
  });

  it('never take a tag off: if one was deleted or switched off, all lists are read at once', async () => {
    const { ids } = await crm.synced(['a@example.org', 'b@example.org']);
    await changes();
    later();
    crm.crm.world.deleteContact(crm.crm.world.addContact());
    expect(await changes()).toBeNull();
    expect(await now()).toMatchObject({ listsDue: false });
    later();
    crm.crm.world.deleteContact(ids[0]!);
    expect(await changes()).toBeNull();
    expect(await crm.tagged('Trade Show')).toHaveLength(2);
    expect(await now()).toMatchObject({ listsDue: true });
    expect(await crm.sync()).toMatchObject({ lists: [{ counts: { removes: 1 } }] });
    await execute(
      pool(),
      sql`update connection set next_sync_at = ${new Date(Date.now() + 60 * MINUTE)} where section_id = ${crm.sectionId}`,
    );
    later();
    crm.crm.world.changeContact(ids[1]!, { active: false });
    expect(await changes()).toBeNull();
    expect(await now()).toMatchObject({ listsDue: true });
    expect(await crm.tagged('Trade Show')).toHaveLength(1);
  });

  it('whose cursor has expired are read from the beginning, and all lists with them', async () => {
    const { ids } = await crm.synced(['a@example.org']);
    await changes();
    crm.crm.world.changeContact(ids[0]!, { lastName: 'Lovelace' });
    crm.crm.simulator.advance(8 * 24 * 60 * MINUTE);
    expect(await changes()).toMatchObject({ status: 'done' });
    expect(await names()).toEqual(['Lovelace']);
    expect(await now()).toMatchObject({ listsDue: true });
  });

  it('leave people with several contacts, and those who have left the lists, to the read of all lists', async () => {
    const { list, ids } = await crm.synced(['a@example.org', 'b@example.org']);
    const second = crm.crm.world.addContact({ email: 'a@example.org', lastName: 'Second' });
    crm.crm.world.addMembers(list, [second]);
    crm.crm.world.removeMembers(list, [ids[1]!]);
    await crm.sync();
    const before = await names();
    await changes();
    later();
    crm.crm.world.changeContact(second, { lastName: 'Changed' });
    crm.crm.world.changeContact(ids[1]!, { lastName: 'Changed' });
    expect(await changes()).toBeNull();
    expect(await names()).toEqual(before);
    // Of the two contacts, always the same one counts.
    await crm.sync();
    const settled = await names();
    await crm.sync();
    expect(await names()).toEqual(settled);
  });

  it('do not end a question that waits, nor hold up a sync by hand', async () => {
    const { list, ids } = await crm.synced(['a@example.org']);
    await crm.set({ ...OPTIONS, guard: { emptied: 1 } });
    crm.crm.world.removeMembers(list, ids);
    const runId = await crm.start(false);
    expect(await crm.finish(runId)).toMatchObject({ status: 'held' });
    await changes();
    expect(await crm.state(runId)).toMatchObject({ status: 'held' });
    await execute(
      pool(),
      sql`update connection set next_changes_at = ${new Date()} where section_id = ${crm.sectionId}`,
    );
    await startDueSyncs(new Date(Date.now() + 1_000));
    expect(await runsOfChanges()).toMatchObject([{ status: 'reading' }]);
    await crm.start(false);
    expect(await runsOfChanges()).toEqual([]);
  });
});
