// Reads of tags: for their table, and a tag's own page. (Pickers: choices.ts. Chips: labels.ts.)
import type { AccountId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import type { TagColour } from './colour';
import { joinFavourite } from './favourite-join';
import { groupOfTag } from './group';
import type { GrowthPoint, Permission, TagDetails, TagRow, TagTrend } from './schema';
import { sourceOf } from './source';

type StoredRow = Omit<TagRow, 'hidden'> & {
  hiddenAt: Date | null;
  hiddenBy: string | null;
  mergedInto: string | null;
};
type StoredTag = StoredRow & Omit<TagDetails, keyof TagRow | 'createdAt'> & { createdAt: Date };

const ROW = sql`
  id, name, colour, "group", description, owner, favourite, profiles, "lastApplied", "hiddenAt", "hiddenBy", "mergedInto"`;
const DETAILS = sql`${ROW}, discriminator, "groupName", "ownerNote", "createdAt", "createdBy"`;

/**
 * Some tags in the order of `listTags`. `countsOf`: a condition on the counters. The times of the table are text already: to read and
 * write thousands of dates takes a while. What is sorted by comes first: to compare two rows, PostgreSQL reads all columns before it.
 */
function readTags<Stored>(
  db: Db,
  sectionId: SectionId,
  {
    columns,
    which,
    userId,
    countsOf = sql``,
    limit = sql``,
  }: { columns: Sql; which: Sql; userId: UserId | null; countsOf?: Sql; limit?: Sql },
): Promise<Stored[]> {
  return rows<Stored>(
    db,
    sql`
      with counts as (
        select tag_id, sum(profiles)::bigint as profiles, max(last_applied) as last_applied
        from tag_count
        where section_id = ${sectionId} ${countsOf}
        group by tag_id
      ), listed as (
        select
          favourite.tag_id is null as others, ${groupOfTag} = '' as groupless, lower(${groupOfTag}) as group_key, tag.name_key,
          tag.id, tag.name, tag.colour, tag.group_name as "groupName", ${groupOfTag} as "group", tag.discriminator,
          tag.description, tag.owner_note as "ownerNote", left(split_part(tag.owner_note, ${'\n'}, 1), 120) as owner,
          favourite.tag_id is not null as favourite, coalesce(counts.profiles, 0) as profiles,
          to_char(counts.last_applied at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastApplied",
          tag.created_at as "createdAt", creator.name as "createdBy",
          tag.hidden_at as "hiddenAt", hider.name as "hiddenBy", target.name as "mergedInto"
        from tag
        left join counts on counts.tag_id = tag.id
        ${joinFavourite(sectionId, userId)}
        left join app_user creator on creator.id = tag.created_by
        left join app_user hider on hider.id = tag.hidden_by
        left join tag target on target.section_id = tag.section_id and target.id = tag.merged_into
        where tag.section_id = ${sectionId} and ${which}
        order by others, groupless, group_key, tag.name_key
        ${limit}
      )
      select ${columns} from listed order by others, groupless, group_key, name_key`,
  );
}

function tagRow(tag: StoredRow): TagRow {
  const { id, name, colour, group, description, owner, favourite, profiles, lastApplied } = tag;
  const hidden = tag.hiddenAt && { at: tag.hiddenAt.toISOString(), by: tag.hiddenBy, mergedInto: tag.mergedInto };
  return { id, name, colour, group, description, owner, favourite, profiles, lastApplied, hidden };
}

const visibility = (hidden: boolean) => (hidden ? sql`tag.hidden_at is not null` : sql`tag.hidden_at is null`);

/**
 * The tags table: the favourites of `userId`, then by group, those without one at the end, then by name. The visible tags or the
 * hidden ones, all or the first `most`.
 */
export async function listTags(
  db: Db,
  sectionId: SectionId,
  {
    hidden = false,
    most = null,
    userId = null,
  }: { hidden?: boolean; most?: number | null; userId?: UserId | null } = {},
): Promise<TagRow[]> {
  const found = await readTags<StoredRow>(db, sectionId, {
    columns: ROW,
    which: visibility(hidden),
    limit: sql`limit ${most}`,
    userId,
  });
  return found.map(tagRow);
}

/** How many visible or hidden tags there are. */
export function countTags(db: Db, sectionId: SectionId, { hidden = false } = {}): Promise<number> {
  return prismaOn(db).tag.count({ where: { sectionId, hiddenAt: hidden ? { not: null } : null } });
}

/** One tag of the section, hidden or not; `userId`: whose favourite it may be. */
export async function getTag(
  db: Db,
  sectionId: SectionId,
  id: TagId,
  userId: UserId | null = null,
): Promise<TagDetails | undefined> {
  const [tag] = await readTags<StoredTag>(db, sectionId, {
    columns: DETAILS,
    which: sql`tag.id = ${id}`,
    countsOf: sql`and tag_id = ${id}`,
    userId,
  });
  if (!tag) return undefined;
  const { discriminator, groupName, ownerNote, createdAt, createdBy } = tag;
  return { ...tagRow(tag), discriminator, groupName, ownerNote, createdAt: createdAt.toISOString(), createdBy };
}

/** The last 30 days (UTC) of some tags, each once, unordered; tags of another section are left out. */
export async function tagTrends(db: Db, sectionId: SectionId, tagIds: readonly TagId[]): Promise<TagTrend[]> {
  const found = await rows<{ tagId: TagId; days: { ago: number; net: number }[] | null }>(
    db,
    sql`
      with by_day as (
        select tag_id, (now() at time zone 'utc')::date - day as ago, sum(applied - removed)::bigint as net
        from tag_day
        where section_id = ${sectionId} and tag_id = any(${tagIds}::int[])
          and day > (now() at time zone 'utc')::date - 30
        group by tag_id, day
      )
      select tag.id as "tagId", json_agg(json_build_object('ago', ago, 'net', net)) filter (where ago >= 0) as days
      from tag
      left join by_day on by_day.tag_id = tag.id
      where tag.section_id = ${sectionId} and tag.id = any(${tagIds}::int[])
      group by tag.id`,
  );
  return found.map(({ tagId, days }) => ({ tagId, days: dailyNet(days ?? []) }));
}

function dailyNet(days: { ago: number; net: number }[]): number[] {
  const net = new Array<number>(30).fill(0);
  for (const day of days) if (day.ago >= 0 && day.ago < 30) net[29 - day.ago] = day.net;
  return net;
}

/** Allowed Operations in the keyspaces that can be used in the section. The default is that everything is allowed. */
export async function tagPermissions(
  db: Db,
  accountId: AccountId,
  sectionId: SectionId,
  tagId: TagId,
): Promise<Permission[]> {
  const keyspaces = await prismaOn(db).keyspace.findMany({
    where: {
      accountId,
      // Of integrations, only the section's own that were not removed.
      OR: [{ kind: { not: 'integration' } }, { connections: { some: { sectionId, status: { not: 'removed' } } } }],
    },
    orderBy: { id: 'asc' },
    select: {
      id: true,
      name: true,
      tagPermissions: { where: { sectionId, tagId }, select: { canRead: true, canWrite: true } },
    },
  });
  const allAllowed = { canRead: true, canWrite: true };
  return keyspaces.map(({ id, name, tagPermissions: [limits = allAllowed] }) => ({
    keyspaceId: id,
    keyspace: name,
    ...limits,
  }));
}

export type TagDefinition = {
  id: TagId;
  discriminator: string;
  name: string;
  description: string;
  colour: TagColour | null;
  group: string;
  /** By keyspace discriminator. */
  permissions: { keyspace: string; read: boolean; write: boolean }[];
};

/** The section's visible tags with their Allowed Operations, for API clients. */
export function tagDefinitions(db: Db, accountId: AccountId, sectionId: SectionId): Promise<TagDefinition[]> {
  return rows<TagDefinition>(
    db,
    sql`
      select tag.id, tag.discriminator, tag.name, tag.description, tag.colour, ${groupOfTag} as "group",
        (
          select json_agg(json_build_object(
            'keyspace', keyspace.discriminator,
            'read', coalesce(permission.can_read, true),
            'write', coalesce(permission.can_write, true)
          ) order by keyspace.id)
          from keyspace
          left join tag_permission permission
            on permission.section_id = ${sectionId} and permission.tag_id = tag.id
            and permission.keyspace_id = keyspace.id
          where keyspace.account_id = ${accountId}
        ) as permissions
      from tag
      where tag.section_id = ${sectionId} and tag.hidden_at is null
      order by tag.name_key`,
  );
}

/** How a tag grew: applications and removals on each day, by source. */
export async function tagGrowth(db: Db, sectionId: SectionId, tagId: TagId): Promise<GrowthPoint[]> {
  const points = await rows<{ day: string; source: number; applied: number; removed: number }>(
    db,
    sql`
      select day, source, sum(applied)::bigint as applied, sum(removed)::bigint as removed
      from tag_day
      where section_id = ${sectionId} and tag_id = ${tagId}
      group by day, source
      order by day, source`,
  );
  return points.map((point) => ({ ...point, source: sourceOf(point.source) }));
}

/** How many profiles have a tag. */
export async function countHolders(db: Db, sectionId: SectionId, tagId: TagId): Promise<number> {
  const { profiles } = await one<{ profiles: number }>(
    db,
    sql`select coalesce(sum(profiles), 0)::bigint as profiles from tag_count
        where section_id = ${sectionId} and tag_id = ${tagId}`,
  );
  return profiles;
}

/** What merging one tag into another would change, in numbers of profiles. */
export function mergePreview(
  db: Db,
  sectionId: SectionId,
  from: TagId,
  into: TagId,
): Promise<{ from: number; both: number }> {
  return one<{ from: number; both: number }>(
    db,
    sql`
      select count(*) as from, count(other.profile_id) as both
      from profile_tag held
      left join profile_tag other
        on other.section_id = held.section_id and other.tag_id = ${into} and other.profile_id = held.profile_id
      where held.section_id = ${sectionId} and held.tag_id = ${from}`,
  );
}

/** Where a tag of a name is, if it is not a visible tag of the section. */
export type TagWhereabouts = {
  /** Other sections that the person may see with a visible tag of this name. */
  sections: { section: string; slug: string }[];
  /** The most recently hidden tag of this name in the section itself. `at`: ISO 8601. */
  hidden: { name: string; at: string; by: string | null; mergedInto: string | null } | null;
};

/** `others`: other sections that the person may see. */
export async function whereTagIs(
  db: Db,
  sectionId: SectionId,
  others: readonly SectionId[],
  name: string,
): Promise<TagWhereabouts> {
  const sections = await rows<TagWhereabouts['sections'][number]>(
    db,
    sql`
      select section.name as section, section.slug
      from tag
      join section on section.id = tag.section_id
      where tag.section_id = any(${others}::int[]) and tag.name_key = ${nameKey(name)} and tag.hidden_at is null
      order by section.name
      limit 5`,
  );
  const hidden = await maybeOne<{ name: string; at: Date; by: string | null; mergedInto: string | null }>(
    db,
    sql`
      select tag.name, tag.hidden_at as at, app_user.name as by, target.name as "mergedInto"
      from tag
      left join app_user on app_user.id = tag.hidden_by
      left join tag target on target.section_id = tag.section_id and target.id = tag.merged_into
      where tag.section_id = ${sectionId} and tag.name_key = ${nameKey(name)} and tag.hidden_at is not null
      order by tag.hidden_at desc
      limit 1`,
  );
  return { sections, hidden: hidden ? { ...hidden, at: hidden.at.toISOString() } : null };
}
