// Profiles by key: the keyspaces that a client may use, normalised keys, and the profiles created for them.
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse, type RefusalData } from '@/lib/access/refusal';
import type { Attribute } from '@/lib/attributes/schema';
import type { AccountId, KeyspaceId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { execute, rows, sql, type Db, type Sql, type Tx } from '@/lib/db/sql';
import { createKeyedProfiles, reserveProfileIds } from './change';
import { profileIdFromExportKey } from './export-key';
import { isKept, KEY_ATTRIBUTES, normaliseKey } from './keys';
import { LOCKED, lockedKeys } from './locks';
import { listKeyspaces } from './queries';
import type { Keyspace } from './schema';

export type InKeyspace = { sectionId: SectionId; keyspace: Keyspace };

/** A normalised key in its keyspace and section. */
export type ProfileKey = InKeyspace & { key: string };

/** The keyspaces of the account that the actor may use. */
export const usableKeyspaces = async (db: Db, actor: Actor): Promise<Keyspace[]> =>
  (await listKeyspaces(db, actor.accountId)).filter(({ id }) => mayUseKeyspace(actor, id));

/**
 * A condition on profiles of a section, by id: the actor may reach them, by a key in a keyspace that it may use.
 * Undefined if it may reach all.
 */
export async function reachableBy(
  db: Db,
  actor: Actor,
  sectionId: SectionId,
): Promise<((profileId: Sql) => Sql) | undefined> {
  if (actor.kind !== 'client' || actor.keyspaces === 'all') return undefined;
  const usable = await usableKeyspaces(db, actor);
  // Every profile has a key of Export.
  if (usable.some(({ kind }) => !isKept(kind))) return undefined;
  const ids = usable.map(({ id }) => id);
  return (profileId) => sql`exists (
    select from profile_key reached
    where reached.section_id = ${sectionId} and reached.profile_id = ${profileId}
      and reached.keyspace_id = any(${ids}::int[]))`;
}

/**
 * Attributes that mirror the keys of a keyspace closed to the actor, by code. What may not be read as a key may not be
 * read or written as an attribute either.
 */
export async function forbiddenAttributes(db: Db, actor: Actor, accountId: AccountId): Promise<Map<string, Keyspace>> {
  if (actor.kind !== 'client' || actor.keyspaces === 'all') return new Map();
  const closed = (await listKeyspaces(db, accountId)).filter(({ id }) => !mayUseKeyspace(actor, id));
  return new Map(
    closed.flatMap((keyspace) => {
      const code = KEY_ATTRIBUTES[keyspace.kind];
      return code === null ? [] : [[code, keyspace] as const];
    }),
  );
}

/** Refuses an attribute that is closed to the actor, with the same answer whatever profiles contain. */
export function requireAttributeAllowed(
  closed: ReadonlyMap<string, Keyspace>,
  attribute: Attribute,
  ref: string,
): void {
  const keyspace = attribute.system ? closed.get(attribute.code) : undefined;
  if (!keyspace) return;
  refuse(
    'not_allowed',
    `The attribute “${attribute.name}” is the key of the keyspace ${keyspace.name}, which this API key may not use.`,
    { field: ref },
  );
}

/** Immutable, so cached for the life of the process. */
const keyspaces = new Map<KeyspaceId, Keyspace & { accountId: AccountId }>();

/** The account's keyspace. Refuses if it does not exist or the actor may not use it. */
export async function openKeyspace(
  db: Db,
  actor: Actor,
  accountId: AccountId,
  { sectionId, keyspaceId }: { sectionId: SectionId; keyspaceId: KeyspaceId },
): Promise<InKeyspace> {
  let keyspace = keyspaces.get(keyspaceId);
  if (!keyspace) {
    [keyspace] = await rows<Keyspace & { accountId: AccountId }>(
      db,
      sql`select id, kind, name, discriminator, account_id as "accountId" from keyspace where id = ${keyspaceId}`,
    );
    if (keyspace) keyspaces.set(keyspaceId, keyspace);
  }
  if (keyspace?.accountId !== accountId || !mayUseKeyspace(actor, keyspaceId)) {
    return refuse('not_found', 'This keyspace does not exist, or this API key may not use it.');
  }
  return { sectionId, keyspace };
}

/** Normalises a key of a keyspace. Refuses an invalid one. */
export async function openKey(
  db: Db,
  actor: Actor,
  accountId: AccountId,
  { key, ...where }: { sectionId: SectionId; keyspaceId: KeyspaceId; key: string },
): Promise<ProfileKey> {
  const profileKey = await openKeyspace(db, actor, accountId, where);
  return { ...profileKey, key: storedKey(profileKey, key) };
}

/** Normalises a key. Refuses an invalid one. */
export function storedKey({ keyspace }: InKeyspace, key: string): string {
  const normalised = normaliseKey(keyspace.kind, key);
  if (!normalised.ok) return refuse('invalid', `${keyspace.name}: ${normalised.reason}.`, { field: 'profile_key' });
  return normalised.key;
}

/**
 * Relation `key, profile_id`: the profiles that have the normalised keys. A key of Export leads to the profile with its
 * id, or to the one that this was merged into.
 */
export function holdersOf({ sectionId, keyspace }: InKeyspace, keys: readonly string[]): Sql {
  if (isKept(keyspace.kind)) {
    const [key, ...others] = keys;
    const wanted = key !== undefined && others.length === 0 ? sql`key = ${key}` : sql`key = any(${keys}::text[])`;
    return sql`
      select key, profile_id from profile_key
      where section_id = ${sectionId} and keyspace_id = ${keyspace.id} and ${wanted}`;
  }
  const named = keys.flatMap((key) => {
    const id = profileIdFromExportKey(sectionId, key);
    return id === undefined ? [] : [{ key, id }];
  });
  return sql`
    select named.key, profile.id as profile_id
    from unnest(${named.map(({ key }) => key)}::text[], ${named.map(({ id }) => id)}::bigint[]) named (key, id)
    left join profile_merge merged on merged.section_id = ${sectionId} and merged.from_id = named.id
    join profile on profile.section_id = ${sectionId} and profile.id = coalesce(merged.into_id, named.id)`;
}

/** The profile of the key; undefined if there is none. */
export async function findProfile(db: Db, profileKey: ProfileKey): Promise<ProfileId | undefined> {
  const [found] = await rows<{ id: ProfileId }>(
    db,
    sql`select profile_id as id from (${holdersOf(profileKey, [profileKey.key])}) keyed`,
    { prepare: true },
  );
  return found?.id;
}

/** The profiles of normalised keys, by key. */
export async function findProfiles(
  db: Db,
  profileKey: InKeyspace,
  keys: readonly string[],
): Promise<Map<string, ProfileId>> {
  const found = await rows<{ key: string; id: ProfileId }>(
    db,
    sql`select key, profile_id as id from (${holdersOf(profileKey, keys)}) keyed`,
  );
  return new Map(found.map(({ key, id }) => [key, id]));
}

/**
 * Whether a profile may have several keys in the keyspace: cookie ids, one per device; in Export, those of profiles
 * merged into it.
 */
export const allowsSeveralKeys = ({ kind }: Keyspace): boolean =>
  kind === 'web' || kind === 'integration' || kind === 'export';

/** Distinguishes a key from other keys of its profile in the keyspace. */
export const slotOf = (keyspace: Keyspace, key: Sql): Sql =>
  allowsSeveralKeys(keyspace) ? sql`hashtext(${key})` : sql`0`;

/** The profile of a key. `created`: by this call, and not by a concurrent one. */
export type FoundOrCreated = { id: ProfileId; created: boolean };

/**
 * Locks profiles that were found by key, so that none is deleted or merged before it is changed. If one does not exist
 * any more, another profile may have its key: the transaction is retried.
 */
export async function requireExisting(tx: Tx, sectionId: SectionId, ids: readonly ProfileId[]): Promise<void> {
  const held = await execute(
    tx,
    sql`select from profile where section_id = ${sectionId} and id = any(${ids}::bigint[]) order by id for key share`,
  );
  if (held < new Set(ids).size) throw new LostRace();
}

/**
 * Creates a profile for each key that no profile has, with its attribute and history, even if others create them
 * concurrently. Leaves out locked keys and keys of Export, which only Tagwell creates.
 */
export async function createMissing(
  tx: Tx,
  actor: Actor,
  { sectionId, keyspace }: InKeyspace,
  wanted: readonly string[],
  operationId: OperationId | null = null,
): Promise<Map<string, FoundOrCreated>> {
  if (wanted.length === 0 || !isKept(keyspace.kind)) return new Map();
  const free = await idsForKeys(tx, sectionId, keyspace.id, wanted);
  const attribute = KEY_ATTRIBUTES[keyspace.kind];
  const field = attribute ?? `key:${keyspace.id}`;
  const made = await createKeyedProfiles(
    tx,
    { sectionId, source: 'api', userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor), operationId },
    {
      profiles: sql`
        select id as profile_id, key, jsonb_build_object(${field}::text, key) as noted,
          ${attribute === null ? sql`'{}'::jsonb` : sql`jsonb_build_object(${attribute}::text, key)`} as attributes
        from unnest(${free.map(({ id }) => id)}::bigint[], ${free.map(({ key }) => key)}::text[]) free (id, key)`,
      keys: sql`
        select profile_id, ${keyspace.id}::int as keyspace_id, key, ${slotOf(keyspace, sql`key`)} as slot from wanted`,
    },
  );
  const own = new Map(made.map(({ key, id }) => [key, { id, created: true }]));
  const lost = free.flatMap(({ key }) => (own.has(key) ? [] : [key]));
  if (lost.length === 0) return own;
  // Other transactions have created these.
  const theirs = await findProfiles(tx, { sectionId, keyspace }, lost);
  const missing = lost.filter((key) => !theirs.has(key));
  const others = [...theirs].map(([key, id]) => [key, { id, created: false }] as const);
  return new Map([
    ...own,
    ...others,
    ...(await createMissing(tx, actor, { sectionId, keyspace }, missing, operationId)),
  ]);
}

