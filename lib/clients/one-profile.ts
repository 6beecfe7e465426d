// What API clients do to a single profile. They name it by a key in a keyspace, which also decides which Allowed
// Operations apply.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor, type ClientActor } from '@/lib/access/actor';
import { DENIED, isUsableKey } from '@/lib/access/api-key';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { isBlank } from '@/lib/attributes/blank';
import { listAttributes } from '@/lib/attributes/queries';
import { parseJsonValue } from '@/lib/attributes/values';
import { KeyspaceIdSchema, SectionIdSchema, type SectionId, type TagId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { maybeOne, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { appliedFrom } from '@/lib/tags/origin';
import { sourceOf, type Source } from '@/lib/tags/source';
import type { WantedFields } from '@/lib/profiles/change';
import { applyFields, lockProfile } from '@/lib/profiles/fields';
import {
  forbiddenAttributes,
  findOrCreate,
  findProfile,
  holdersOf,
  NO_PROFILE,
  openKey,
  requireAttributeAllowed,
  requireExisting,
} from '@/lib/profiles/keyspace';
import { isKept, KEY_ATTRIBUTES, normaliseKey } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import { allowedTag, findTagsAndProfile, TagRef } from '@/lib/profiles/allowed-operations';
import { changeTagsBatched } from './tag-batching';

const ByKey = z.object({
  sectionId: SectionIdSchema,
  keyspaceId: KeyspaceIdSchema,
  key: z.string().max(1_000, 'A profile key has at most 320 characters.'),
});
type ByKey = z.output<typeof ByKey>;

/**
 * Applies and removes tags. Creates the profile if no profile has the key. Checks the API key itself, in the same
 * statement.
 */
export const changeTagsByKey = command({
  name: 'profiles.change-tags-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey.extend({
    apply: z.array(TagRef).max(100, 'At most 100 tags can be changed at once.').default([]),
    remove: z.array(TagRef).max(100, 'At most 100 tags can be changed at once.').default([]),
  }),
  atOnce: async ({ actor, accountId }, input) =>
    changeTagsBatched(actor, await openKey(pool(), actor, accountId, input), input),
  run: async ({ tx, actor, accountId }, input) => {
    if (actor.kind === 'client' && !(await isUsableKey(tx, actor.apiKeyId))) refuse('not_signed_in', DENIED);
    const profileKey = await openKey(tx, actor, accountId, input);
    const { tags, profileId: known } = await findTagsAndProfile(tx, profileKey, [...input.apply, ...input.remove], {
      toChange: true,
    });
    const idOf = (ref: string) => allowedTag(tags, profileKey, ref, 'write');
    const change = { apply: input.apply.map(idOf), remove: input.remove.map(idOf) };
    const needed = input.apply.length > 0 || !isKept(profileKey.keyspace.kind);
    const profileId = known ?? (needed ? (await findOrCreate(tx, actor, profileKey)).id : undefined);
    const tagIds = [...change.apply, ...change.remove];
    if (profileId === undefined) return { applied: 0, removed: 0, tagIds };
    if (known !== undefined) await requireExisting(tx, input.sectionId, [known]);
    const { applied, removed } = await changeTags(
      tx,
      { sectionId: input.sectionId, ...causeOf(actor) },
      wantedForOne(profileId, change),
    );
    return { applied, removed, tagIds };
  },
  // The ledger records the change and the API key.
  audit: () => null,
});

/** Creates the profile of a key. Refuses with `conflict` if it exists. */
export const createByKey = command({
  name: 'profiles.create-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey,
  run: async ({ tx, actor, accountId }, input) => {
    const profileKey = await openKey(tx, actor, accountId, input);
    if (!isKept(profileKey.keyspace.kind)) {
      refuse(
        'invalid',
        `Tagwell generates the keys of ${profileKey.keyspace.name}. Create the profile with a key in another keyspace, then read the generated key in an export.`,
      );
    }
    const { id, created } = await findOrCreate(tx, actor, profileKey);
    if (!created) refuse('conflict', `A profile with this key in ${profileKey.keyspace.name} already exists.`);
    return { id };
  },
  audit: () => null,
});

/** JSON values; null clears the attribute. */
const Values = z.record(z.string().max(200), z.union([z.string().max(5_000), z.number(), z.boolean(), z.null()]));

/**
 * Sets attributes by discriminator or version id. `create`: create a profile for an unknown key instead of refusing
 * with `not_found`.
 */
