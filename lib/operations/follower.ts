// Takes erased and merged profiles off the lists of bulk operations that are still running.
import { execute, sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';

export const bulkFollower: ProfileFollower = {
  tables: ['operation_profile'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from operation_profile where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  // The remaining profile is on a list only if it was chosen itself.
  merge: noop,
};
