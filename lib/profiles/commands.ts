// What people do to one profile: create, edit, tag, erase.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { isBlank } from '@/lib/attributes/blank';
import { listAttributes } from '@/lib/attributes/queries';
import { parseAttributeValue } from '@/lib/attributes/values';
import {
  KeyspaceIdSchema,
  ProfileIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type AccountId,
  type ProfileId,
  type SectionId,
} from '@/lib/db/ids';
import { execute, rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { forgetSignals } from '@/lib/signals/inbox';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { requireVisibleTags } from '@/lib/tags/commands';
import { eraseTags } from '@/lib/tags/of-profiles';
import { deleteProfiles, type DataCause, type WantedFields } from './change';
import { applyFields, createWithFields, lockProfile } from './fields';
import { isEntered, KEY_ATTRIBUTES, normaliseKey } from './keys';
import { mergedInto } from './merged';
import { listKeyspaces } from './queries';

/** What was typed: values by attribute code, keys by keyspace. Blank text clears. */
const ProfileFields = z.object({
  sectionId: SectionIdSchema,
  keys: z.array(z.object({ keyspaceId: KeyspaceIdSchema, key: z.string().max(1_000) })).max(50),
  attributes: z.record(z.string().max(40), z.string().max(5_000)),
});

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
    return { id: await createWithFields(tx, byHand(actor, input.sectionId), wanted) };
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
        'Someone else saved this profile while you were editing. What you typed is still here: look at what they changed, then save again.',
      );
    }
    const wanted = await parseFields(tx, accountId, input);
    return { changed: await applyFields(tx, byHand(actor, input.sectionId), input.profileId, wanted) };
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
    await erase(tx, actor, sectionId, profileId);
    return {};
  },
  audit: ({ profileId }) => ({ summary: 'Erased a profile and its data', subject: `profile:${profileId}` }),
});

/** Erases the profile inside a command's transaction. `byKey`: see `lockProfile`. */
export async function erase(
  tx: Tx,
  actor: Actor,
  sectionId: SectionId,
  profileId: ProfileId,
  { byKey = false } = {},
): Promise<void> {
  await lockProfile(tx, sectionId, profileId, { toDelete: true, byKey });
  const cause = { sectionId, userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) };
  await eraseTags(tx, cause, profileId, await mergedInto(tx, sectionId, profileId));
  await forgetSignals(tx, sectionId, profileId);
  const keys = await rows<{ key: string }>(
    tx,
    sql`select key from profile_key where section_id = ${sectionId} and profile_id = ${profileId}`,
  );
  const names = keys.map(({ key }) => key.toLowerCase());
  const named = (text: Sql) => isOneOf(text, names);
  await execute(
    tx,
    sql`delete from import_reject where section_id = ${sectionId}
        and (${named(sql`key`)} or exists (select from unnest(cells) cell where ${named(sql`cell`)}))`,
  );
  await execute(
    tx,
    sql`delete from import_left_out where section_id = ${sectionId}
        and (${named(sql`key`)} or exists (
          select from unnest(reasons) reason, unnest(${names}::text[]) name where position(name in lower(reason)) > 0
        ))`,
  );
  await execute(
    tx,
    sql`delete from import_row where section_id = ${sectionId}
        and exists (select from unnest(cells) cell where ${named(sql`cell`)})`,
  );
  // What a dry run shows are examples: without them its figures stay.
  await execute(
    tx,
    sql`update operation set result = null
        where section_id = ${sectionId} and kind = 'dry_run' and result is not null
          and exists (select from unnest(${names}::text[]) name where strpos(lower(result::text), name) > 0)`,
  );
  await execute(tx, sql`delete from operation_key where section_id = ${sectionId} and ${named(sql`key`)}`);
  await execute(tx, sql`delete from webhook_message where section_id = ${sectionId} and profile_id = ${profileId}`);
  await execute(tx, sql`delete from undo_exception where section_id = ${sectionId} and profile_id = ${profileId}`);
  await execute(tx, sql`delete from profile_event where section_id = ${sectionId} and profile_id = ${profileId}`);
  await execute(tx, sql`delete from consent where section_id = ${sectionId} and profile_id = ${profileId}`);
  await execute(tx, sql`delete from profile_merge where section_id = ${sectionId} and into_id = ${profileId}`);
  await deleteProfiles(tx, sectionId, sql`select ${profileId}::bigint as profile_id`);
}

/** Digits at the end of a phone number that are the same with and without its country code. */
const PHONE_TAIL = 9;

/** Whether a text from a file is one of the keys, which are in lower case. Phone numbers are recognised however they are written. */
function isOneOf(text: Sql, keys: readonly string[]): Sql {
  const tails = keys.filter((key) => key.startsWith('+')).map((key) => key.slice(1).slice(-PHONE_TAIL));
  const phone = sql`right(translate(${text}, ' -()./+', ''), ${PHONE_TAIL}::int) = any(${tails}::text[])`;
  return sql`(lower(btrim(${text})) = any(${keys}::text[]) ${tails.length > 0 ? sql`or ${phone}` : sql``})`;
}

const byHand = (actor: Actor, sectionId: SectionId): DataCause => ({
  sectionId,
  source: 'user',
  userId: actorUserId(actor),
});

/** Typed keys and values from typed text; the first that is wrong is refused at its field. */
async function parseFields(tx: Tx, accountId: AccountId, input: z.output<typeof ProfileFields>): Promise<WantedFields> {
  const wanted: WantedFields = { keys: new Map(), values: new Map() };
  const keyspaces = new Map((await listKeyspaces(tx, accountId)).map((keyspace) => [keyspace.id, keyspace]));
  const attributes = new Map(
    (await listAttributes(tx, input.sectionId)).map((attribute) => [attribute.code, attribute]),
  );
  for (const [code, raw] of Object.entries(input.attributes)) {
    const attribute = attributes.get(code);
    if (!attribute) refuse('not_found', 'One of the attributes is no longer there. Reload the page.', { field: code });
    if (isBlank(raw)) {
      wanted.values.set(code, null);
      continue;
    }
    const parsed = parseAttributeValue(attribute, raw);
    if (!parsed.ok) refuse('invalid', `${parsed.reason}.`, { field: code });
    wanted.values.set(code, parsed.value);
  }
  for (const { keyspaceId, key } of input.keys) {
    const keyspace = keyspaces.get(keyspaceId);
    if (!keyspace || !isEntered(keyspace.kind))
      refuse('not_found', 'There is no such keyspace.', { field: `key:${keyspaceId}` });
    const normalised = isBlank(key) ? null : normaliseKey(keyspace.kind, key);
    if (normalised && !normalised.ok) {
      refuse('invalid', `${keyspace.name}: ${normalised.reason}.`, { field: `key:${keyspaceId}` });
    }
    wanted.keys.set(keyspaceId, normalised?.key ?? null);
    wanted.values.set(KEY_ATTRIBUTES[keyspace.kind], normalised?.key ?? null);
  }
  return wanted;
}
