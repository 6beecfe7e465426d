// Removes an erased person's keys from jobs that have not finished.
import { execute, sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { isOneOf } from '@/lib/profiles/written-keys';

export const jobFollower: ProfileFollower = {
  tables: ['operation_key'],
  erase: async (tx, { cause: { sectionId }, keys }) => {
    await execute(tx, sql`delete from operation_key where section_id = ${sectionId} and ${isOneOf(sql`key`, keys)}`);
  },
  merge: noop,
};
