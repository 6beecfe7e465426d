// Batches concurrent tag changes of single profiles into one statement of the tag door (lib/db/batches.ts).
import { actorApiKeyId, actorKey, actorUserId, type Actor } from '@/lib/access/actor';
import { keyIsUsable } from '@/lib/access/api-key';
import { Batches } from '@/lib/db/batches';
import { isOnCluster } from '@/lib/db/as-parameter';
import type { ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { inTransaction } from '@/lib/db/pool';
import { rows, sql, type Sql, type Tx } from '@/lib/db/sql';
import { holdersOf, type InKeyspace, type ProfileKey } from '@/lib/profiles/keyspace';
import { changeStatement, type Cause, type Wanted } from '@/lib/tags/change';
import { changeInTurn } from '@/lib/tags/change-in-turn';
import type { Change } from '@/lib/tags/change-parts';

/** Tags by discriminator or id. */
export type TagChange = { apply: readonly string[]; remove: readonly string[] };

/** `applied` and `removed`: how many tags really changed. `tagIds`: all requested tags. */
export type TagChangeResult = { applied: number; removed: number; tagIds: TagId[] };

type Call = { actor: Actor; profileKey: ProfileKey; change: TagChange };

/** Calls of one actor in one keyspace of a section can share a statement, each profile key once, so that changes of one profile keep their order. */
const batches = new Batches<Call, TagChangeResult | undefined>({
  most: 50,
  namesOf: ({ profileKey }) => [profileKey.key],
  together: changeMany,
  alone: changeOne,
});

/**
 * Changes tags of an existing profile in one statement, which is its own transaction. All tags must be visible and
 * writable. Returns undefined, with nothing changed, if that is not enough, for example for a new profile or a hidden
 * tag.
 */
export function changeTagsBatched(
  actor: Actor,
  profileKey: ProfileKey,
  change: TagChange,
): Promise<TagChangeResult | undefined> {
  const { sectionId, keyspace } = profileKey;
  return batches.answer(`${sectionId}:${keyspace.id}:${actorKey(actor)}`, { actor, profileKey, change });
}

const isId = (ref: string) => /^\d{1,9}$/.test(ref);

/**
 * `ref, id, has_claims` of the visible tags that the references mean, locked so that none is hidden or merged before
 * the change. Leaves out merged tags: they are rare, and looking them up costs more than everything else.
 */
function visibleTags(sectionId: SectionId, refs: readonly string[]): Sql {
  const visible = sql`tag.section_id = ${sectionId} and tag.hidden_at is null`;
  return sql`
    select * from (
      select discriminator as ref, id, has_claims from tag where ${visible} and discriminator = any(${refs}::text[])
      for key share
    ) by_discriminator
    union all
    select * from (
      select id::text, id, has_claims from tag where ${visible} and id = any(${refs.filter(isId).map(Number)}::int[])
      for key share
    ) by_id`;
}

/** The same for a single reference, the most frequent case, with one lookup. */
function visibleTag(sectionId: SectionId, ref: string): Sql {
  const named = isId(ref) ? sql`id = ${Number(ref)}` : sql`discriminator = ${ref}`;
  return sql`
    select ${ref}::text as ref, id, has_claims from tag
    where tag.section_id = ${sectionId} and tag.hidden_at is null and ${named}
    for key share`;
}

/**
 * Whether `named` may be changed here: writable through the keyspace, and not a removal that list claims could oppose
 * (those need their own locks).
 */
const allowed = (apply: Sql) => sql`coalesce(permission.can_write, true) and (not named.has_claims or ${apply})`;

const permissionOf = ({ sectionId, keyspace }: InKeyspace) => sql`
  left join tag_permission permission
    on permission.section_id = ${sectionId} and permission.tag_id = named.id and permission.keyspace_id = ${keyspace.id}`;

/**
 * Locks the profiles if tags are removed, so that a removal is not lost when its profile is deleted at the same time.
 * For applied tags the foreign key does this.
 */
function lockingProfile(sectionId: SectionId, removes: boolean): { join: Sql; lock: Sql } {
  if (!removes) return { join: sql``, lock: sql`` };
  return {
    join: sql`join profile on profile.section_id = ${sectionId} and profile.id = keyed.profile_id`,
    lock: sql`for key share of profile`,
  };
}

const causeOf = (actor: Actor, sectionId: SectionId) => ({
  sectionId,
  source: 'api' as const,
  userId: actorUserId(actor),
  apiKeyId: actorApiKeyId(actor),
});

async function changeOne(db: Tx, { actor, profileKey, change }: Call): Promise<TagChangeResult | undefined> {
  const { sectionId } = profileKey;
  const { apply, remove } = change;
  const refs = [...apply, ...remove];
  const [ref] = refs;
  const tags = ref !== undefined && refs.length === 1 ? visibleTag(sectionId, ref) : visibleTags(sectionId, refs);
  const removes = remove.length > 0;
  const { join, lock } = lockingProfile(sectionId, removes);
  const applies = sql`(named.ref = any(${apply}::text[]))`;
  const before = sql`
    requested as materialized (
      select named.id as tag_id, ${applies} as apply, ${allowed(applies)} as allowed
      from (${tags}) named
      ${permissionOf(profileKey)}
    ),
    owner as materialized (
      select * from (
        select profile_id from (${holdersOf(profileKey, [profileKey.key])}) keyed ${join}
        where (select count(*) = ${refs.length} and bool_and(allowed) from requested)
          and ${keyIsUsable(actorApiKeyId(actor))}
        ${lock}
      ) locked
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, requested.tag_id, requested.apply from owner, requested`,
    removes,
  };
  const cause = causeOf(actor, sectionId);
  const tagIds = sql`(select array_agg(tag_id) from requested) as "tagIds"`;
  if (await isOnCluster()) {
    const { asked, changes } = await inTransaction(db, () =>
      changeInTurn<{ tagIds: TagId[] }>(db, cause, wanted, { before, asked: sql`select ${tagIds} from owner` }),
    );
    return asked[0] && { ...numbersOf(changes), ...asked[0] };
  }
  const answer = sql`
    select
      ${tagIds},
      (select coalesce(sum(applied), 0)::int from totals) as applied,
      (select coalesce(sum(removed), 0)::int from totals) as removed
    from owner`;
  const [done] = await rows<TagChangeResult>(db, changeStatement(cause, wanted, { before, answer }), { prepare: true });
  return done;
}