/** An id for a new profile for each key that is not locked. On a cluster the coordinator creates the ids. */
async function idsForKeys(
  tx: Tx,
  sectionId: SectionId,
  keyspaceId: KeyspaceId,
  keys: readonly string[],
): Promise<{ key: string; id: ProfileId }[]> {
  const locked = await lockedKeys(tx, { sectionId, keyspaceId }, keys);
  const free = keys.filter((key) => !locked.has(key));
  const ids = await reserveProfileIds(tx, free.length);
  return free.map((key, index) => ({ key, id: ids[index]! }));
}

export const NO_PROFILE = 'There is no profile with this key in the section.';

/** Why no profile was created for an unknown key of the keyspace. */
export const reasonNotCreated = ({ kind }: Keyspace): RefusalData =>
  isKept(kind) ? { code: 'locked', message: LOCKED } : { code: 'not_found', message: NO_PROFILE };

/**
 * The profile of the key, created if necessary. Refuses with `locked` a locked key, and with `not_found` an unknown key
 * of Export.
 */
export async function findOrCreate(tx: Tx, actor: Actor, profileKey: ProfileKey): Promise<FoundOrCreated> {
  const known = await findProfile(tx, profileKey);
  if (known !== undefined) return { id: known, created: false };
  const made = await createMissing(tx, actor, profileKey, [profileKey.key]);
  const why = reasonNotCreated(profileKey.keyspace);
  return made.get(profileKey.key) ?? refuse(why.code, why.message);
}

/** A key and its profile. */
export type OwnedKey = { profileId: ProfileId; keyspace: Keyspace; key: string };

/** All keys of the profiles, in every keyspace. */
export function keysOf(tx: Tx, sectionId: SectionId, ids: readonly ProfileId[]): Promise<OwnedKey[]> {
  return rows<OwnedKey>(
    tx,
    sql`
      select profile_id as "profileId", key,
        json_build_object('id', keyspace.id, 'kind', keyspace.kind, 'name', keyspace.name, 'discriminator', keyspace.discriminator) as keyspace
      from profile_key
      join keyspace on keyspace.id = profile_key.keyspace_id
      where section_id = ${sectionId} and profile_id = any(${ids}::bigint[])`,
  );
}
