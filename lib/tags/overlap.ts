// How tags overlap: the number of profiles for each pair of tags, and for each combination of a few. Computed from the
// current tags.
import { z } from 'zod';
import { TagIdSchema, type SectionId, type TagId } from '@/lib/db/ids';
import { execute, one, rows, rowsAsArrays, sql, type Db, type Tx } from '@/lib/db/sql';
import { requireVisibleTags } from './commands';

/** The number of bits in a non-negative integer. */
export const OVERLAP_MAX = 30;
/** More tags have more combinations than anybody can look at: two to the power of the number of tags. */
export const COMBINATIONS_MAX = 6;

export const OverlapTagsSchema = z
  .array(TagIdSchema)
  .min(1, 'Choose at least one tag.')
  .max(OVERLAP_MAX, `Choose at most ${OVERLAP_MAX} tags.`);

export type Overlap = {
  /** Profiles of the section. */
  everyone: number;
  tags: { id: TagId; name: string; profiles: number }[];
  /** `pairs[i][j]`: how many have both the tag at i and the one at j; on the diagonal, how many have that tag. */
  pairs: number[][];
  /** For a few tags: how many have exactly these of them, largest first. */
  combinations: { tagIds: TagId[]; profiles: number }[] | null;
};

/** The largest visible tags of a section, as a first choice. */
export async function largestTags(db: Db, sectionId: SectionId, most: number): Promise<TagId[]> {
  const found = await rows<{ id: TagId }>(
    db,
    sql`
      select tag.id
      from tag
      join tag_count counter on counter.section_id = tag.section_id and counter.tag_id = tag.id
      where tag.section_id = ${sectionId} and tag.hidden_at is null
      group by tag.id, tag.name_key
      having sum(counter.profiles) > 0
      order by sum(counter.profiles) desc, tag.name_key
      limit ${most}`,
  );
  return found.map(({ id }) => id);
}

const FETCH = sql`fetch 20000 from combination`;

/** Refuses hidden tags and those of other sections. Needs a transaction, since it reads through a cursor. */
export async function tagOverlap(db: Tx, sectionId: SectionId, wanted: readonly TagId[]): Promise<Overlap> {
  await requireVisibleTags(db, sectionId, wanted, { toRead: true });
  const ids = [...new Set(wanted)];
  const names = await rows<{ id: TagId; name: string }>(
    db,
    sql`select id, name from tag where section_id = ${sectionId} and id = any(${ids}::int[])`,
  );
  const { everyone } = await one<{ everyone: number }>(
    db,
    sql`select coalesce(sum(profiles), 0)::bigint as everyone from profile_count where section_id = ${sectionId}`,
  );
  const pairs = ids.map(() => new Array<number>(ids.length).fill(0));
  const combinations: NonNullable<Overlap['combinations']> = [];
  await execute(
    db,
    sql`
      declare combination no scroll cursor for
      with own as (
        select bit_or(wanted.bit) as tags
        from profile_tag held
        join (select id, 1 << (place - 1)::int as bit from unnest(${ids}::int[]) with ordinality given (id, place)) wanted
          on wanted.id = held.tag_id
        where held.section_id = ${sectionId} and held.tag_id = any(${ids}::int[])
        group by held.profile_id
      )
      select tags, count(*) from own group by tags`,
  );
  for (;;) {
    const found = await rowsAsArrays<[tags: number, profiles: number]>(db, FETCH);
    if (found.length === 0) break;
    for (const [tags, profiles] of found) {
      const places = ids.flatMap((_id, place) => (tags & (1 << place) ? [place] : []));
      for (const left of places) for (const right of places) if (left <= right) pairs[left]![right]! += profiles;
      if (ids.length <= COMBINATIONS_MAX) combinations.push({ tagIds: places.map((place) => ids[place]!), profiles });
    }
  }
  await execute(db, sql`close combination`);
  return {
    everyone,
    tags: ids.map((id, place) => ({
      id,
      name: names.find((tag) => tag.id === id)!.name,
      profiles: pairs[place]![place]!,
    })),
    pairs: pairs.map((row, left) => row.map((own, right) => (left <= right ? own : pairs[right]![left]!))),
    combinations: ids.length <= COMBINATIONS_MAX ? ranked(ids, combinations) : null,
  };
}

/** The most frequent first; of equally frequent ones the fewer tags, then the order of the tags, so that a page does not reshuffle. */
function ranked(ids: readonly TagId[], combinations: NonNullable<Overlap['combinations']>) {
  const places = (tagIds: readonly TagId[]) => tagIds.map((id) => ids.indexOf(id)).join();
  return combinations.sort(
    (left, right) =>
      right.profiles - left.profiles ||
      left.tagIds.length - right.tagIds.length ||
      places(left.tagIds).localeCompare(places(right.tagIds)),
  );
}
