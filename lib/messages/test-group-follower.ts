// What becomes of a person's places in test groups when profiles are erased or merged.
import { execute, sql } from '@/lib/db/sql';
import { noop, type ProfileFollower } from '@/lib/followers/profile-follower';

export const testGroupFollower: ProfileFollower = {
  tables: ['test_group_member'],
  erase: noop,
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`
        insert into test_group_member (section_id, group_id, profile_id)
        select distinct ${sectionId}::int, member.group_id, ${into}::bigint
        from test_group_member member
        where member.section_id = ${sectionId} and member.profile_id = any(${from}::bigint[])
        on conflict do nothing`,
    );
  },
};
