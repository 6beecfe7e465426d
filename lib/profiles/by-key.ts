// What API clients do: a profile is named by a key in a keyspace, through which Allowed Operations are looked up.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor, type ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { parseAttributeValue } from '@/lib/attributes/values';
import {
  KeyspaceIdSchema,
  SectionIdSchema,
  type AccountId,
  type KeyspaceId,
  type ProfileId,
  type SectionId,
  type TagId,
} from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { sourceOf, type Source } from '@/lib/tags/source';
import { erase } from './commands';
import { applyFields, lockProfile, type FieldCause, type WantedFields } from './fields';
import { KEY_ATTRIBUTES, normaliseKey } from './keys';
import { listKeyspaces } from './queries';
import type { Keyspace } from './schema';

const ByKey = z.object({
  sectionId: SectionIdSchema,
  keyspaceId: KeyspaceIdSchema,
  key: z.string().max(1_000, 'A profile key has at most 320 characters.'),
});
type ByKey = z.output<typeof ByKey>;

/** A tag's discriminator (its own, or that of a tag merged into it) or version id. */
const TagRef = z.string().min(1).max(200);

/** What a call is refused for by Allowed Operations: counted by the door that made it. */
export type Denied = { tagId: TagId; keyspaceId: KeyspaceId; operation: 'read' | 'write' };

/** Applies and removes tags; the profile is created where nobody has the key. */
export const changeTagsByKey = command({
  name: 'profiles.change-tags-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey.extend({
    apply: z.array(TagRef).max(100, 'At most 100 tags can be changed at once.').default([]),
    remove: z.array(TagRef).max(100, 'At most 100 tags can be changed at once.').default([]),
  }),
  run: async ({ tx, actor, accountId }, input) => {
    const place = await openPlace(tx, actor, accountId, input);
    const tags = await writableTags(tx, place, [...input.apply, ...input.remove]);
    const idOf = (ref: string) => tags.get(ref)!;
    const profileId = input.apply.length > 0 ? await findOrCreate(tx, actor, place) : await findProfile(tx, place);
    if (profileId === undefined) return { applied: 0, removed: 0 };
    const cause = {
      sectionId: input.sectionId,
      source: 'api' as const,
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
    };
    const { applied, removed } = await changeTags(
      tx,
      cause,
      wantedForOne(profileId, { apply: input.apply.map(idOf), remove: input.remove.map(idOf) }),
    );
    return { applied, removed };
  },
  // The ledger records it, with the key.
  audit: () => null,
});

/** Creates the profile of a key; one that is there is a `conflict`. */
export const createByKey = command({
  name: 'profiles.create-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey,
  run: async ({ tx, actor, accountId }, input) => {
    const place = await openPlace(tx, actor, accountId, input);
    const known = await findProfile(tx, place);
    if (known !== undefined) refuse('conflict', `There is a profile with this key in ${place.keyspace.name} already.`);
    return { id: await findOrCreate(tx, actor, place) };
  },
  audit: () => null,
});

/** Values as JSON has them; null clears. */
const Values = z.record(z.string().max(200), z.union([z.string().max(5_000), z.number(), z.boolean(), z.null()]));

/** Sets attributes by discriminator or version id. `create`: whether an unknown key makes a profile, or is `not_found`. */
export const setAttributesByKey = command({
  name: 'profiles.set-attributes-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey.extend({ values: Values, create: z.boolean() }),
  run: async ({ tx, actor, accountId }, input) => {
    const place = await openPlace(tx, actor, accountId, input);
    const wanted = await wantedValues(tx, accountId, input.sectionId, input.values);
    const profileId = input.create ? await findOrCreate(tx, actor, place) : await findProfile(tx, place);
    if (profileId === undefined) refuse('not_found', 'There is no profile with this key in the section.');
    await lockProfile(tx, input.sectionId, profileId);
    const changed = await applyFields(tx, input.sectionId, profileId, wanted, {
      created: false,
      cause: causeOf(actor),
    });
    return { changed };
  },
  audit: () => null,
});

/** Erases the person (GDPR) in the section. */
export const eraseByKey = command({
  name: 'profiles.erase-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey,
  run: async ({ tx, actor, accountId }, input) => {
    const place = await openPlace(tx, actor, accountId, input);
    const profileId = await findProfile(tx, place);
    if (profileId === undefined) return { erased: null };
    await erase(tx, actor, input.sectionId, profileId);
    return { erased: profileId };
  },
  audit: (_input, { erased }) =>
    erased === null ? null : { summary: 'Erased a profile and its data', subject: `profile:${erased}` },
});

