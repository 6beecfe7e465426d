// What people do to one profile: create, edit, tag, erase.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import {
  KeyspaceIdSchema,
  ProfileIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type AccountId,
  type KeyspaceId,
  type ProfileId,
  type SectionId,
  type UserId,
} from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Tx } from '@/lib/db/sql';
import { changeTags, wantedForOne, wantedPairs } from '@/lib/tags/change';
import { requireVisibleTags } from '@/lib/tags/commands';
import { SOURCES } from '@/lib/tags/source';
import { KEY_ATTRIBUTES, normaliseKey } from './keys';
import { listKeyspaces } from './queries';
import { profileName } from './schema';

/** What was typed: values by attribute code, keys by keyspace. Blank text clears. */
const ProfileFields = z.object({
  sectionId: SectionIdSchema,
  keys: z.array(z.object({ keyspaceId: KeyspaceIdSchema, key: z.string().max(1_000) })).max(50),
  attributes: z.record(z.string().max(40), z.string().max(5_000)),
});

type Wanted = { keys: Map<KeyspaceId, string | null>; values: Map<string, AttributeValue | null> };

/** Adds a profile by hand. It needs at least one key; a key that another profile has is refused with that profile. */
export const createProfile = command({
  name: 'profiles.create',
  scope: 'section',
  allow: 'everyone',
  input: ProfileFields,
  run: async ({ tx, actor, accountId }, input) => {
    const wanted = await parseFields(tx, accountId, input);
    if (![...wanted.keys.values()].some((key) => key !== null)) {
      refuse('invalid', 'Enter an email address, a mobile number or a CRM ID: a profile is found by it.', {
        field: 'keys',
      });
    }
    const { id } = await one<{ id: ProfileId }>(
      tx,
      sql`insert into profile (section_id) values (${input.sectionId}) returning id`,
    );
    await applyFields(tx, input.sectionId, id, wanted, { created: true, userId: actorUserId(actor) });
    return { id };
  },
  audit: (_input, { id }) => ({ summary: 'Created a profile', subject: `profile:${id}` }),
});

/** Changes attributes and keys. `seen`: the values that the form was filled with, so that nobody's change is lost. */
export const updateProfile = command({
  name: 'profiles.update',
  scope: 'section',
  allow: 'everyone',
  input: ProfileFields.extend({ profileId: ProfileIdSchema, seen: z.coerce.date().optional() }),
  run: async ({ tx, actor, accountId }, input) => {
    const current = await lockProfile(tx, input.sectionId, input.profileId);
    if (input.seen && current.updatedAt > input.seen) {
      refuse(
        'conflict',
        'Somebody changed this profile while you were editing. Reload to see the change; your text is still here.',
      );
    }
    const wanted = await parseFields(tx, accountId, input);
    const changed = await applyFields(tx, input.sectionId, input.profileId, wanted, {
      created: false,
      userId: actorUserId(actor),
    });
    return { changed };
  },
  audit: ({ profileId }, { changed }) =>
    changed.length > 0
      ? { summary: `Edited a profile: ${changed.join(', ')}`, subject: `profile:${profileId}`, details: { changed } }
      : null,
});

/** Applies and removes tags on one profile, as the 360 view does. */
export const changeProfileTags = command({
  name: 'profiles.change-tags',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    profileId: ProfileIdSchema,
    apply: z.array(TagIdSchema).max(100).default([]),
    remove: z.array(TagIdSchema).max(100).default([]),
  }),
  run: async ({ tx, actor }, { sectionId, profileId, apply, remove }) => {
    await lockProfile(tx, sectionId, profileId);
    await requireVisibleTags(tx, sectionId, [...apply, ...remove]);
    const cause = { sectionId, source: 'user' as const, userId: actorUserId(actor) };
    const { applied, removed } = await changeTags(tx, cause, wantedForOne(profileId, { apply, remove }));
    return { applied, removed };
  },
  audit: ({ profileId, apply, remove }, { applied, removed }) =>
    applied + removed > 0
      ? {
          summary: `Changed the tags of a profile: ${applied} applied, ${removed} removed`,
          subject: `profile:${profileId}`,
          details: { apply, remove },
        }
      : null,
});

/**
 * Erases a person (GDPR): the profile, its keys, values, history and uploaded rows go. The ledger keeps its counts, no
 * longer knowing who it was.
 */
