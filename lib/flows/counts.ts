// Keeps the counters of flows small: folds the slots of closed connections into slot 0.
import { transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';

/** The sums do not change, and no batch waits for it. */
export async function foldFlowCounts(): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`select pg_advisory_xact_lock(hashtext('tagwell: fold flow counts'))`);
    await execute(
      tx,
      sql`
        with closed as (
          delete from flow_count
          where slot <> 0 and slot not in (select pid from pg_stat_activity)
          returning section_id, flow_id, version, step, what, number
        )
        insert into flow_count as counter (section_id, flow_id, version, step, what, slot, number)
        select section_id, flow_id, version, step, what, 0, sum(number)
        from closed
        group by section_id, flow_id, version, step, what
        on conflict (section_id, flow_id, version, step, what, slot) do update
        set number = counter.number + excluded.number`,
    );
    await execute(
      tx,
      sql`
        with closed as (
          delete from flow_day
          where slot <> 0 and slot not in (select pid from pg_stat_activity)
          returning section_id, flow_id, day, what, number
        )
        insert into flow_day as counter (section_id, flow_id, day, what, slot, number)
        select section_id, flow_id, day, what, 0, sum(number)
        from closed
        group by section_id, flow_id, day, what
        on conflict (section_id, flow_id, day, what, slot) do update set number = counter.number + excluded.number`,
    );
  });
}
