// What becomes of recipients when their people are merged. The one that remains gets a message once, whichever of them it was for.
import { execute, rows, sql } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import { lockAndTakeBack } from './take-back';

/** Of several rows for one person: what has left comes first, then what is to leave. A column of `recipient`. */
const RANK = sql`
  case recipient.state
    when 'sent' then 0 when 'handing' then 1 when 'unknown' then 2
    when 'waiting' then 3 when 'held' then 3
    when 'refused' then 4 when 'failed' then 5 else 6
  end`;

export const mergeRecipients: ProfileFollower['merge'] = async (tx, { cause: { sectionId }, into, from }) => {
  const now = new Date();
  const theirs = sql`recipient.profile_id = any(${[into, ...from]}::bigint[])`;
  await lockAndTakeBack(tx, sectionId, theirs, now);
  // A message is for a person once, in whichever of its sends. Calls of the API are each for themselves.
  await execute(
    tx,
    sql`
      with known as (
        select recipient.number, row_number() over (
          partition by send.message_id order by ${RANK}, (recipient.profile_id = ${into}) desc, recipient.number
        ) as place
        from recipient
        join send on send.section_id = ${sectionId} and send.id = recipient.send_id
        where recipient.section_id = ${sectionId} and ${theirs} and recipient.occurrence = 0
      )
      update recipient set state = 'skipped', why = 'merged', ended_at = ${now}
      from known
      where recipient.section_id = ${sectionId} and recipient.number = known.number and known.place > 1
        and recipient.state in ('waiting', 'held')`,
  );
  // The row that counts becomes that of the remaining profile, whose own takes its place: events, reports and segments find it there.
  const counts = sql`
    select other.send_id, other.profile_id
    from (
      select recipient.send_id, recipient.profile_id, row_number() over (
        partition by recipient.send_id order by ${RANK}, (recipient.profile_id = ${into}) desc, recipient.number
      ) as place
      from recipient
      where recipient.section_id = ${sectionId} and ${theirs} and recipient.occurrence = 0
    ) other
    where other.place = 1 and other.profile_id <> ${into}`;
  // By a number that nobody has, as a send has one row for a person at any moment.
  const parked = await rows<{ number: number }>(
    tx,
    sql`
      with counts as (${counts})
      update recipient set profile_id = -counts.profile_id
      from counts
      where recipient.section_id = ${sectionId} and recipient.send_id = counts.send_id
        and recipient.profile_id = ${into} and recipient.occurrence = 0
      returning recipient.number`,
  );
  await execute(
    tx,
    sql`
      with counts as (${counts})
      update recipient set profile_id = ${into}
      from counts
      where recipient.section_id = ${sectionId} and recipient.send_id = counts.send_id
        and recipient.profile_id = counts.profile_id and recipient.occurrence = 0`,
  );
  if (parked.length > 0) {
    await execute(
      tx,
      sql`
        update recipient set profile_id = -recipient.profile_id
        where recipient.section_id = ${sectionId}
          and recipient.number = any(${parked.map(({ number }) => number)}::bigint[])`,
    );
  }
  await execute(
    tx,
    sql`
      update recipient set profile_id = ${into}
      where recipient.section_id = ${sectionId} and recipient.profile_id = any(${from}::bigint[])
        and recipient.occurrence <> 0`,
  );
};
