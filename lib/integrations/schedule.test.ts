// When syncs start by themselves.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undoOperation } from '@/lib/activity/commands';
import type { OperationId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, runToEnd, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { isAllowedHour, nextSync, startDueSyncs } from './schedule';

describe('the next time', () => {
  it('is after the interval, within the hours', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    const windows = fc.option(fc.record({ from: hour, to: hour }));
    const days = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(windows, days, fc.integer({ min: 15, max: 2_000 }), (hours, now, everyMinutes) => {
        const next = nextSync({ everyMinutes, hours }, now)!;
        expect(isAllowedHour({ hours }, next)).toBe(true);
        expect(next.getTime()).toBeGreaterThanOrEqual(now.getTime() + everyMinutes * 60_000);
        expect(next.getTime()).toBeLessThan(now.getTime() + everyMinutes * 60_000 + 24 * 3_600_000);
      }),
    );
  });

  it('is never, if a connection is synced by hand', () => {
    expect(nextSync({ everyMinutes: null, hours: null }, new Date())).toBeNull();
  });
});

describe('a connection that is due', () => {
  let account: TestAccount;
  let shop: TestConnection;

  beforeEach(async () => {
    process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
    account = await createTestAccount();
    shop = await TestConnection.open(account, account.sectionId, { everyMinutes: 60 });
    await shop.keep(shop.crm.world.addList('Trade Show', [shop.crm.world.addContact()]), 'Trade Show');
  });
  afterEach(() => shop.stop());

  const inTwoHours = () => new Date(Date.now() + 2 * 3_600_000);
  const runs = () =>
    rows<{ id: SyncRunId; cause: string; quiet: boolean }>(
      pool(),
      sql`select id, cause, quiet from sync_run where section_id = ${shop.sectionId} and not dry order by id`,
    );

  it('waits until somebody has seen a dry run, then is synced once', async () => {
    await startDueSyncs(inTwoHours());
    expect(await runs()).toEqual([]);
    await shop.first();
    await startDueSyncs();
    expect(await runs()).toHaveLength(1);
    await Promise.all([
      startDueSyncs(new Date(Date.now() + 4 * 3_600_000)),
      startDueSyncs(new Date(Date.now() + 4 * 3_600_000)),
    ]);
    const all = await runs();
    expect(all.map(({ cause }) => cause)).toEqual(['hand', 'schedule']);
    // It changes nothing, so that pages can fold it.
    await shop.finish(all[1]!.id);
    expect((await runs()).map(({ quiet }) => quiet)).toEqual([false, true]);
  });

  it('is synced also while removals wait for an answer, since the CRM may be in order again', async () => {
    await shop.set({ everyMinutes: 60, unmatched: 'create', guard: { emptied: 1 } });
    await shop.first();
    const [list] = shop.crm.world.lists.values();
    const members = shop.crm.world.membersOf(list!.id);
    shop.crm.world.removeMembers(list!.id, members);
    expect(await shop.sync()).toMatchObject({ status: 'held' });
    shop.crm.world.addMembers(list!.id, members);
    await startDueSyncs(inTwoHours());
    const last = (await runs()).at(-1)!;
    expect(last.cause).toBe('schedule');
    expect(await shop.finish(last.id)).toMatchObject({ status: 'done' });
    const [found] = await rows(
      pool(),
      sql`select status, attention from connection where section_id = ${shop.sectionId}`,
    );
    expect(found).toEqual({ status: 'active', attention: null });
  });

  it('waits for a person after its last sync was undone', async () => {
    await shop.synced(['a@example.org'], 'Fair');
    const { operationId } = await one<{ operationId: OperationId }>(
      pool(),
      sql`select operation_id as "operationId" from sync_run where section_id = ${shop.sectionId}`,
    );
    const undo = { sectionId: shop.sectionId, operationId };
    await runToEnd(shop.sectionId, valueOf(await undoOperation(account.admin, undo)).undoId);
    await startDueSyncs(inTwoHours());
    expect(await runs()).toHaveLength(1);
    const { status, attention } = await one<{ status: string; attention: string }>(
      pool(),
      sql`select status, attention from connection where section_id = ${shop.sectionId}`,
    );
    expect({ status, attention }).toEqual({
      status: 'waiting',
      attention: expect.stringMatching(/was undone/) as string,
    });
  });
});
