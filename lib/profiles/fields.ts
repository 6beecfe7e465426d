// Keys and values of one profile, as people and API clients set them.
import { refuse } from '@/lib/access/refusal';
import type { AttributeValues } from '@/lib/attributes/schema';
import type { KeyspaceId, ProfileId, SectionId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { maybeOne, sql, type Tx } from '@/lib/db/sql';
import {
  changeProfile,
  createKeyedProfiles,
  keysOfOne,
  reserveProfileIds,
  type DataCause,
  type WantedFields,
} from './change';
import { requireUnlocked } from './locks';
import { profileName } from './schema';

type ProfileLock = {
  /** The profile will be deleted: writers that tag it or add an event must wait too. */
  toDelete?: boolean;
  /**
   * It was found by a key. If it does not exist any more, another profile may have that key: the transaction is
   * retried.
   */
  byKey?: boolean;
};

/**
 * Locks a profile for a change, so that what is read afterwards stays true. Refuses with `not_found` if it does not
 * exist.
 */
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
  return profile ?? refuse('not_found', 'This profile no longer exists: someone has deleted it.');
}

/** Creates a profile with these fields. If another profile has a key, refuses with `conflict` and that profile. */
export async function createWithFields(tx: Tx, cause: DataCause, { keys, values }: WantedFields): Promise<ProfileId> {
  const { sectionId } = cause;
  await requireUnlocked(tx, sectionId, keys);
  const wanted = new Map([...keys].flatMap(([keyspaceId, key]) => (key === null ? [] : [[keyspaceId, key] as const])));
  const attributes = Object.fromEntries([...values].filter(([, value]) => value !== null));
  const noted = { ...attributes, ...Object.fromEntries([...wanted].map(([id, key]) => [`key:${id}`, key])) };
  const [id] = (await reserveProfileIds(tx, 1)) as [ProfileId];
  const set = await createKeyedProfiles(tx, cause, {
    profiles: sql`
      select ${id}::bigint as profile_id, ${JSON.stringify(attributes)}::jsonb as attributes,
        ${JSON.stringify(noted)}::jsonb as noted`,
    keys: keysOfOne(id, wanted),
  });
  const taken = [...wanted].find(([keyspaceId]) => !set.some((item) => item.keyspaceId === keyspaceId));
  if (taken) await refuseTaken(tx, cause, ...taken);
  return id;
}

/** Writes what really changes on a locked profile. Returns the changed codes. */
export async function applyFields(tx: Tx, cause: DataCause, id: ProfileId, wanted: WantedFields): Promise<string[]> {
  const { keys, values } = wanted;
  await requireUnlocked(tx, cause.sectionId, keys);
  const { changed, taken } = await changeProfile(tx, cause, id, wanted);
  const [keyspaceId] = taken;
  if (keyspaceId !== undefined) await refuseTaken(tx, cause, keyspaceId, keys.get(keyspaceId)!);
  if (keys.size > 0) await requireAKey(tx, cause.sectionId, id);
  return [...values.keys(), ...[...keys.keys()].map((own) => `key:${own}`)].filter((code) => changed.includes(code));
}

/** A client learns that the key is taken, but not by whom. */
async function refuseTaken(tx: Tx, cause: DataCause, keyspaceId: KeyspaceId, key: string): Promise<never> {
  if (cause.source === 'api') return refuse('conflict', `Another profile already has ${key}.`);
  const other = await maybeOne<{ id: ProfileId; attributes: AttributeValues }>(
    tx,
    sql`
      select profile.id, profile.attributes
      from profile_key
      join profile on profile.section_id = profile_key.section_id and profile.id = profile_key.profile_id
      where profile_key.section_id = ${cause.sectionId} and keyspace_id = ${keyspaceId} and key = ${key}`,
  );
  const name = other ? profileName(other.id, other.attributes, [{ keyspaceId, key }]) : 'Another profile';
  return refuse('conflict', `${name} already has ${key}.`, {
    field: `key:${keyspaceId}`,
    details: { profileId: other?.id },
  });
}

async function requireAKey(tx: Tx, sectionId: SectionId, id: ProfileId): Promise<void> {
  const key = await maybeOne(
    tx,
    sql`select from profile_key where section_id = ${sectionId} and profile_id = ${id} limit 1`,
  );
  if (!key) refuse('invalid', 'A profile needs at least one key, so that it can be found.', { field: 'keys' });
}
