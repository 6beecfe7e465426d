// Mails that were set aside are not about a profile, but somebody who is erased may have written one.
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';
import { execute, sql } from '@/lib/db/sql';

export const bouncesFollower: ProfileFollower = {
  tables: [],
  erase: async (tx, { cause: { sectionId }, keys }) => {
    await execute(
      tx,
      sql`
        delete from bounce_aside
        where section_id = ${sectionId} and lower(from_address) = any(${keys}::text[])`,
    );
  },
  merge: noop,
};
