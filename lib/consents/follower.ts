// What happens to consents when their profiles are erased, merged or undone. Their timeline lines come from the
// profile's history.
import { execute, sql, type Sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import { STRICTNESS } from './schema';

/** How strict a consent is, as a number. */
const strictness = (type: Sql): Sql => sql`array_position(${STRICTNESS}::text[], ${type})`;

export const consentFollower: ProfileFollower = {
  tables: ['consent'],
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`delete from consent where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
  },
  /** On each topic and channel, keeps the stricter consent; if both are equally strict, the newer. */
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    const theirs = sql`section_id = ${sectionId} and profile_id = any(${from}::bigint[])`;
    await execute(
      tx,
      sql`
        insert into consent as kept (section_id, profile_id, topic_id, channel, type, reason, source, modified_at)
        select distinct on (topic_id, channel)
          section_id, ${into}::bigint, topic_id, channel, type, reason, source, modified_at
        from consent
        where ${theirs}
        order by topic_id, channel, ${strictness(sql`type`)} desc, modified_at desc
        on conflict (section_id, profile_id, topic_id, channel) do update
        set type = excluded.type, reason = excluded.reason, source = excluded.source, modified_at = excluded.modified_at
        where (${strictness(sql`excluded.type`)}, excluded.modified_at) > (${strictness(sql`kept.type`)}, kept.modified_at)`,
    );
    await execute(tx, sql`delete from consent where ${theirs}`);
  },
  keepReasons: [
    {
      why: 'has given or withdrawn a consent since',
      when: ({ sectionId, profileId }) => sql`exists (
        select from consent where consent.section_id = ${sectionId} and consent.profile_id = ${profileId}
      )`,
    },
  ],
};
