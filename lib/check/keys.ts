// Finds keys that are not normalised: their profiles could not be found by them.
import type { SectionId } from '@/lib/db/ids';
import { execute, rows, sql, type Tx } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import type { Keyspace } from '@/lib/profiles/schema';

const PAGE = 10_000;

/** Reads all keys of the section, a few thousand at a time, in the caller's transaction. */
export async function keysNotNormalised(
  db: Tx,
  sectionId: SectionId,
  most: number,
): Promise<{ offenders: number; examples: string[] }> {
  const examples: string[] = [];
  let offenders = 0;
  await execute(
    db,
    sql`
      declare keys no scroll cursor for
      select profile_key.profile_id as "profileId", profile_key.key, keyspace.kind, keyspace.name
      from profile_key
      join keyspace on keyspace.id = profile_key.keyspace_id
      where profile_key.section_id = ${sectionId}`,
  );
  for (;;) {
    const page = await rows<{ profileId: number; key: string; kind: Keyspace['kind']; name: string }>(
      db,
      sql`fetch 10000 from keys`,
    );
    for (const { profileId, key, kind, name } of page) {
      const normalised = normaliseKey(kind, key);
      if (normalised.ok && normalised.key === key) continue;
      offenders++;
      if (examples.length < most) examples.push(`profile ${profileId}: ${JSON.stringify(key)} in ${name}`);
    }
    if (page.length < PAGE) break;
  }
  await execute(db, sql`close keys`);
  return { offenders, examples };
}
