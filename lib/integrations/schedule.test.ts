// When syncs start by themselves.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undoOperation } from '@/lib/activity/commands';
import type { OperationId, SyncRunId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { createTestAccount, runToEnd, type TestAccount } from '@/testing/fixtures';
import { valueOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import { firstWithin, isWithin, type Hours } from '@/lib/text/hours';
import { nextSync, startDueSyncs } from './schedule';
import { ConnectionOptionsSchema } from './schema';
import { getConnection, listConnections } from './views';

/** Zones with summer time in the north and in the south, with half hours and quarters, and with a change of half an hour. */
const ZONES = [
  'Europe/Stockholm',
  'America/New_York',
  'Australia/Sydney',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
];

const clocks = new Map<string, Intl.DateTimeFormat>();
const clockOf = (zone: string) => {
  const known =
    clocks.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
  clocks.set(zone, known);
  return known;
};

function allowedHours({ from, to }: Hours): Set<number> {
  const allowed = new Set<number>();
  for (let hour = from; hour !== to; hour = (hour + 1) % 24) allowed.add(hour);
  return allowed;
}

/** The first minute from a time on whose hour is one of those, minute by minute. */
function slowly(hours: Hours | null, from: Date): Date {
  if (hours === null || hours.from === hours.to) return from;
  const allowed = allowedHours(hours);
  let at = from;
  while (!allowed.has(Number(clockOf(hours.zone).format(at)))) at = new Date(at.getTime() + 60_000);
  return at;
}

describe('the next time', () => {
  it('is the first one after the interval at which the clock of the zone shows one of the hours', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    const zone = fc.constantFrom('UTC', ...ZONES);
    const windows = fc.option(fc.record({ from: hour, to: hour, zone }));
    // The clocks of most zones change around these days.
    const days = fc.constantFrom(
      '2026-03-07',
      '2026-03-28',
      '2026-04-04',
      '2026-10-03',
      '2026-10-24',
      '2026-11-01',
      '2026-07-15',
    );
    const minutes = fc.integer({ min: 0, max: 2 * 1_440 });
    fc.assert(
      fc.property(windows, days, minutes, fc.integer({ min: 15, max: 1_439 }), (hours, day, minute, everyMinutes) => {
        const now = new Date(Date.parse(day) + minute * 60_000);
        const next = nextSync({ everyMinutes, hours }, now)!;
        expect(next.toISOString()).toBe(slowly(hours, new Date(now.getTime() + everyMinutes * 60_000)).toISOString());
        expect(isWithin(hours, next)).toBe(true);
      }),
    );
  });

  it('of an interval of a day or more is the last beginning of the hours until it ends, so that no day is passed over', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    const windows = fc
      .record({ from: hour, to: hour, zone: fc.constantFrom('UTC', ...ZONES) })
      .filter(({ from, to }) => from !== to);
    const days = fc.constantFrom('2026-03-28', '2026-04-04', '2026-10-24', '2026-11-01', '2026-07-15');
    const minutes = fc.integer({ min: 0, max: 1_440 });
    fc.assert(
      fc.property(
        windows,
        days,
        minutes,
        fc.integer({ min: 1_440, max: 3_000 }),
        (hours, day, minute, everyMinutes) => {
          const now = new Date(Date.parse(day) + minute * 60_000);
          const due = new Date(now.getTime() + everyMinutes * 60_000);
          const allowed = allowedHours(hours);
          const isIn = (time: number) => allowed.has(Number(clockOf(hours.zone).format(time)));
          let start = due.getTime();
          while (start > now.getTime() && !(isIn(start) && !isIn(start - 60_000))) start -= 60_000;
          const expected = start > now.getTime() ? new Date(start) : slowly(hours, due);
          expect(nextSync({ everyMinutes, hours }, now)!.toISOString()).toBe(expected.toISOString());
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['2026-11-26T23:05:00Z', { from: 2, to: 4, zone: 'Asia/Tokyo' }, 1_440, '2026-11-27T17:00:00.000Z'],
    // In the hours, a little late: neither later each day, nor at once again.
    ['2026-11-27T17:03:00Z', { from: 2, to: 4, zone: 'Asia/Tokyo' }, 1_440, '2026-11-28T17:00:00.000Z'],
    ['2026-11-26T23:30:00Z', { from: 22, to: 6, zone: 'UTC' }, 1_440, '2026-11-27T22:00:00.000Z'],
    ['2026-11-27T05:30:00Z', { from: 22, to: 6, zone: 'UTC' }, 1_440, '2026-11-27T22:00:00.000Z'],
    ['2026-11-26T23:05:00Z', { from: 2, to: 4, zone: 'Asia/Tokyo' }, 7 * 1_440, '2026-12-03T17:00:00.000Z'],
  ])('after %s in the hours %o, every %i minutes, is %s', (at, hours, everyMinutes, next) => {
    expect(nextSync({ everyMinutes, hours }, new Date(at))!.toISOString()).toBe(next);
  });

  it.each([
    // Clocks go from 02:00 to 03:00 on 29 March, and from 03:00 back to 02:00 on 25 October.
    ['2026-03-28T12:00:00Z', { from: 2, to: 3 }, '2026-03-30T00:00:00.000Z'],
    ['2026-03-28T12:00:00Z', { from: 22, to: 6 }, '2026-03-28T21:00:00.000Z'],
    ['2026-03-29T12:00:00Z', { from: 22, to: 6 }, '2026-03-29T20:00:00.000Z'],
    ['2026-10-25T00:30:00Z', { from: 2, to: 3 }, '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T01:30:00Z', { from: 2, to: 3 }, '2026-10-25T01:30:00.000Z'],
    ['2026-10-25T02:00:00Z', { from: 2, to: 3 }, '2026-10-26T01:00:00.000Z'],
  ])('follows the clocks of Stockholm when they change: after %s, %o', (at, hours, next) => {
    expect(firstWithin({ ...hours, zone: 'Europe/Stockholm' }, new Date(at)).toISOString()).toBe(next);
  });

  it('is by UTC for connections from before there were zones; what is no zone is refused', () => {
    const hoursOf = (hours: object) => ConnectionOptionsSchema.safeParse({ hours });
    expect(hoursOf({ from: 22, to: 6 }).data?.hours).toEqual({ from: 22, to: 6, zone: 'UTC' });
    expect(hoursOf({ from: 22, to: 6, zone: 'Europe/Stockholm' }).success).toBe(true);
    for (const zone of ['Europe/Atlantis', '+01:00', '', '__proto__']) {
      expect(hoursOf({ from: 22, to: 6, zone }).error?.issues[0]?.message).toMatch(/does not exist/);
    }
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

  it('and cannot be started does not hold up others, and is tried again in an hour', async () => {
    await shop.first();
    const other = await TestConnection.open(account, account.sectionId, { everyMinutes: 60 });
    const ofOther = sql`section_id = ${shop.sectionId} and id = ${other.id}`;
    await execute(
      pool(),
      sql`update connection set options = '{"match": "nothing"}'::jsonb, next_sync_at = ${new Date()} where ${ofOther}`,
    );
    const now = inTwoHours();
    await expect(startDueSyncs(now)).rejects.toThrow('Some connections could not be started.');
    expect((await runs()).map(({ cause }) => cause)).toEqual(['hand', 'schedule']);
    await startDueSyncs(now);
    const [at] = await rows<{ next: Date }>(pool(), sql`select next_sync_at as next from connection where ${ofOther}`);
    expect(at!.next.getTime() - now.getTime()).toBe(3_600_000);
    await other.stop();
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
    const shown = async () => {
      const { sectionId } = shop;
      const [listed] = await listConnections(pool(), sectionId);
      const { status, undone } = (await getConnection(pool(), sectionId, listed!.id))!;
      expect(listed).toMatchObject({ status, undone });
      return { status, undone };
    };
    // Pages say so before the next sync would be due.
    expect(await shown()).toEqual({ status: 'active', undone: true });
    await startDueSyncs(inTwoHours());
    expect(await runs()).toHaveLength(1);
    expect(await shown()).toEqual({ status: 'waiting', undone: true });
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
