// Writing keys and values of one profile, with their history: for people and for API clients.
import { refuse } from '@/lib/access/refusal';
import type { AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import type { ApiKeyId, KeyspaceId, ProfileId, SectionId, UserId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { SOURCES, type Source } from '@/lib/tags/source';
import { requireUnlocked } from './locks';
import { profileName } from './schema';

/** By keyspace and by attribute code; null clears. */
export type WantedFields = { keys: Map<KeyspaceId, string | null>; values: Map<string, AttributeValue | null> };

export type FieldCause = { source: Source; userId: UserId | null; apiKeyId: ApiKeyId | null };

type ProfileLock = {
  /** The profile is to be deleted: then also those who tag it, or add an event, must wait. */
  toDelete?: boolean;
  /** It was found by a key, which belongs to another profile by now where this one has gone: then all is run again. */
  byKey?: boolean;
};

/** Locks a profile for a change; refuses with `not_found` where it has gone. What is read afterwards stays true. */
export async function lockProfile(
  tx: Tx,
  sectionId: SectionId,
  id: ProfileId,
  { toDelete = false, byKey = false }: ProfileLock = {},
): Promise<{ updatedAt: Date }> {
  const profile = await maybeOne<{ updatedAt: Date }>(
    tx,
    sql`
      select updated_at as "updatedAt" from profile
      where section_id = ${sectionId} and id = ${id}
      ${toDelete ? sql`for update` : sql`for no key update`}`,
  );
  if (!profile && byKey) throw new LostRace();
  return profile ?? refuse('not_found', 'This profile is no longer there: somebody has deleted it.');
}

/** Writes what really changes, with its history. Returns the codes that changed. */
export async function applyFields(
  tx: Tx,
  sectionId: SectionId,
  id: ProfileId,
  wanted: WantedFields,
  { created, cause }: { created: boolean; cause: FieldCause },
): Promise<string[]> {
  const { attributes } = await one<{ attributes: AttributeValues }>(
    tx,
    sql`select attributes from profile where section_id = ${sectionId} and id = ${id}`,
  );
  const [before, after]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const [code, value] of wanted.values) {
    const current = attributes[code] ?? null;
    if (current === value) continue;
    before[code] = current;
    after[code] = value;
  }
  for (const [keyspaceId, key] of wanted.keys) {
    const changed = await setKey(tx, { sectionId, id, cause }, keyspaceId, key);
    if (!changed) continue;
    before[`key:${keyspaceId}`] = changed.before;
    after[`key:${keyspaceId}`] = key;
  }
  const codes = Object.keys(after);
  if (codes.length === 0 && !created) return [];
  await requireAKey(tx, sectionId, id);
  const values = Object.fromEntries(Object.entries(after).filter(([code]) => !code.startsWith('key:')));
  await execute(
    tx,
    sql`update profile
        set attributes = jsonb_strip_nulls(attributes || ${JSON.stringify(values)}::jsonb), updated_at = clock_timestamp()
        where section_id = ${sectionId} and id = ${id}`,
  );
  await execute(
    tx,
    sql`
      insert into profile_change (section_id, profile_id, created, before, after, source, user_id, api_key_id)
      values (${sectionId}, ${id}, ${created}, ${JSON.stringify(before)}, ${JSON.stringify(after)}, 
              ${SOURCES[cause.source]}, ${cause.userId}, ${cause.apiKeyId})`,
  );
  return codes;
}

/** Sets or clears one key. Undefined when it is as wanted already. */
async function setKey(
  tx: Tx,
  { sectionId, id, cause }: { sectionId: SectionId; id: ProfileId; cause: FieldCause },
  keyspaceId: KeyspaceId,
  key: string | null,
): Promise<{ before: string | null } | undefined> {
  const current = await maybeOne<{ key: string }>(
    tx,
    sql`select key from profile_key where section_id = ${sectionId} and profile_id = ${id} and keyspace_id = ${keyspaceId}`,
  );
  const before = current?.key ?? null;
  if (before === key) return undefined;
  await execute(
    tx,
    sql`delete from profile_key where section_id = ${sectionId} and profile_id = ${id} and keyspace_id = ${keyspaceId}`,
  );
  if (key === null) return { before };
  await requireUnlocked(tx, { sectionId, keyspaceId }, key);
  const taken = await execute(
    tx,
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      values (${sectionId}, ${keyspaceId}, ${key}, ${id})
      on conflict (section_id, keyspace_id, key) do nothing`,
  );
  if (taken > 0) return { before };
  // A client learns that the key is taken, not by whom.
  if (cause.apiKeyId !== null) return refuse('conflict', `Another profile has ${key} already.`);
  const other = await maybeOne<{ id: ProfileId; attributes: AttributeValues }>(
    tx,
    sql`
      select profile.id, profile.attributes
      from profile_key
      join profile on profile.section_id = profile_key.section_id and profile.id = profile_key.profile_id
      where profile_key.section_id = ${sectionId} and keyspace_id = ${keyspaceId} and key = ${key}`,
  );
  const name = other ? profileName(other.id, other.attributes, [{ keyspaceId, key }]) : 'Another profile';
  return refuse('conflict', `${name} has ${key} already.`, {
    field: `key:${keyspaceId}`,
    details: { profileId: other?.id },
  });
}

async function requireAKey(tx: Tx, sectionId: SectionId, id: ProfileId): Promise<void> {
  const key = await maybeOne(
    tx,
    sql`select from profile_key where section_id = ${sectionId} and profile_id = ${id} limit 1`,
  );
  if (!key) refuse('invalid', 'A profile needs at least one key: it is found by it.', { field: 'keys' });
}
