// What happens to pending signals when the profiles that they are about are erased or merged.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';

export const signalFollower: ProfileFollower = {
  tables: ['signal'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from signal where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`update signal set profile_id = ${into}
          where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
};
