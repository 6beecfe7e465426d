// Merges several profiles of a section by their keys, for API clients.
import type { Actor } from '@/lib/access/actor';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import type { KeyspaceId, ProfileId, SectionId } from '@/lib/db/ids';
import { execute, join, rows, sql, type Tx } from '@/lib/db/sql';
import { allowedTag, findTags, type FoundTag } from '@/lib/profiles/allowed-operations';
import { isKept } from '@/lib/profiles/keys';
import {
  createMissing,
  findProfile,
  holdersOf,
  keysOf,
  allowsSeveralKeys,
  type OwnedKey,
  type ProfileKey,
} from '@/lib/profiles/keyspace';
import { LOCKED, lockedKeys } from '@/lib/profiles/locks';
import { combineProfiles } from './combine';

/**
 * Merges the profiles that have the keys, in one section; unused keys are given to the merged profile. Of two values
 * the older profile's wins, so the order of merges does not matter. `create`: create a profile if no profile has any of
 * the keys. Returns false if there was nothing to merge. Refuses with `conflict` profiles with different keys in a
 * keyspace that allows only one, and with `locked` locked keys.
 */
export async function mergeProfiles(
  tx: Tx,
  actor: Actor,
  profileKeys: readonly ProfileKey[],
  { create }: { create: boolean },
): Promise<boolean> {
  const [{ sectionId }] = profileKeys as [ProfileKey];
  for (const { keyspace, key } of profileKeys) {
    const locked = await lockedKeys(tx, { sectionId, keyspaceId: keyspace.id }, [key]);
    if (locked.size > 0) refuse('locked', LOCKED, { field: key });
  }
  let ids = await lockProfiles(tx, sectionId, profileKeys);
  for (const profileKey of profileKeys) {
    if (!isKept(profileKey.keyspace.kind) && (await findProfile(tx, profileKey)) === undefined) return false;
  }
  if (ids.length === 0) {
    if (!create) return false;
    ids = [...(await createMissing(tx, actor, profileKeys[0]!, [profileKeys[0]!.key])).values()].map(({ id }) => id);
  }
  const owned = await keysOf(tx, sectionId, ids);
  requireOneKeyEach(actor, owned, profileKeys);
  await requireTagsMayMove(tx, profileKeys, ids.slice(1));
  const [into, ...others] = ids as [ProfileId, ...ProfileId[]];
  const added = profileKeys.filter(
    ({ keyspace, key }) =>
      isKept(keyspace.kind) &&
      !owned.some((item) => item.keyspace.id === keyspace.id && (item.key === key || !allowsSeveralKeys(keyspace))),
  );
  await combineProfiles(tx, actor, { sectionId, into, others, owned, added, take: new Set() });
  return true;
}

/**
 * The profiles of the keys, locked, oldest first. Reads them again if somebody has merged them while this waited for
 * the locks.
 */
async function lockProfiles(tx: Tx, sectionId: SectionId, profileKeys: readonly ProfileKey[]): Promise<ProfileId[]> {
  for (;;) {
    const ids = await profilesOf(tx, profileKeys);
    await execute(
      tx,
      sql`select from profile where section_id = ${sectionId} and id = any(${ids}::bigint[]) order by id for update`,
    );
    const now = await profilesOf(tx, profileKeys);
    if (now.join() === ids.join()) return ids;
  }
}

async function profilesOf(tx: Tx, profileKeys: readonly ProfileKey[]): Promise<ProfileId[]> {
  const found = await rows<{ id: ProfileId }>(
    tx,
    sql`
      select distinct profile_id as id
      from (${join(
        profileKeys.map((profileKey) => holdersOf(profileKey, [profileKey.key])),
        '\nunion all\n',
      )}) keyed
      order by profile_id`,
  );
  return found.map(({ id }) => id);
}

function requireOneKeyEach(actor: Actor, owned: readonly OwnedKey[], profileKeys: readonly ProfileKey[]): void {
  const keys = new Map<KeyspaceId, string>();
  for (const { keyspace, key } of [...owned, ...profileKeys]) {
    if (allowsSeveralKeys(keyspace)) continue;
    const other = keys.get(keyspace.id);
    if (other !== undefined && other !== key) {
      if (!mayUseKeyspace(actor, keyspace.id))
        refuse('conflict', 'These profiles cannot be merged: they may be different people.');
      refuse('conflict', `These profiles have different keys in ${keyspace.name}: they may be different people.`, {
        field: keyspace.discriminator,
      });
    }
    keys.set(keyspace.id, key);
  }
}

/**
 * A merge writes the tags that move, so each must be writable through every keyspace that the client named. Tags that
 * the client may not read move silently: a refusal would reveal that the profile has one.
 */
async function requireTagsMayMove(
  tx: Tx,
  profileKeys: readonly ProfileKey[],
  others: readonly ProfileId[],
): Promise<void> {
  const [{ sectionId }] = profileKeys as [ProfileKey];
  const held = await rows<{ ref: string }>(
    tx,
    sql`
      select distinct tag.id::text as ref
      from profile_tag held
      join tag on tag.section_id = held.section_id and tag.id = held.tag_id and tag.hidden_at is null
      where held.section_id = ${sectionId} and held.profile_id = any(${others}::bigint[])`,
  );
  const refs = held.map(({ ref }) => ref);
  const looked: { profileKey: ProfileKey; tags: Map<string, FoundTag> }[] = [];
  for (const profileKey of profileKeys)
    looked.push({ profileKey, tags: await findTags(tx, profileKey, refs, { toChange: true }) });
  const readable = refs.filter((ref) => looked.every(({ tags }) => tags.get(ref)?.canRead));
  for (const { profileKey, tags } of looked) for (const ref of readable) allowedTag(tags, profileKey, ref, 'write');
}
