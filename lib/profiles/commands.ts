// What people do to a single profile: create, edit, tag.
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { isBlank } from '@/lib/attributes/blank';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import {
  KeyspaceIdSchema,
  ProfileIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type AccountId,
  type ProfileId,
  type SectionId,
  type TagId,
  type UserId,
} from '@/lib/db/ids';
import { one, sql, type Tx } from '@/lib/db/sql';
import { bringBack } from '@/lib/tags/bring-back';
import { changeTags, wantedForOne } from '@/lib/tags/change';
import { createTagsNamed, requireVisibleTags, withNewTags } from '@/lib/tags/commands';
import { NewTagSchema } from '@/lib/tags/schema';
import { describeTagging } from '@/lib/tags/labels';
import { SOURCES } from '@/lib/tags/source';
import type { DataCause, WantedFields } from './change';
import { applyFields, createWithFields, lockProfile } from './fields';
import { isEntered, KEY_ATTRIBUTES, normaliseKey } from './keys';
import { getProfileData, listKeyspaces } from './queries';

/** The input as typed: values by attribute code, keys by keyspace. Blank text clears. */
const ProfileFields = z.object({
  sectionId: SectionIdSchema,
  keys: z.array(z.object({ keyspaceId: KeyspaceIdSchema, key: z.string().max(1_000) })).max(50),
  attributes: z.record(z.string().max(40), z.string().max(5_000)),
});

/**
 * Creates a profile by hand. It needs at least one key; if another profile has a key, refuses and names that profile.
 */
export const createProfile = command({
  name: 'profiles.create',
  scope: 'section',
  allow: 'everyone',
  input: ProfileFields,
  run: async ({ tx, actor, accountId }, input) => {
    const wanted = await parseFields(tx, accountId, input);
    if (![...wanted.keys.values()].some((key) => key !== null)) {
      refuse('invalid', 'Enter an email address, a mobile number or a CRM ID, so that the profile can be found.', {
        field: 'keys',
      });
    }
    return { id: await createWithFields(tx, byHand(actor, input.sectionId), wanted) };
  },
  audit: (_input, { id }) => ({ summary: 'Created a profile', subject: `profile:${id}` }),
});

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/**
 * Changes attributes and keys. So that a concurrent change is not lost: `seen` is the `updatedAt` of the profile that the form was
 * filled with, `expected` the values of the edited fields alone (by code; keys as 'key:<keyspace id>'; null for none).
 */
export const updateProfile = command({
  name: 'profiles.update',
  scope: 'section',
  allow: 'everyone',
  input: ProfileFields.extend({
    profileId: ProfileIdSchema,
    seen: z.coerce.date().optional(),
    expected: z.record(z.string().max(40), Value).optional(),
  }),
  run: async ({ tx, actor, accountId }, input) => {
    const current = await lockProfile(tx, input.sectionId, input.profileId);
    if (input.seen && current.updatedAt > input.seen) {
      refuse(
        'conflict',
        'Someone else saved this profile while you were editing. What you typed is still here: look at what they changed, then save again.',
      );
    }
    if (input.expected) await requireUnchanged(tx, input.sectionId, input.profileId, input.expected);
    const wanted = await parseFields(tx, accountId, input);
    return { changed: await applyFields(tx, byHand(actor, input.sectionId), input.profileId, wanted) };
  },
  audit: ({ profileId }, { changed }) =>
    changed.length > 0
      ? { summary: `Edited a profile: ${changed.join(', ')}`, subject: `profile:${profileId}`, details: { changed } }
      : null,
});

async function requireUnchanged(
  tx: Tx,
  sectionId: SectionId,
  id: ProfileId,
  expected: Record<string, AttributeValue | null>,
): Promise<void> {
  const profile = await getProfileData(tx, sectionId, id);
  for (const [code, before] of Object.entries(expected)) {
    const now = code.startsWith('key:')
      ? profile?.keys.find(({ keyspaceId }) => `key:${keyspaceId}` === code)?.key
      : profile?.attributes[code];
    if ((now ?? null) !== before) {
      refuse('conflict', 'Someone else has changed this in the meantime. Save again to replace their value.', {
        field: code,
      });
    }
  }
}

/**
 * Applies and removes tags on one profile. `create`: tags to apply that do not exist yet. Of what was asked, `changed` is what was not
 * so before. `undo`: takes the last change back. Where that change was made by the
 * same person by hand, what returns is what was there: the tag with its first source, actor and date.
 */