const causeOf = (actor: Actor): FieldCause => ({
  source: 'api',
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});

/** A key in its keyspace, as it is stored. */
type Place = { sectionId: SectionId; keyspace: Keyspace; key: string };

async function openPlace(
  db: Db,
  actor: Actor,
  accountId: AccountId,
  { sectionId, keyspaceId, key }: ByKey,
): Promise<Place> {
  const [keyspace] = await rows<Keyspace>(
    db,
    sql`select id, kind, name, discriminator from keyspace where id = ${keyspaceId} and account_id = ${accountId}`,
    { prepare: true },
  );
  if (!keyspace || (actor.kind === 'client' && !mayUseKeyspace(actor, keyspace.id))) {
    return refuse('not_found', 'There is no such keyspace, or this API key may not use it.');
  }
  const normalised = normaliseKey(keyspace.kind, key);
  if (!normalised.ok) return refuse('invalid', `${keyspace.name}: ${normalised.reason}.`, { field: 'profile_key' });
  return { sectionId, keyspace, key: normalised.key };
}

export function mayUseKeyspace(actor: ClientActor, keyspaceId: KeyspaceId): boolean {
  return actor.keyspaces === 'all' || actor.keyspaces.includes(keyspaceId);
}

async function findProfile(db: Db, { sectionId, keyspace, key }: Place): Promise<ProfileId | undefined> {
  const [found] = await rows<{ id: ProfileId }>(
    db,
    sql`select profile_id as id from profile_key
        where section_id = ${sectionId} and keyspace_id = ${keyspace.id} and key = ${key}`,
    { prepare: true },
  );
  return found?.id;
}