/** How many tags were applied and removed. */
const numbersOf = (changes: readonly Change[]) => ({
  applied: changes.filter(({ visible, action }) => visible && action === 1).length,
  removed: changes.filter(({ visible, action }) => visible && action === -1).length,
});

/** The calls' answers, in order; undefined for a call that this statement cannot do and that changed nothing. */
async function changeMany(db: Tx, calls: readonly [Call, ...Call[]]): Promise<(TagChangeResult | undefined)[]> {
  const [{ actor, profileKey: where }] = calls;
  const { sectionId } = where;
  const keys = calls.map(({ profileKey }) => profileKey.key);
  const requested = calls.flatMap(({ change: { apply, remove } }, call) => [
    ...apply.map((ref) => ({ call, ref, apply: true })),
    ...remove.map((ref) => ({ call, ref, apply: false })),
  ]);
  const removes = requested.some(({ apply }) => !apply);
  const { join, lock } = lockingProfile(sectionId, removes);
  const refs = [...new Set(requested.map(({ ref }) => ref))];
  const before = sql`
    call as materialized (
      select key, number - 1 as call from unnest(${keys}::text[]) with ordinality numbered (key, number)
    ),
    meant as materialized (${visibleTags(sectionId, refs)}),
    requested as materialized (
      select item.call, named.id as tag_id, item.apply,
        named.id is not null and ${allowed(sql`item.apply`)} as allowed
      from unnest(
        ${requested.map(({ call }) => call)}::int[], ${requested.map(({ ref }) => ref)}::text[], ${requested.map(({ apply }) => apply)}::boolean[]
      ) item (call, ref, apply)
      left join meant named on named.ref = item.ref
      ${permissionOf(where)}
    ),
    keyed as materialized (
      select * from (
        select call.call, keyed.profile_id
        from (${holdersOf(where, keys)}) keyed
        join call on call.key = keyed.key
        ${join}
        where call.call in (select requested.call from requested group by requested.call having bool_and(allowed))
          and ${keyIsUsable(actorApiKeyId(actor))}
        order by keyed.profile_id
        ${lock}
      ) locked
    ),
    -- A person can have several keys in a keyspace. Their changes keep their order.
    owner as materialized (
      select distinct on (profile_id) profile_id, call from keyed order by profile_id, call
    ),`;
  const wanted: Wanted = {
    relation: sql`select owner.profile_id, requested.tag_id, requested.apply from owner join requested on requested.call = owner.call`,
    removes,
  };
  const answers = await answersTo(db, causeOf(actor, sectionId), wanted, before);
  const done: (TagChangeResult | undefined)[] = calls.map(() => undefined);
  for (const { call, ...changed } of answers) done[call] = changed;
  return done;
}

type AnswerToCall = TagChangeResult & { call: number };

async function answersTo(db: Tx, cause: Cause, wanted: Wanted, before: Sql): Promise<AnswerToCall[]> {
  const tagIds = sql`(select array_agg(tag_id) from requested where requested.call = owner.call) as "tagIds"`;
  if (await isOnCluster()) {
    const asked = sql`select owner.call, owner.profile_id as "profileId", ${tagIds} from owner`;
    const done = await inTransaction(db, () =>
      changeInTurn<{ call: number; profileId: ProfileId; tagIds: TagId[] }>(db, cause, wanted, { before, asked }),
    );
    const changesOf = (id: ProfileId) => done.changes.filter(({ profileId }) => profileId === id);
    return done.asked.map(({ profileId, ...call }) => ({ ...numbersOf(changesOf(profileId)), ...call }));
  }
  const answer = sql`
    select owner.call,
      ${tagIds},
      count(*) filter (where visible and action = 1)::int as applied,
      count(*) filter (where visible and action = -1)::int as removed
    from owner
    left join changes on changes.profile_id = owner.profile_id
    group by owner.call`;
  return rows<AnswerToCall>(db, changeStatement(cause, wanted, { before, answer }), { prepare: true });
}