export const changeProfileTags = command({
  name: 'profiles.change-tags',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    profileId: ProfileIdSchema,
    apply: z.array(TagIdSchema).max(100).default([]),
    remove: z.array(TagIdSchema).max(100).default([]),
    create: z.array(NewTagSchema).max(100).default([]),
    undo: z.boolean().default(false),
  }),
  run: async ({ tx, actor }, { sectionId, profileId, create, undo, ...given }) => {
    await lockProfile(tx, sectionId, profileId);
    const userId = actorUserId(actor);
    await createTagsNamed(tx, sectionId, userId, create);
    const { apply, remove } = await withNewTags(tx, sectionId, given, create);
    await requireVisibleTags(tx, sectionId, [...apply, ...remove]);
    const takesBack =
      undo && userId !== null && (await areOwnLastChanges(tx, { sectionId, profileId, userId }, { apply, remove }));
    const cause = { sectionId, source: takesBack ? ('undo' as const) : ('user' as const), userId };
    const back = takesBack ? apply : [];
    const brought = back.length > 0 ? (await bringBack(tx, cause, profileId, back)).applied : 0;
    const wanted = wantedForOne(profileId, { apply: takesBack ? [] : apply, remove });
    // A tag that a list has claimed since the person applied it stays.
    const { applied, removed, byTag } = await changeTags(tx, cause, wanted, { keepClaims: takesBack });
    const changed = {
      apply: byTag.filter((tag) => tag.applied > 0).map(({ tagId }) => tagId),
      remove: byTag.filter((tag) => tag.removed > 0).map(({ tagId }) => tagId),
    };
    const summary = await describeTagging(tx, sectionId, { apply, remove }, 1);
    return { applied: applied + brought, removed, changed, apply, remove, summary };
  },
  audit: ({ profileId }, { applied, removed, summary, apply, remove }) =>
    applied + removed > 0 ? { summary, subject: `profile:${profileId}`, details: { apply, remove } } : null,
});

type Own = { sectionId: SectionId; profileId: ProfileId; userId: UserId };

/** Whether the person made the last change of each of these tags by hand, in the other direction. */
async function areOwnLastChanges(
  tx: Tx,
  { sectionId, profileId, userId }: Own,
  { apply, remove }: { apply: readonly TagId[]; remove: readonly TagId[] },
): Promise<boolean> {
  const { own } = await one<{ own: number }>(
    tx,
    sql`
      select count(*) as own
      from (
        select unnest(${apply}::int[]) as tag_id, -1 as action
        union all
        select unnest(${remove}::int[]), 1
      ) wanted
      cross join lateral (
        select change.action, change.source, change.user_id
        from tag_change change
        where change.section_id = ${sectionId} and change.profile_id = ${profileId} and change.tag_id = wanted.tag_id
          and change.visible
        order by change.id desc
        limit 1
      ) last
      where last.action = wanted.action and last.source = ${SOURCES.user} and last.user_id = ${userId}`,
  );
  return own === apply.length + remove.length;
}

const byHand = (actor: Actor, sectionId: SectionId): DataCause => ({
  sectionId,
  source: 'user',
  userId: actorUserId(actor),
});

/** Parses typed keys and values. Refuses the first invalid one at its field. */
async function parseFields(tx: Tx, accountId: AccountId, input: z.output<typeof ProfileFields>): Promise<WantedFields> {
  const wanted: WantedFields = { keys: new Map(), values: new Map() };
  const keyspaces = new Map((await listKeyspaces(tx, accountId)).map((keyspace) => [keyspace.id, keyspace]));
  const attributes = new Map(
    (await listAttributes(tx, input.sectionId)).map((attribute) => [attribute.code, attribute]),
  );
  for (const [code, raw] of Object.entries(input.attributes)) {
    const attribute = attributes.get(code);
    if (!attribute) refuse('not_found', 'One of the attributes no longer exists. Reload the page.', { field: code });
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
      refuse('not_found', 'This keyspace does not exist.', { field: `key:${keyspaceId}` });
    const normalised = isBlank(key) ? null : normaliseKey(keyspace.kind, key);
    if (normalised && !normalised.ok) {
      refuse('invalid', `${keyspace.name}: ${normalised.reason}.`, { field: `key:${keyspaceId}` });
    }
    wanted.keys.set(keyspaceId, normalised?.key ?? null);
    wanted.values.set(KEY_ATTRIBUTES[keyspace.kind], normalised?.key ?? null);
  }
  return wanted;
}