async function findOrCreate(tx: Tx, actor: Actor, place: Place): Promise<ProfileId> {
  const known = await findProfile(tx, place);
  if (known !== undefined) return known;
  const { sectionId, keyspace, key } = place;
  const { id } = await one<{ id: ProfileId }>(
    tx,
    sql`insert into profile (section_id) values (${sectionId}) returning id`,
  );
  const taken = await execute(
    tx,
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      values (${sectionId}, ${keyspace.id}, ${key}, ${id})
      on conflict (section_id, keyspace_id, key) do nothing`,
  );
  if (taken === 0) {
    // Somebody made it meanwhile.
    await execute(tx, sql`delete from profile where section_id = ${sectionId} and id = ${id}`);
    return findOrCreate(tx, actor, place);
  }
  const values = new Map([[KEY_ATTRIBUTES[keyspace.kind], key]]);
  await applyFields(tx, sectionId, id, { keys: new Map(), values }, { created: true, cause: causeOf(actor) });
  return id;
}

/** Attributes by what clients call them. Those that follow a key set the key too. */
async function wantedValues(
  tx: Tx,
  accountId: AccountId,
  sectionId: SectionId,
  values: z.output<typeof Values>,
): Promise<WantedFields> {
  const wanted: WantedFields = { keys: new Map(), values: new Map() };
  const attributes = await listAttributes(tx, sectionId);
  const keyspaces = await listKeyspaces(tx, accountId);
  for (const [ref, value] of Object.entries(values)) {
    const attribute = attributes.find(({ id, discriminator }) => discriminator === ref || String(id) === ref);
    if (!attribute) return refuse('not_found', `There is no attribute “${ref}” in this section.`, { field: ref });
    const keyspace = keyspaces.find(({ kind }) => attribute.system && KEY_ATTRIBUTES[kind] === attribute.code);
    const blank = value === null || value === '';
    if (keyspace) {
      const key = blank ? null : normaliseKey(keyspace.kind, String(value));
      if (key && !key.ok) return refuse('invalid', `${attribute.name}: ${key.reason}.`, { field: ref });
      wanted.keys.set(keyspace.id, key?.key ?? null);
      wanted.values.set(attribute.code, key?.key ?? null);
      continue;
    }
    const parsed = blank ? null : parseAttributeValue(attribute, String(value), { dates: 'auto', decimal: '.' });
    if (parsed && !parsed.ok) return refuse('invalid', `${parsed.reason}.`, { field: ref });
    wanted.values.set(attribute.code, parsed?.value ?? null);
  }
  return wanted;
}

type FoundTag = { ref: string; id: TagId; name: string; writable: boolean };

/** The visible tags that the references mean, by reference; refused where one is none, or may not be written. */
async function writableTags(
  tx: Tx,
  { sectionId, keyspace }: Place,
  refs: readonly string[],
): Promise<Map<string, TagId>> {
  const ids = refs.filter((ref) => /^\d{1,9}$/.test(ref)).map(Number);
  const found = await rows<FoundTag>(
    tx,
    sql`
      with recursive named as (
        select tag.discriminator as ref, tag.id, tag.name, tag.hidden_at, tag.merged_into
        from tag where section_id = ${sectionId} and discriminator = any(${refs}::text[])
        union all
        select tag.id::text, tag.id, tag.name, tag.hidden_at, tag.merged_into
        from tag where section_id = ${sectionId} and id = any(${ids}::int[])
        union all
        select named.ref, next.id, next.name, next.hidden_at, next.merged_into
        from named
        join tag next on next.section_id = ${sectionId} and next.id = named.merged_into
      )
      select named.ref, named.id, named.name, coalesce(permission.can_write, true) as writable
      from named
      left join tag_permission permission
        on permission.section_id = ${sectionId} and permission.tag_id = named.id and permission.keyspace_id = ${keyspace.id}
      where named.hidden_at is null`,
    { prepare: true },
  );
  const tags = new Map(found.map(({ ref, id }) => [ref, id]));
  const unknown = refs.find((ref) => !tags.has(ref));
  if (unknown !== undefined) {
    return refuse('not_found', `There is no tag “${unknown}” in this section.`, { field: unknown });
  }
  const denied = found.find(({ writable }) => !writable);
  if (denied) {
    const details: Denied = { tagId: denied.id, keyspaceId: keyspace.id, operation: 'write' };
    return refuse(
      'not_allowed',
      `The tag “${denied.name}” may not be written through ${keyspace.name}. An Admin can allow it (Settings → Data Model → Tags → Allowed Operations).`,
      { field: denied.ref, details },
    );
  }
  return tags;
}

export type TagByKey = { id: TagId; discriminator: string; name: string; since: Date | null; source: Source | null };

/** The tags of a profile that may be read through the keyspace; undefined where nobody has the key. */
export async function tagsByKey(db: Db, actor: ClientActor, input: ByKey): Promise<TagByKey[] | undefined> {
  const place = await openPlace(db, actor, actor.accountId, input);
  const profileId = await findProfile(db, place);
  if (profileId === undefined) return undefined;
  const { sectionId } = input;
  const found = await rows<Omit<TagByKey, 'source'> & { source: number | null }>(
    db,
    sql`
      select tag.id, tag.discriminator, tag.name, entry.at as since, entry.source
      from profile_tag held
      join tag on tag.section_id = held.section_id and tag.id = held.tag_id and tag.hidden_at is null
      left join tag_permission permission
        on permission.section_id = ${sectionId} and permission.tag_id = tag.id
        and permission.keyspace_id = ${place.keyspace.id}
      left join lateral (
        select at, source from tag_change
        where section_id = ${sectionId} and profile_id = ${profileId} and tag_id = tag.id and visible and action = 1
        order by id desc
        limit 1
      ) entry on true
      where held.section_id = ${sectionId} and held.profile_id = ${profileId} and coalesce(permission.can_read, true)
      order by tag.name_key`,
    { prepare: true },
  );
  return found.map((tag) => ({ ...tag, source: tag.source === null ? null : sourceOf(tag.source) }));
}

/** Attribute values by code; undefined where nobody has the key. */
export async function attributesByKey(
  db: Db,
  actor: ClientActor,
  input: ByKey,
): Promise<Record<string, string | number | boolean> | undefined> {
  const place = await openPlace(db, actor, actor.accountId, input);
  const found = await maybeOne<{ attributes: Record<string, string | number | boolean> }>(
    db,
    sql`
      select profile.attributes
      from profile_key
      join profile on profile.section_id = profile_key.section_id and profile.id = profile_key.profile_id
      where profile_key.section_id = ${input.sectionId} and keyspace_id = ${place.keyspace.id} and key = ${place.key}`,
  );
  return found?.attributes;
}
