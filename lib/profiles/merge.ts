// Merging people: several profiles of a section become one. Tags come together through the tag door.
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';
import type { AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import type { KeyspaceId, ProfileId, SectionId } from '@/lib/db/ids';
import { execute, join, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { moveSignals } from '@/lib/signals/inbox';
import { moveTags } from '@/lib/tags/of-profiles';
import { SOURCES } from '@/lib/tags/source';
import { allowedTag, findTags, type FoundTag } from './allowed-operations';
import { isKept, KEY_ATTRIBUTES } from './keys';
import {
  createMissing,
  findProfile,
  holdersOf,
  keysOf,
  mayHaveSeveral,
  mayUseKeyspace,
  slotOf,
  type OwnedKey,
  type ProfileKey,
} from './keyspace';
import { LOCKED, lockedKeys } from './locks';
import type { Keyspace } from './schema';

/**
 * Makes one profile of those that have the keys in one section; keys that nobody has are given to it. Of two values the older
 * profile's stays, so the order in which merges come does not matter. `create`: where nobody has any of the keys, a profile is
 * made. Returns false where there was nothing to merge. Refuses with `conflict` profiles with different keys in a keyspace that
 * allows one key only, and with `locked` keys that are locked.
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
  const cause = { sectionId, userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) };
  if (others.length > 0) await moveTags(tx, cause, { from: others, into });
  const before = await valuesOf(tx, sectionId, ids);
  await moveRows(tx, sectionId, into, others);
  const added = profileKeys.filter(
    ({ keyspace, key }) =>
      isKept(keyspace.kind) &&
      !owned.some((one) => one.keyspace.id === keyspace.id && (one.key === key || !mayHaveSeveral(keyspace))),
  );
  await addKeys(tx, into, added);
  const gained = others.length > 0 ? owned.filter(({ profileId }) => profileId !== into) : [];
  await noteMerge(tx, actor, { sectionId, into, before, keys: [...gained, ...added] });
  return true;
}

/** The profiles of the keys, the oldest first, locked. Somebody may merge them meanwhile: then it is looked again. */
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
    if (mayHaveSeveral(keyspace)) continue;
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
 * A merge writes the tags that come over: each must be allowed to be, through every keyspace by which it was asked for. One
 * that the client may not read moves without a word: a refusal would tell that the profile has it.
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

async function valuesOf(
  tx: Tx,
  sectionId: SectionId,
  ids: readonly ProfileId[],
): Promise<{ own: AttributeValues; theirs: AttributeValues }> {
  const found = await rows<{ attributes: AttributeValues }>(
    tx,
    sql`select attributes from profile where section_id = ${sectionId} and id = any(${ids}::bigint[]) order by id`,
  );
  const [own, ...others] = found.map(({ attributes }) => attributes);
  const theirs = Object.assign({}, ...others.reverse()) as AttributeValues;
  return { own: own ?? {}, theirs };
}

/** Keys, history, events, messages and the newest consents go over; the others are gone, and remembered as merged. */
async function moveRows(tx: Tx, sectionId: SectionId, into: ProfileId, others: readonly ProfileId[]): Promise<void> {
  if (others.length === 0) return;
  const theirs = sql`section_id = ${sectionId} and profile_id = any(${others}::bigint[])`;
  await execute(tx, sql`update profile_key set profile_id = ${into} where ${theirs}`);
  await execute(tx, sql`update profile_change set profile_id = ${into} where ${theirs}`);
  await execute(tx, sql`update profile_event set profile_id = ${into} where ${theirs}`);
  await execute(
    tx,
    sql`
      insert into consent as kept (section_id, profile_id, topic_id, channel, type, reason, source, modified_at)
      select distinct on (topic_id, channel)
        section_id, ${into}::bigint, topic_id, channel, type, reason, source, modified_at
      from consent
      where ${theirs}
      order by topic_id, channel, modified_at desc
      on conflict (section_id, profile_id, topic_id, channel) do update
      set type = excluded.type, reason = excluded.reason, source = excluded.source, modified_at = excluded.modified_at
      where excluded.modified_at > kept.modified_at`,
  );
  await execute(tx, sql`delete from consent where ${theirs}`);
  await execute(tx, sql`update webhook_message set profile_id = ${into} where ${theirs}`);
  await moveSignals(tx, sectionId, { from: others, into });
  await execute(
    tx,
    sql`update profile_merge set into_id = ${into}
        where section_id = ${sectionId} and into_id = any(${others}::bigint[])`,
  );
  await execute(
    tx,
    sql`insert into profile_merge (section_id, from_id, into_id)
        select ${sectionId}::int, unnest(${others}::bigint[]), ${into}::bigint`,
  );
  await execute(tx, sql`delete from profile where section_id = ${sectionId} and id = any(${others}::bigint[])`);
}

async function addKeys(tx: Tx, into: ProfileId, added: readonly ProfileKey[]): Promise<void> {
  for (const { sectionId, keyspace, key } of added) {
    const taken = await maybeOne(
      tx,
      sql`
        insert into profile_key (section_id, keyspace_id, key, profile_id, slot)
        values (${sectionId}, ${keyspace.id}, ${key}, ${into}, ${slotOf(keyspace, sql`${key}::text`)})
        on conflict (section_id, keyspace_id, key) do update set profile_id = excluded.profile_id
          where profile_key.profile_id = excluded.profile_id
        returning profile_id`,
    );
    if (!taken) refuse('conflict', `Somebody took ${key} meanwhile. Try again.`);
  }
}

type Noted = {
  sectionId: SectionId;
  into: ProfileId;
  before: { own: AttributeValues; theirs: AttributeValues };
  keys: readonly { keyspace: Keyspace; key: string }[];
};

/** Writes the values that the profile gained, with its history. */
async function noteMerge(tx: Tx, actor: Actor, { sectionId, into, before, keys }: Noted): Promise<void> {
  const gained = Object.entries(before.theirs).filter(([code]) => before.own[code] === undefined);
  const fresh: Record<string, AttributeValue> = Object.fromEntries(gained);
  for (const { keyspace, key } of keys) {
    const code = KEY_ATTRIBUTES[keyspace.kind];
    if (code !== null && before.own[code] === undefined) fresh[code] ??= key;
  }
  const after = { ...fresh, ...Object.fromEntries(keys.map(({ keyspace, key }) => [`key:${keyspace.id}`, key])) };
  if (Object.keys(after).length === 0) return;
  await execute(
    tx,
    sql`
      update profile set attributes = attributes || ${JSON.stringify(fresh)}::jsonb, updated_at = clock_timestamp()
      where section_id = ${sectionId} and id = ${into}`,
  );
  await execute(
    tx,
    sql`
      insert into profile_change (section_id, profile_id, before, after, source, user_id, api_key_id)
      values (${sectionId}, ${into}, '{}', ${JSON.stringify(after)}, ${SOURCES.merge}, ${actorUserId(actor)},
              ${actorApiKeyId(actor)})`,
  );
}
