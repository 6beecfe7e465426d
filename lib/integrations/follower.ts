// What a sync has read about people, and what it changed for them, when they are erased or merged.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import { CHANGE_STATES, END } from './outcome';

export const syncFollower: ProfileFollower = {
  tables: ['sync_member', 'sync_change'],
  erase: async (tx, { cause: { sectionId }, profileIds, keys }) => {
    const hasAddress = sql`(
      member.emails && ${keys}::text[] or member.mobiles && ${keys}::text[]
      or exists (select from unnest(member.custom) value where lower(value) = any(${keys}::text[]))
    )`;
    // A contact of somebody else that has one of their addresses too: without its row, a sync would take that person off the list.
    const isOthers = sql`(
      member.profile_id <> all(${profileIds}::bigint[])
      or exists (
        select from sync_run run
        join connection on connection.section_id = ${sectionId} and connection.id = run.connection_id
        join profile_key linked
          on linked.section_id = ${sectionId} and linked.keyspace_id = connection.keyspace_id
        where run.section_id = ${sectionId} and run.id = member.run_id
          and linked.key = member.key and linked.profile_id <> all(${profileIds}::bigint[])
      )
    )`;
    await execute(
      tx,
      sql`
        delete from sync_member member
        where member.section_id = ${sectionId} and (
          member.profile_id = any(${profileIds}::bigint[]) or lower(member.key) = any(${keys}::text[])
          or ((${hasAddress} or lower(member.crm_id) = any(${keys}::text[])) and ${isOthers} is not true)
        )`,
    );
    await execute(
      tx,
      sql`
        update sync_member member
        set emails = array(select address from unnest(member.emails) address where address <> all(${keys}::text[])),
          mobiles = array(select address from unnest(member.mobiles) address where address <> all(${keys}::text[])),
          custom = array(select value from unnest(member.custom) value where lower(value) <> all(${keys}::text[])),
          name = case when lower(member.name) = any(${keys}::text[]) then '' else member.name end
        where member.section_id = ${sectionId} and ${hasAddress}`,
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