export const setAttributesByKey = command({
  name: 'profiles.set-attributes-by-key',
  scope: 'section',
  allow: 'everyone',
  input: ByKey.extend({ values: Values, create: z.boolean() }),
  run: async ({ tx, actor, accountId }, input) => {
    const profileKey = await openKey(tx, actor, accountId, input);
    const wanted = await requestedValues(tx, actor, input.sectionId, input.values);
    const profileId = input.create ? (await findOrCreate(tx, actor, profileKey)).id : await findProfile(tx, profileKey);
    if (profileId === undefined) refuse('not_found', NO_PROFILE);
    await lockProfile(tx, input.sectionId, profileId, { byKey: true });
    const cause = { sectionId: input.sectionId, ...causeOf(actor) };
    return { changed: await applyFields(tx, cause, profileId, wanted) };
  },
  audit: () => null,
});

const causeOf = (actor: Actor) => ({
  source: 'api' as const,
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});

/** Resolves attributes by the names that clients use. An attribute that follows a key sets the key too. */
async function requestedValues(
  tx: Tx,
  actor: Actor,
  sectionId: SectionId,
  values: z.output<typeof Values>,
): Promise<WantedFields> {
  const wanted: WantedFields = { keys: new Map(), values: new Map() };
  const attributes = await listAttributes(tx, sectionId);
  const keyspaces = await listKeyspaces(tx, actor.accountId);
  const closed = await forbiddenAttributes(tx, actor, actor.accountId);
  for (const [ref, value] of Object.entries(values)) {
    const attribute = attributes.find(({ id, discriminator }) => discriminator === ref || String(id) === ref);
    if (!attribute) return refuse('not_found', `There is no attribute “${ref}” in this section.`, { field: ref });
    requireAttributeAllowed(closed, attribute, ref);
    const keyspace = keyspaces.find(({ kind }) => attribute.system && KEY_ATTRIBUTES[kind] === attribute.code);
    const blank = value === null || isBlank(String(value));
    if (keyspace) {
      const key = blank ? null : normaliseKey(keyspace.kind, String(value));
      if (key && !key.ok) return refuse('invalid', `${attribute.name}: ${key.reason}.`, { field: ref });
      wanted.keys.set(keyspace.id, key?.key ?? null);
      wanted.values.set(attribute.code, key?.key ?? null);
      continue;
    }
    const parsed = blank ? null : parseJsonValue(attribute, value);
    if (parsed && !parsed.ok) return refuse('invalid', `${parsed.reason}.`, { field: ref });
    wanted.values.set(attribute.code, parsed?.value ?? null);
  }
  return wanted;
}

export type TagByKey = { id: TagId; discriminator: string; name: string; since: Date | null; source: Source | null };

/** The tags of a profile that may be read through the keyspace; undefined if no profile has the key. */
export async function tagsByKey(db: Db, actor: ClientActor, input: ByKey): Promise<TagByKey[] | undefined> {
  const profileKey = await openKey(db, actor, actor.accountId, input);
  const profileId = await findProfile(db, profileKey);
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
        and permission.keyspace_id = ${profileKey.keyspace.id}
      left join lateral (${appliedFrom(sectionId, sql`held.profile_id`, sql`tag.id`)}) entry on true
      where held.section_id = ${sectionId} and held.profile_id = ${profileId} and coalesce(permission.can_read, true)
      order by tag.name_key`,
    { prepare: true },
  );
  return found.map((tag) => ({ ...tag, source: tag.source === null ? null : sourceOf(tag.source) }));
}

/** Attribute values by code, without attributes hidden from the client; undefined if no profile has the key. */
export async function attributesByKey(
  db: Db,
  actor: ClientActor,
  input: ByKey,
): Promise<Record<string, string | number | boolean> | undefined> {
  const profileKey = await openKey(db, actor, actor.accountId, input);
  const found = await maybeOne<{ attributes: Record<string, string | number | boolean> }>(
    db,
    sql`
      select profile.attributes
      from (${holdersOf(profileKey, [profileKey.key])}) keyed
      join profile on profile.section_id = ${input.sectionId} and profile.id = keyed.profile_id`,
  );
  if (!found) return undefined;
  const closed = await forbiddenAttributes(db, actor, actor.accountId);
  return Object.fromEntries(Object.entries(found.attributes).filter(([code]) => !closed.has(code)));
}
