// Keeps the counters small: folds the slots of closed connections into slot 0.
import { transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';

/** Folds the slots of closed connections. The sums do not change, and writers never wait for it. */
export async function foldTagCounts(): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`select pg_advisory_xact_lock(hashtext('tagwell: fold tag counts'))`);
    await execute(
      tx,
      sql`
        with closed as (
          delete from tag_count
          where slot <> 0 and slot not in (select pid from pg_stat_activity)
          returning section_id, tag_id, profiles, last_applied
        )
        insert into tag_count as counter (section_id, tag_id, slot, profiles, last_applied)
        select section_id, tag_id, 0, sum(profiles), max(last_applied)
        from closed
        group by section_id, tag_id
        on conflict (section_id, tag_id, slot) do update
        set profiles = counter.profiles + excluded.profiles,
            last_applied = greatest(counter.last_applied, excluded.last_applied)`,
    );
    await execute(
      tx,
      sql`
        with closed as (
          delete from tag_day
          where slot <> 0 and slot not in (select pid from pg_stat_activity)
          returning section_id, tag_id, day, source, applied, removed
        )
        insert into tag_day as counter (section_id, tag_id, day, source, slot, applied, removed)
        select section_id, tag_id, day, source, 0, sum(applied), sum(removed)
        from closed
        group by section_id, tag_id, day, source
        on conflict (section_id, tag_id, day, source, slot) do update
        set applied = counter.applied + excluded.applied,
            removed = counter.removed + excluded.removed`,
    );
  });
}
