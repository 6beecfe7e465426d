// Tags as API clients reference them, and their Allowed Operations.
import { z } from 'zod';
import { refuse } from '@/lib/access/refusal';
import type { KeyspaceId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db } from '@/lib/db/sql';
import { holdersOf } from './keyspace';
import type { Keyspace } from './schema';

/** A tag's discriminator (its own, or that of a tag merged into it) or version id. */
export const TagRef = z.string().min(1).max(200);

/** A call that Allowed Operations refused, for counting. */
export type Denied = { sectionId: SectionId; tagId: TagId; keyspaceId: KeyspaceId; operation: 'read' | 'write' };

export type FoundTag = { id: TagId; name: string; discriminator: string; canRead: boolean; canWrite: boolean };

type KeyspaceScope = { sectionId: SectionId; keyspace: Keyspace };

/** `toChange`: the tags are locked, so that none is hidden or merged before the transaction ends. */
type FindOptions = { toChange?: boolean };

/** The visible tags that the references mean, by reference. Unknown references are absent. */
export async function findTags(
  db: Db,
  where: KeyspaceScope,
  refs: readonly string[],
  options?: FindOptions,
): Promise<Map<string, FoundTag>> {
  return (await findTagsAndProfile(db, where, refs, options)).tags;
}

type Found = { tags: Map<string, FoundTag>; profileId: ProfileId | undefined };

/** The same, and the profile of the key: the lookup that every change of one profile starts with, in one statement. */
export async function findTagsAndProfile(
  db: Db,
  where: KeyspaceScope & { key?: string },
  refs: readonly string[],
  { toChange = false }: FindOptions = {},
): Promise<Found> {
  const found = await findOnce(db, where, refs, toChange);
  // A tag that was merged while this waited for its lock is found on the second try, as the tag that it was merged
  // into.
  return toChange && found.tags.size < new Set(refs).size ? findOnce(db, where, refs, toChange) : found;
}

async function findOnce(
  db: Db,
  { sectionId, keyspace, key }: KeyspaceScope & { key?: string },
  refs: readonly string[],
  toChange: boolean,
): Promise<Found> {
  const owner =
    key === undefined
      ? sql`null::bigint`
      : sql`(select keyed.profile_id from (${holdersOf({ sectionId, keyspace }, [key])}) keyed)`;
  const ids = refs.filter((ref) => /^\d{1,9}$/.test(ref)).map(Number);
  const found = await rows<FoundTag & { ref: string; profileId: ProfileId | null }>(
    db,
    sql`
      with recursive named as (
        select tag.discriminator as ref, tag.id, tag.merged_into
        from tag where section_id = ${sectionId} and discriminator = any(${refs}::text[])
        union all
        select tag.id::text, tag.id, tag.merged_into
        from tag where section_id = ${sectionId} and id = any(${ids}::int[])
        union all
        select named.ref, tag.id, tag.merged_into
        from named
        join tag on tag.section_id = ${sectionId} and tag.id = named.merged_into
      )
      select named.ref, tag.id, tag.name, tag.discriminator,
        coalesce(permission.can_read, true) as "canRead", coalesce(permission.can_write, true) as "canWrite",
        ${owner} as "profileId"
      from named
      join tag on tag.section_id = ${sectionId} and tag.id = named.id and tag.hidden_at is null
      left join tag_permission permission
        on permission.section_id = ${sectionId} and permission.tag_id = tag.id and permission.keyspace_id = ${keyspace.id}
      ${toChange ? sql`for key share of tag` : sql``}`,
    { prepare: true },
  );
  const tags = new Map(found.map(({ ref, profileId: _owner, ...tag }) => [ref, tag]));
  return { tags, profileId: found[0]?.profileId ?? undefined };
}

/** Whether each of the tags is visible and may be read through the keyspace. */
export async function mayReadAll(db: Db, where: KeyspaceScope, tagIds: readonly TagId[]): Promise<boolean> {
  const tags = await findTags(db, where, tagIds.map(String));
  return tagIds.every((id) => tags.get(String(id))?.canRead);
}

/** Refuses unless each of the tags may be written through the keyspace now; names the first that may not. */
export async function requireWritable(
  db: Db,
  { sectionId, keyspaceId }: { sectionId: SectionId; keyspaceId: KeyspaceId },
  tagIds: readonly TagId[],
): Promise<void> {
  if (tagIds.length === 0) return;
  const keyspace = await one<Keyspace>(
    db,
    sql`select id, kind, name, discriminator from keyspace where id = ${keyspaceId}`,
  );
  const tags = await findTags(db, { sectionId, keyspace }, tagIds.map(String));
  for (const tagId of tagIds) allowedTag(tags, { sectionId, keyspace }, String(tagId), 'write');
}

/** The counts of an operation that reveal who had its tags before. */
const REVEALING_COUNTS = ['applied', 'already', 'removed'];

/** Counts of an operation, without those that reveal who has its tags. */
export function withoutChanges(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => !REVEALING_COUNTS.includes(name)));
}

/** The id for a reference. Refuses if it is unknown or if the keyspace may not read or write it. */
export function allowedTag(
  tags: ReadonlyMap<string, FoundTag>,
  { sectionId, keyspace }: KeyspaceScope,
  ref: string,
  operation: Denied['operation'],
): TagId {
  const tag = tags.get(ref);
  if (!tag) return refuse('not_found', `There is no tag “${ref}” in this section.`, { field: ref });
  if (operation === 'read' ? tag.canRead : tag.canWrite) return tag.id;
  const details: Denied = { sectionId, tagId: tag.id, keyspaceId: keyspace.id, operation };
  const may = operation === 'read' ? 'read' : 'written';
  return refuse(
    'not_allowed',
    `The tag “${tag.name}” may not be ${may} through ${keyspace.name}. An Admin can allow it (Settings → Data Model → Tags → Allowed Operations).`,
    { field: ref, details },
  );
}
