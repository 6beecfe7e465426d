// What the engine asks about sets of people: whom rules fit, who has a tag, and by whose clock they live.
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { join, rows, sql, type Db } from '@/lib/db/sql';
import { isMember } from '@/lib/segments/compile';
import { openRules } from '@/lib/segments/definitions';
import type { Rules } from '@/lib/segments/schema';
import { idsOf, type Run, type Scene } from './run';
import { zoneOr } from './zones';

/** Which of some people have a tag now. */
export async function whoHas(
  db: Db,
  sectionId: SectionId,
  tagId: TagId,
  profileIds: readonly ProfileId[],
): Promise<Set<ProfileId>> {
  const found = await rows<{ profileId: ProfileId }>(
    db,
    sql`
      select profile_id as "profileId" from profile_tag
      where section_id = ${sectionId} and tag_id = ${tagId} and profile_id = any(${profileIds}::bigint[])`,
  );
  return new Set(found.map(({ profileId }) => profileId));
}

/** The first of the rules that fits each of some people, by its place; those whom none fits are absent. Null fits nobody. */
export async function firstFitting(
  db: Db,
  sectionId: SectionId,
  all: readonly (Rules | null)[],
  profileIds: readonly ProfileId[],
  now: Date,
): Promise<Map<ProfileId, number>> {
  const cases = all.flatMap((rules, index) => (rules ? [{ rules, index }] : []));
  if (cases.length === 0 || profileIds.length === 0) return new Map();
  const tests = [];
  for (const { rules, index } of cases) {
    const definitions = await openRules(db, sectionId, rules);
    const fits = isMember({ sectionId, definitions, now }, rules, sql`person.id`);
    tests.push(sql`when ${fits} then ${index}::int`);
  }
  const found = await rows<{ id: ProfileId; place: number }>(
    db,
    sql`
      select * from (
        select person.id, case ${join(tests, ' ')} end as place
        from unnest(${profileIds}::bigint[]) person (id)
      ) fitting
      where place is not null`,
  );
  return new Map(found.map(({ id, place }) => [id, place]));
}

/** By whose clock people live: their own zone, or the flow’s. */
export async function zonesOf(
  { tx, sectionId, settings: { zoneAttributeId }, timeZone }: Scene,
  runs: readonly Run[],
): Promise<Map<ProfileId, string>> {
  if (zoneAttributeId === null) return new Map(runs.map(({ profileId }) => [profileId, timeZone]));
  const found = await rows<{ profileId: ProfileId; zone: string | null }>(
    tx,
    sql`
      select profile.id as "profileId", profile.attributes ->> attribute.code as zone
      from profile
      join attribute on attribute.section_id = ${sectionId} and attribute.id = ${zoneAttributeId}
      where profile.section_id = ${sectionId} and profile.id = any(${idsOf(runs)}::bigint[])`,
  );
  const own = new Map(found.map(({ profileId, zone }) => [profileId, zoneOr(zone, timeZone)]));
  return new Map(runs.map(({ profileId }) => [profileId, own.get(profileId) ?? timeZone]));
}
