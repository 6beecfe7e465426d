// What operations store about people, and what is erased with them: examples in results, and what an undo left.
import { execute, sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';

/** Removes the examples from a result (of a dry run, for instance); its figures stay. */
export const operationFollower: ProfileFollower = {
  tables: ['operation', 'undo_exception'],
  erase: async (tx, { cause: { sectionId }, profileIds, keys }) => {
    await execute(
      tx,
      sql`update operation set result = null
          where section_id = ${sectionId} and result is not null
            and exists (select from unnest(${keys}::text[]) key where strpos(lower(result::text), key) > 0)`,
    );
    await execute(
      tx,
      sql`delete from undo_exception where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: noop,
};
