// What a sync has read about people, and what it changed for them, when they are erased or merged.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import { CHANGE_STATES, END } from './outcome';

export const syncFollower: ProfileFollower = {
  tables: ['sync_member', 'sync_change'],
  erase: async (tx, { cause: { sectionId }, profileIds, keys }) => {
    await execute(
      tx,
      sql`
        delete from sync_member
        where section_id = ${sectionId} and (
          profile_id = any(${profileIds}::bigint[])
          or lower(key) = any(${keys}::text[]) or emails && ${keys}::text[] or mobiles && ${keys}::text[]
          or exists (select from unnest(custom) value where lower(value) = any(${keys}::text[]))
        )`,
    );
    await execute(
      tx,
      sql`delete from sync_change where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`
        update sync_member set profile_id = ${into}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
    // The remaining profile has the claims of both, and the other's contact may still be on the list. So what was planned
    // for one of them is void, except that the remaining profile gets a tag.
    await execute(
      tx,
      sql`
        delete from sync_change
        where section_id = ${sectionId} and (
          profile_id = any(${from}::bigint[])
          or (profile_id = ${into} and action = ${END} and state in (${CHANGE_STATES.planned}, ${CHANGE_STATES.held}))
        )`,
    );
  },
};
