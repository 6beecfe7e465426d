// What API clients poll: the members of a tag, and the changes since a cursor.
import type { ApiKeyId, OperationId, ProfileId, SectionId, TagId } from '@/lib/db/ids';
import { one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { lowWaterMark } from '@/lib/tags/low-water-mark';
import { appliedFrom } from '@/lib/tags/origin';
import { sourceOf, type Source } from '@/lib/tags/source';
import { exportKey } from '@/lib/profiles/export-key';
import type { InKeyspace } from '@/lib/profiles/keyspace';
import { isKept } from '@/lib/profiles/keys';

/** A profile's first key in a keyspace, as `shownKey` reads it; null if it has none. */
export const oneKey = ({ sectionId, keyspace }: InKeyspace, profileId: Sql): Sql =>
  isKept(keyspace.kind)
    ? sql`(
        select min(keyed.key) from profile_key keyed
        where keyed.section_id = ${sectionId} and keyed.profile_id = ${profileId} and keyed.keyspace_id = ${keyspace.id}
      )`
    : sql`(select keyed.id::text from profile keyed where keyed.section_id = ${sectionId} and keyed.id = ${profileId})`;

/** The key that `oneKey` found. A key of Export is derived from the profile's id. */
export const shownKey = ({ sectionId, keyspace }: InKeyspace, found: string): string =>
  isKept(keyspace.kind) ? found : exportKey(sectionId, Number(found) as ProfileId);

export type Member = { key: string; since: Date | null };

/**
 * Profiles with a tag and a key in the keyspace, by profile id. `next`: the cursor of the next page; null at the end.
 */
export async function membersOfTag(
  db: Db,
  { tagId, ...profileKey }: InKeyspace & { tagId: TagId },
  { after, limit }: { after: number; limit: number },
): Promise<{ members: Member[]; next: ProfileId | null }> {
  const { sectionId } = profileKey;
  const found = await rows<{ id: ProfileId; key: string | null; since: Date | null }>(
    db,
    sql`
      with page as materialized (
        select profile_id as id from profile_tag
        where section_id = ${sectionId} and tag_id = ${tagId} and profile_id > ${after}
        order by profile_id
        limit ${limit}
      )
      select page.id, ${oneKey(profileKey, sql`page.id`)} as key, entry.at as since
      from page
      left join lateral (${appliedFrom(sectionId, sql`page.id`, sql`${tagId}`)}) entry on true
      order by page.id`,
  );
  const members = found.flatMap(({ key, since }) => (key === null ? [] : [{ key: shownKey(profileKey, key), since }]));
  return { members, next: found.length === limit ? found.at(-1)!.id : null };
}

/** How many profiles have a tag, with or without keys. */
export async function countMembers(db: Db, sectionId: SectionId, tagId: TagId): Promise<number> {
  const { count } = await one<{ count: number }>(
    db,
    sql`select coalesce(sum(profiles), 0)::bigint as count from tag_count
        where section_id = ${sectionId} and tag_id = ${tagId}`,
  );
  return count;
}

/** A change as clients see it. */
export type FeedItem = {
  id: number;
  at: Date;
  applied: boolean;
  tag: string;
  tagName: string;
  key: string;
  source: Source;
  apiKeyId: ApiKeyId | null;
  operationId: OperationId | null;
};

type ScannedRow = Omit<FeedItem, 'source' | 'key'> & { source: number; key: string | null; readable: boolean };

/**
 * Changes in ledger order, after a cursor and up to the low-water mark, so that a client never misses one. Skips tags
 * that are hidden or may not be read through the keyspace, and profiles without a key in it. `next`: the cursor for the
 * next call; `more`: whether there are more changes already.
 */
export async function changesSince(
  db: Db,
  { operationId, ...profileKey }: InKeyspace & { operationId?: OperationId },
  { after, limit }: { after: number; limit: number },
): Promise<{ changes: FeedItem[]; next: number; more: boolean }> {
  const { sectionId, keyspace } = profileKey;
  const settled = await lowWaterMark();
  const found = await rows<ScannedRow>(
    db,
    sql`
      with page as materialized (
        select * from tag_change
        where section_id = ${sectionId} and id > ${after} and id <= ${settled}
          ${operationId === undefined ? sql`` : sql`and operation_id = ${operationId}`}
        order by id
        limit ${limit}
      )
      select page.id, page.at, page.action = 1 as applied, tag.discriminator as tag, tag.name as "tagName",
        ${oneKey(profileKey, sql`page.profile_id`)} as key, page.source, page.api_key_id as "apiKeyId", page.operation_id as "operationId",
        page.visible and tag.hidden_at is null and coalesce(permission.can_read, true) as readable
      from page
      join tag on tag.section_id = ${sectionId} and tag.id = page.tag_id
      left join tag_permission permission
        on permission.section_id = ${sectionId} and permission.tag_id = page.tag_id
        and permission.keyspace_id = ${keyspace.id}
      order by page.id`,
  );
  const changes = found.flatMap(({ readable, key, source, ...change }) =>
    readable && key !== null ? [{ ...change, key: shownKey(profileKey, key), source: sourceOf(source) }] : [],
  );
  return { changes, next: found.at(-1)?.id ?? after, more: found.length === limit };
}
