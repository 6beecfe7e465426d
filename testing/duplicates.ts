// Building blocks for tests of possible duplicates: people with given values, and the pairs that are found.
import { createProfiles, reserveProfileIds } from '@/lib/profiles/change';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { sql } from '@/lib/db/sql';

/** Adds profiles with these values, without keys. Returns their ids in the same order. */
export async function addPeople(sectionId: SectionId, people: readonly object[]): Promise<ProfileId[]> {
  return transaction(async (tx) => {
    const ids = await reserveProfileIds(tx, people.length);
    const profiles = sql`
      select id as profile_id, attributes, '{}'::jsonb as noted
      from unnest(${ids}::bigint[], ${people.map((person) => JSON.stringify(person))}::jsonb[]) person (id, attributes)`;
    await createProfiles(tx, { sectionId, source: 'user', userId: null }, { profiles }, { history: false });
    return ids;
  });
}
