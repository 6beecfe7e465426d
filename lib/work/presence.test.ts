// Presence and leadership, on real connections.
import { afterEach, describe, expect, it } from 'vitest';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { QUICK } from '@/testing/worker';
import { absentOf, Presence } from './presence';

let open: Presence[] = [];
afterEach(async () => {
  await Promise.all(open.map((presence) => presence.close()));
  open = [];
});

/** The events in order: 'lead 0', 'follow 0'. */
let events: string[] = [];

async function join(): Promise<Presence> {
  const number = open.length;
  const presence = await Presence.open(QUICK, {
    onLead: () => events.push(`lead ${number}`),
    onFollow: () => events.push(`follow ${number}`),
  });
  open.push(presence);
  return presence;
}

const leaders = () => open.filter(({ leading }) => leading);
const untilOneLeads = () => expect.poll(() => leaders().length, { timeout: 10_000, interval: 5 }).toBe(1);

/** Terminates the connections of these processes from the server, as a restart or an operator would. */
const cut = (which = sql`true`) =>
  rows(
    pool(),
    sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'tagwell worker' and ${which}`,
  );

describe('the lead', () => {
  it('is never held by two processes, even if a connection is cut', async () => {
    events = [];
    await Promise.all([join(), join(), join()]);
    await untilOneLeads();
    for (let round = 0; round < 3; round++) {
      const [leader] = leaders();
      await cut(sql`pid in (
        select pid from pg_locks
        where locktype = 'advisory' and granted
          and ((classid::bigint << 32) | objid::bigint) = hashtextextended('tagwell process leader', 0)
      )`);
      await expect.poll(() => leader!.leading, { timeout: 10_000, interval: 5 }).toBe(false);
      await untilOneLeads();
    }
    expect(events).toHaveLength(7);
    events.forEach((event, index) => expect(event).toMatch(index % 2 === 0 ? /^lead/ : /^follow/));
    for (let index = 0; index + 1 < events.length; index += 2)
      expect(events[index]!.split(' ')[1]).toBe(events[index + 1]!.split(' ')[1]);
  });
});

describe('a process', () => {
  it('is absent once it has ended, and present again after its connection was cut', async () => {
    const [here, gone] = [await join(), await join()];
    await here.add('a worker of the queue');
    const names = [here.name, 'a worker of the queue', gone.name];
    expect(await absentOf(pool(), names)).toEqual([]);
    await gone.close();
    expect(await absentOf(pool(), names)).toEqual([gone.name]);
    await cut();
    await expect.poll(() => absentOf(pool(), names), { timeout: 10_000, interval: 5 }).toEqual([gone.name]);
  });

  it('does not delay vacuum', async () => {
    await join();
    await untilOneLeads();
    const held = () =>
      one<object>(
        pool(),
        sql`
          select state, backend_xid as id, backend_xmin as snapshot from pg_stat_activity
          where datname = current_database() and application_name = 'tagwell worker'`,
      );
    await expect
      .poll(held, { timeout: 10_000, interval: 5 })
      .toEqual({ state: 'idle in transaction', id: null, snapshot: null });
  });
});
