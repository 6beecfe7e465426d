// Keeps the counter of profiles small: folds the slots of closed connections into slot 0.
import { transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';

/** Folds the slots of closed connections. The sums do not change, and writers never wait for it. */
export async function foldProfileCounts(): Promise<void> {
  await transaction(async (tx) => {
    await execute(tx, sql`select pg_advisory_xact_lock(hashtext('tagwell: fold profile counts'))`);
    await execute(
      tx,
      sql`
        with closed as (
          delete from profile_count
          where slot <> 0 and slot not in (select pid from pg_stat_activity)
          returning section_id, profiles
        )
        insert into profile_count as counter (section_id, slot, profiles)
        select section_id, 0, sum(profiles)
        from closed
        group by section_id
        on conflict (section_id, slot) do update set profiles = counter.profiles + excluded.profiles`,
    );
  });
}
