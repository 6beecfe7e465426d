// What happens to webhook messages about erased or merged profiles.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';

export const webhookFollower: ProfileFollower = {
  tables: ['webhook_message'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from webhook_message where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`update webhook_message set profile_id = ${into}
          where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
};