export const eraseProfile = command({
  name: 'profiles.erase',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, profileId: ProfileIdSchema }),
  run: async ({ tx, actor }, { sectionId, profileId }) => {
    await lockProfile(tx, sectionId, profileId);
    const cause = { sectionId, source: 'erasure' as const, userId: actorUserId(actor), includeHidden: true };
    const held = sql`
      select profile_id, tag_id, false as apply from profile_tag
      where section_id = ${sectionId} and profile_id = ${profileId}`;
    await changeTags(tx, cause, wantedPairs(held, { removes: true }));
    const keys = await rows<{ key: string }>(
      tx,
      sql`select key from profile_key where section_id = ${sectionId} and profile_id = ${profileId}`,
    );
    const names = keys.map(({ key }) => key);
    await execute(
      tx,
      sql`delete from import_reject where section_id = ${sectionId}
          and (key = any(${names}) or exists (select from unnest(cells) cell where lower(btrim(cell)) = any(${names})))`,
    );
    await execute(
      tx,
      sql`delete from import_row where section_id = ${sectionId}
          and exists (select from unnest(cells) cell where lower(btrim(cell)) = any(${names}))`,
    );
    await execute(tx, sql`delete from tag_claim where section_id = ${sectionId} and profile_id = ${profileId}`);
    await execute(tx, sql`delete from profile where section_id = ${sectionId} and id = ${profileId}`);
    await execute(
      tx,
      sql`update tag_change set profile_id = null where section_id = ${sectionId} and profile_id = ${profileId}`,
    );
    return {};
  },
  audit: ({ profileId }) => ({ summary: 'Erased a profile and its data', subject: `profile:${profileId}` }),
});

async function lockProfile(tx: Tx, sectionId: SectionId, id: ProfileId): Promise<{ updatedAt: Date }> {
  const profile = await maybeOne<{ updatedAt: Date }>(
    tx,
    sql`select updated_at as "updatedAt" from profile where section_id = ${sectionId} and id = ${id} for no key update`,
  );
  return profile ?? refuse('not_found', 'This profile is no longer there: somebody has deleted it.');
}

/** Typed keys and values from typed text; the first that is wrong is refused at its field. */
async function parseFields(tx: Tx, accountId: AccountId, input: z.output<typeof ProfileFields>): Promise<Wanted> {
  const wanted: Wanted = { keys: new Map(), values: new Map() };
  const keyspaces = new Map((await listKeyspaces(tx, accountId)).map((keyspace) => [keyspace.id, keyspace]));
  const attributes = new Map(
    (await listAttributes(tx, input.sectionId)).map((attribute) => [attribute.code, attribute]),
  );
  for (const [code, raw] of Object.entries(input.attributes)) {
    const attribute = attributes.get(code);
    if (!attribute) refuse('not_found', 'One of the attributes is no longer there. Reload the page.', { field: code });
    if (raw.trim() === '') {
      wanted.values.set(code, null);
      continue;
    }
    const parsed = parseAttributeValue(attribute, raw);
    if (!parsed.ok) refuse('invalid', `${parsed.reason}.`, { field: code });
    wanted.values.set(code, parsed.value);
  }
  for (const { keyspaceId, key } of input.keys) {
    const keyspace = keyspaces.get(keyspaceId);
    if (!keyspace) refuse('not_found', 'There is no such keyspace.', { field: `key:${keyspaceId}` });
    const normalised = key.trim() === '' ? null : normaliseKey(keyspace.kind, key);
    if (normalised && !normalised.ok) {
      refuse('invalid', `${keyspace.name}: ${normalised.reason}.`, { field: `key:${keyspaceId}` });
    }
    wanted.keys.set(keyspaceId, normalised?.key ?? null);
    wanted.values.set(KEY_ATTRIBUTES[keyspace.kind], normalised?.key ?? null);
  }
  return wanted;
}

/** Writes what really changes, with its history. Returns the codes that changed. */
async function applyFields(
  tx: Tx,
  sectionId: SectionId,
  id: ProfileId,
  wanted: Wanted,
  { created, userId }: { created: boolean; userId: UserId | null },
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
    const changed = await setKey(tx, sectionId, id, keyspaceId, key);
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
      insert into profile_change (section_id, profile_id, created, before, after, source, user_id)
      values (${sectionId}, ${id}, ${created}, ${JSON.stringify(before)}, ${JSON.stringify(after)}, ${SOURCES.user}, ${userId})`,
  );
  return codes;
}

/** Sets or clears one key. Undefined when it is as wanted already. */
async function setKey(
  tx: Tx,
  sectionId: SectionId,
  id: ProfileId,
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
  const taken = await execute(
    tx,
    sql`
      insert into profile_key (section_id, keyspace_id, key, profile_id)
      values (${sectionId}, ${keyspaceId}, ${key}, ${id})
      on conflict (section_id, keyspace_id, key) do nothing`,
  );
  if (taken > 0) return { before };
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
