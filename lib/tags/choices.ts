// What pickers offer: the first tags while nothing is typed, and those that match a text. Each is one statement on one section.
import type { SectionId, UserId } from '@/lib/db/ids';
import { join, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import { JOINED_FROM, nearly, searchable, type Searchable } from '@/lib/naming/word-search';
import { joinFavourite } from './favourite-join';
import { groupOfTag } from './group';
import type { TagChoices, TagOption } from './schema';

/** A picker holds all tags of a section that has no more than these, and searches them by itself. */
export const FIRST_CHOICES = 200;
const FOUND_CHOICES = 50;

/** `userId`: whose favourites come first; null: nobody's. */
type Whose = { userId: UserId | null };

/** One look-up for each tag: as fast as one sum over all, and never a bad plan where many tags were just made. */
const profilesOf = (sectionId: SectionId) => sql`(
  select coalesce(sum(counter.profiles), 0)::bigint
  from tag_count counter
  where counter.section_id = ${sectionId} and counter.tag_id = tag.id
)`;

const option = (sectionId: SectionId) => sql`
  tag.id, tag.name, tag.colour, ${groupOfTag} as "group", tag.description, favourite.tag_id is not null as favourite,
  ${profilesOf(sectionId)} as profiles`;

/**
 * The tags while nothing is typed: favourites, then all others by name; or, where there are more than a picker holds, the largest ones.
 */
export async function firstChoices(db: Db, sectionId: SectionId, { userId }: Whose): Promise<TagChoices> {
  const found = await rows<TagOption & { total: number }>(
    db,
    sql`
      with option as (
        select ${option(sectionId)}, tag.name_key, count(*) over () as total
        from tag
        ${joinFavourite(sectionId, userId)}
        where tag.section_id = ${sectionId} and tag.hidden_at is null
      )
      select id, name, colour, "group", description, favourite, profiles, total
      from option
      order by favourite desc, case when total > ${FIRST_CHOICES} then profiles end desc, name_key
      limit ${FIRST_CHOICES}`,
  );
  return { tags: found.map(({ total: _, ...tag }) => tag), total: found[0]?.total ?? 0 };
}

/**
 * The tags whose names match best, best first, favourites first where they match equally well. Ranked as by `matchScore`, which has the
 * last word: names with a wrong letter may include some that do not match. The second scan is left out where the first found enough.
 */
export function matchingChoices(
  db: Db,
  sectionId: SectionId,
  { text, userId }: Whose & { text: string },
): Promise<TagOption[]> {
  const wanted = searchable(text);
  const { key } = wanted;
  const { plain, near } = conditionsFor(wanted);
  const order = sql`order by score desc, favourite.tag_id is null, tag.name_key limit ${FOUND_CHOICES}`;
  return rows<TagOption>(
    db,
    sql`
      with plain as materialized (
        select
          tag.id,
          case
            when search_key = ${key} then 5
            when starts_with(search_key, ${key}) then 4
            when strpos(search_key, ${key}) > 0 then 3
            else 2
          end as score
        from tag
        ${joinFavourite(sectionId, userId)}
        where tag.section_id = ${sectionId} and hidden_at is null and ${plain}
        ${order}
      ), near as (
        select tag.id, 1 as score
        from tag
        ${joinFavourite(sectionId, userId)}
        where tag.section_id = ${sectionId} and hidden_at is null
          and (select count(*) from plain) < ${FOUND_CHOICES} and not ${plain} and ${near}
        ${order}
      ), found as materialized (
        select id, score from plain union all select id, score from near
      )
      select ${option(sectionId)}
      from found
      join tag on tag.section_id = ${sectionId} and tag.id = found.id
      ${joinFavourite(sectionId, userId)}
      ${order}`,
  );
}

/** `plain`: a score of 2 or more. `near`: of 1, or nearly so. */
function conditionsFor({ key, words, joined }: Searchable): { plain: Sql; near: Sql } {
  const contains = (part: string) => sql`strpos(search_key, ${part}) > 0`;
  if (words.length === 0) return { plain: contains(key), near: sql`false` };
  // Words that have to be right come first: they are cheap to look for, and spare most names the rest.
  const exactFirst = words.toSorted((left, right) => Number(nearly(left) !== null) - Number(nearly(right) !== null));
  const each = (condition: (word: string) => Sql) => join(exactFirst.map(condition), ' and ');
  const has = (word: string) => {
    const near = nearly(word);
    if (near === null) return contains(word);
    // The parts are cheap to look for, and spare nearly all names the regular expression.
    const maybe = join(near.parts.map(contains), ' or ');
    return sql`(${contains(word)} or ((${maybe}) and search_key ~ ${near.pattern}))`;
  };
  const isJoined = sql`strpos(search_joined, ${joined}) > 0`;
  return {
    plain: sql`(${contains(key)} or (${each(contains)}))`,
    near: joined.length < JOINED_FROM ? sql`(${each(has)})` : sql`((${each(has)}) or ${isJoined})`,
  };
}

/** The groups that the section's visible tags are in, by name. */
export async function tagGroups(db: Db, sectionId: SectionId): Promise<string[]> {
  const found = await rows<{ group: string }>(
    db,
    sql`select distinct ${groupOfTag} as "group" from tag
        where section_id = ${sectionId} and hidden_at is null and ${groupOfTag} <> ''
        order by 1`,
  );
  return found.map(({ group }) => group);
}
