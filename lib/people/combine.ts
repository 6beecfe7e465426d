// What every merge of people does once it is known who becomes whom: all that follows the profiles, their keys and their values.
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import type { AttributeValue, AttributeValues } from '@/lib/attributes/schema';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { LostRace } from '@/lib/db/pool';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeProfiles, deleteProfiles } from '@/lib/profiles/change';
import { followsKey, KEY_ATTRIBUTES } from '@/lib/profiles/keys';
import { allowsSeveralKeys, type OwnedKey, type ProfileKey } from '@/lib/profiles/keyspace';
import { recordMerged, type MergedProfile } from '@/lib/profiles/merged';
import { profileName } from '@/lib/profiles/schema';
import { PROFILE_FOLLOWERS } from './followers';

export type Combination = {
  sectionId: SectionId;
  /** The profile that remains. */
  into: ProfileId;
  /** Those that become part of it and are deleted, the oldest first. All are locked `for update`. */
  others: readonly ProfileId[];
  /** The keys of all of them. */
  owned: readonly OwnedKey[];
  /** Keys that nobody has, for `into`. */
  added: readonly ProfileKey[];
  /** Codes ('city', 'key:1') for which the others' value is taken although `into` has one. */
  take: ReadonlySet<string>;
};

const isEmpty = (value: AttributeValue | undefined) => value === undefined || value === '';

/**
 * Makes one profile of several: tags, events, consents and all else that follows them, then keys and values. `into` keeps the values
 * that it has, but for those in `take`; of the others, the oldest one's value comes first. What is given up is noted with the merge.
 */
export async function combineProfiles(tx: Tx, actor: Actor, combination: Combination): Promise<void> {
  const { sectionId, into, others } = combination;
  const cause = { sectionId, userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) };
  const before = await valuesOf(tx, sectionId, [into, ...others]);
  const tags = await tagsBrought(tx, combination);
  const startsNothing = { sectionId, operationId: null, startsFlows: false };
  const gained = await changingPeople(tx, startsNothing, sql`select ${into}::bigint as profile_id`, async () => {
    if (others.length > 0) for (const { merge } of PROFILE_FOLLOWERS) await merge(tx, { cause, into, from: others });
    return moveData(tx, actor, combination, before);
  });
  await recordMerged(tx, sectionId, mergedProfiles(combination, { before, gained, tags }));
  await deleteProfiles(tx, sectionId, sql`select unnest(${others}::bigint[]) as profile_id`);
}

/** The attributes of the profiles. */
async function valuesOf(
  tx: Tx,
  sectionId: SectionId,
  ids: readonly ProfileId[],
): Promise<Map<ProfileId, AttributeValues>> {
  const found = await rows<{ id: ProfileId; attributes: AttributeValues }>(
    tx,
    sql`select id, attributes from profile where section_id = ${sectionId} and id = any(${ids}::bigint[])`,
  );
  return new Map(found.map(({ id, attributes }) => [id, attributes]));
}

const codeOf = ({ keyspace }: OwnedKey) => `key:${keyspace.id}`;

