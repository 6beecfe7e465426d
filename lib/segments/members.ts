// The members of a segment, their number, and who joined or left.
import type { SectionId } from '@/lib/db/ids';
import { one, rows, sql, type Db } from '@/lib/db/sql';
import { pageOfProfiles, type PageCursor, type ProfilePage, type Slice } from '@/lib/profiles/queries';
import type { TagLabel } from '@/lib/tags/schema';
import { memberCount, memberIds, memberSlice } from './compile';
import type { Opened } from './definitions';
import type { Evaluation } from './evaluation';

/** `at`: a moment in the past. `now`: a present that was fixed before. Neither: the current time. */
export type AsOf = { at?: Date; now?: Date };

export const evaluationOf = (sectionId: SectionId, { definitions }: Opened, { at, now }: AsOf = {}): Evaluation => ({
  sectionId,
  definitions,
  now: at ?? now ?? new Date(),
  past: at !== undefined,
});

/** The exact number of members. */
export async function countMembers(db: Db, sectionId: SectionId, opened: Opened, asOf?: AsOf): Promise<number> {
  const { count } = await one<{ count: number }>(db, memberCount(evaluationOf(sectionId, opened, asOf), opened.rules));
  return count;
}

/** `select profile_id` of the members at a moment. */
export function membersOf(sectionId: SectionId, opened: Opened, asOf?: AsOf) {
  return memberIds(evaluationOf(sectionId, opened, asOf), opened.rules);
}

/** A page of members, newest profile first. */
export function listMembers(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  edge: PageCursor = {},
  { size, ...asOf }: AsOf & { size?: number } = {},
): Promise<ProfilePage> {
  const evaluation = evaluationOf(sectionId, opened, asOf);
  return pageOfProfiles(db, sectionId, (slice) => memberSlice(evaluation, opened.rules, slice), edge, size);
}

/** The end of a day ('YYYY-MM-DD') in a time zone, or now if the day has not ended. */
export async function endOfDay(db: Db, day: string, timeZone: string): Promise<Date> {
  const { at } = await one<{ at: Date }>(
    db,
    sql`select least(now(), (${day}::date + 1)::timestamp at time zone ${timeZone}::text - interval '1 millisecond') as at`,
  );
  return at;
}

/** The tags that members have most often. */
export function membersByTag(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  most = 12,
): Promise<(TagLabel & { members: number; everyone: number })[]> {
  return rows(
    db,
    sql`
      with held as (
        select held.tag_id, count(*) as members
        from (${membersOf(sectionId, opened)}) members
        join profile_tag held on held.section_id = ${sectionId} and held.profile_id = members.profile_id
        group by held.tag_id
      )
      select tag.id, tag.name, tag.colour, held.members,
        (select sum(profiles)::bigint from tag_count where section_id = ${sectionId} and tag_id = tag.id) as everyone
      from held
      join tag on tag.section_id = ${sectionId} and tag.id = held.tag_id and tag.hidden_at is null
      order by held.members desc, tag.name_key
      limit ${most}`,
  );
}

/** How many profiles joined and left between two moments, and the number of members at each. */
export async function difference(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  { from, to }: { from: Date; to: Date },
): Promise<{ before: number; after: number; came: number; went: number }> {
  return one(
    db,
    sql`
      with before as materialized (${membersOf(sectionId, opened, { at: from })}),
      after as materialized (${membersOf(sectionId, opened, { at: to })}),
      both_times as (select count(*) as profiles from before join after using (profile_id))
      select
        (select count(*) from before) as before, (select count(*) from after) as after,
        (select count(*) from after) - both_times.profiles as came,
        (select count(*) from before) - both_times.profiles as went
      from both_times`,
  );
}

/** A page of the profiles that joined (or left) between two moments. */
export function listDifference(
  db: Db,
  sectionId: SectionId,
  opened: Opened,
  { from, to, which }: { from: Date; to: Date; which: 'came' | 'went' },
  edge: PageCursor = {},
): Promise<ProfilePage> {
  const [before, after] = [from, to].map((at) => membersOf(sectionId, opened, { at }));
  const [inside, outside] = which === 'came' ? [after, before] : [before, after];
  const id = sql`inside.profile_id`;
  const changed = ({ range, orderAndLimit }: Slice) => sql`
    select inside.profile_id from (${inside}) inside
    where not exists (select from (${outside}) outside where outside.profile_id = inside.profile_id)
      ${range(id)} ${orderAndLimit(id)}`;
  return pageOfProfiles(db, sectionId, changed, edge);
}
