// What becomes of a person's rows as a recipient of messages when profiles are erased, merged or undone.
import { execute, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';

export const recipientFollower: ProfileFollower = {
  tables: ['recipient'],
  /** The states stay for the report; what says who it was goes, and nothing more is sent. */
  erase: async (tx, { cause: { sectionId }, profileIds }) => {
    await execute(
      tx,
      sql`
        update recipient set
          address = null, address_key = null, answer = null,
          state = case when state in ('waiting', 'held') then 'skipped' else state end,
          why = case when state in ('waiting', 'held') then 'erased' else why end,
          ended_at = case when state in ('waiting', 'held') then ${new Date()} else ended_at end
        where section_id = ${sectionId} and profile_id = any(${profileIds}::bigint[])`,
    );
    await execute(
      tx,
      sql`
        update recipient_event event set agent = ''
        from recipient
        where recipient.section_id = ${sectionId} and recipient.profile_id = any(${profileIds}::bigint[])
          and event.section_id = ${sectionId} and event.number = recipient.number and event.agent <> ''`,
    );
  },
  /** Where both were to get a send, the surviving profile's row stands: it is sent once. */
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`
        with moved as (
          select distinct on (send_id) send_id, profile_id
          from recipient other
          where section_id = ${sectionId} and profile_id = any(${from}::bigint[])
            and not exists (
              select from recipient own
              where own.section_id = ${sectionId} and own.send_id = other.send_id and own.profile_id = ${into}
            )
          order by send_id, (state in ('waiting', 'held')), profile_id
        )
        update recipient set profile_id = ${into}
        from moved
        where recipient.section_id = ${sectionId} and recipient.send_id = moved.send_id
          and recipient.profile_id = moved.profile_id`,
    );
    await execute(
      tx,
      sql`
        update recipient set state = 'skipped', why = 'merged', ended_at = ${new Date()}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[]) and state in ('waiting', 'held')`,
    );
    // Somebody who was mailed as the other person has had it.
    await execute(
      tx,
      sql`
        update recipient set state = 'skipped', why = 'merged', ended_at = ${new Date()}
        where section_id = ${sectionId} and profile_id = ${into} and state in ('waiting', 'held')
          and exists (
            select from recipient other
            where other.section_id = ${sectionId} and other.send_id = recipient.send_id
              and other.profile_id = any(${from}::bigint[])
              and other.state in ('claimed', 'handing', 'sent', 'unknown')
          )`,
    );
  },
};
