// What becomes of possible duplicates when one of a pair is merged or erased.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';

export const duplicateFollower: ProfileFollower = {
  tables: ['duplicate_pair', 'duplicate_crowd'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`
        delete from duplicate_pair
        where section_id = ${sectionId}
          and (first_profile_id = any(${profileIds}::bigint[]) or second_profile_id = any(${profileIds}::bigint[]))`,
    );
    await execute(
      tx,
      sql`delete from duplicate_crowd where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  // Who is not the same person as one of the others is not the same person as the remaining one.
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    const gone = sql`(first_profile_id = any(${from}::bigint[]) or second_profile_id = any(${from}::bigint[]))`;
    await execute(
      tx,
      sql`
        insert into duplicate_pair as pair
          (section_id, first_profile_id, second_profile_id, reasons, look_id, dismissed_at, dismissed_by)
        select ${sectionId}::int, least(other, ${into}::bigint), greatest(other, ${into}::bigint), bit_or(reasons),
          max(look_id), max(dismissed_at), max(dismissed_by)
        from (
          select case when first_profile_id = any(${from}::bigint[]) then second_profile_id else first_profile_id end as other,
            reasons, look_id, dismissed_at, dismissed_by
          from duplicate_pair
          where section_id = ${sectionId} and ${gone}
        ) moved
        where other <> all(${[into, ...from]}::bigint[])
        group by other
        on conflict (section_id, first_profile_id, second_profile_id) do update
        set reasons = pair.reasons | excluded.reasons,
          dismissed_at = coalesce(pair.dismissed_at, excluded.dismissed_at),
          dismissed_by = coalesce(pair.dismissed_by, excluded.dismissed_by)`,
    );
    await execute(tx, sql`delete from duplicate_pair where section_id = ${sectionId} and ${gone}`);
    await execute(
      tx,
      sql`delete from duplicate_crowd where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
};