/** Gives `into` its keys and values. Returns the values that it gained, keys among them. */
async function moveData(
  tx: Tx,
  actor: Actor,
  { sectionId, into, others, owned, added, take }: Combination,
  before: ReadonlyMap<ProfileId, AttributeValues>,
): Promise<AttributeValues> {
  const own = owned.filter(({ profileId }) => profileId === into);
  const theirs = owned.filter(({ profileId }) => profileId !== into);
  const hasOne = (id: number) => own.some(({ keyspace }) => keyspace.id === id);
  const comeOver = [
    ...theirs.filter((key) => allowsSeveralKeys(key.keyspace) || !hasOne(key.keyspace.id) || take.has(codeOf(key))),
    ...added.map((key) => ({ ...key, profileId: into })),
  ];
  const values: AttributeValues = {};
  for (const id of others) {
    for (const [code, value] of Object.entries(before.get(id) ?? {})) {
      const follows = own.some(({ keyspace }) => KEY_ATTRIBUTES[keyspace.kind] === code);
      const wanted = !follows && (isEmpty(before.get(into)?.[code]) || take.has(code));
      if (wanted && !isEmpty(value)) values[code] ??= value;
    }
  }
  const gained: AttributeValues = { ...values };
  for (const { keyspace, key } of comeOver) {
    const code = KEY_ATTRIBUTES[keyspace.kind];
    if (code !== null) gained[code] = values[code] = key;
    if (!allowsSeveralKeys(keyspace)) gained[`key:${keyspace.id}`] = key;
  }
  const moves = [
    ...theirs.map((key) => ({ ...key, gives: true })),
    ...comeOver.map((key) => ({ ...key, profileId: into, gives: false })),
  ];
  const { taken } = await changeProfiles(
    tx,
    { sectionId, source: 'merge', userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor), startsFlows: false },
    {
      values: sql`
        select ${into}::bigint as profile_id, ${JSON.stringify(values)}::jsonb as attributes
        union all
        select unnest(${others}::bigint[]), '{}'`,
      keys: sql`
        select profile_id, keyspace_id, case when not gives then key end as key,
          case when several then hashtext(key) else 0 end as slot
        from unnest(
          ${moves.map(({ profileId }) => profileId)}::bigint[], ${moves.map(({ keyspace }) => keyspace.id)}::int[],
          ${moves.map(({ key }) => key)}::text[], ${moves.map(({ keyspace }) => allowsSeveralKeys(keyspace))}::boolean[],
          ${moves.map(({ gives }) => gives)}::boolean[]
        ) move (profile_id, keyspace_id, key, several, gives)`,
    },
  );
  if (taken > 0) throw new LostRace();
  return gained;
}

type Had = {
  before: ReadonlyMap<ProfileId, AttributeValues>;
  gained: AttributeValues;
  tags: ReadonlyMap<ProfileId, TagId[]>;
};

/** What each of the others was called, what it brought, and which of its values and keys `into` has not. */
function mergedProfiles({ into, others, owned }: Combination, { before, gained, tags }: Had): MergedProfile[] {
  const valuesWithKeys = (id: ProfileId): AttributeValues => ({
    ...before.get(id),
    ...Object.fromEntries(
      owned
        .filter((key) => key.profileId === id && !allowsSeveralKeys(key.keyspace))
        .map((key) => [codeOf(key), key.key]),
    ),
  });
  const remains = { ...valuesWithKeys(into), ...gained };
  return others.map((id) => {
    const lost = Object.entries(valuesWithKeys(id)).filter(
      ([code, value]) => !followsKey(code) && !isEmpty(value) && value !== remains[code],
    );
    const keys = owned.filter(({ profileId }) => profileId === id);
    return {
      from: id,
      name: profileName(
        id,
        before.get(id) ?? {},
        keys.map(({ keyspace, key }) => ({ keyspaceId: keyspace.id, key })),
      ),
      tagIds: tags.get(id) ?? [],
      before: Object.fromEntries(lost),
      after: Object.fromEntries(lost.map(([code]) => [code, remains[code]!])),
    };
  });
}

/** The tags of the others that `into` has not, by profile. */
async function tagsBrought(tx: Tx, { sectionId, into, others }: Combination): Promise<Map<ProfileId, TagId[]>> {
  const found = await rows<{ id: ProfileId; tagIds: TagId[] }>(
    tx,
    sql`
      select held.profile_id as id, array_agg(held.tag_id order by held.tag_id) as "tagIds"
      from profile_tag held
      where held.section_id = ${sectionId} and held.profile_id = any(${others}::bigint[])
        and held.tag_id not in (
          select own.tag_id from profile_tag own where own.section_id = ${sectionId} and own.profile_id = ${into}
        )
      group by held.profile_id`,
  );
  return new Map(found.map(({ id, tagIds }) => [id, tagIds]));
}
