// Joins a tag with the favourites of a person.
import type { SectionId, UserId } from '@/lib/db/ids';
import { sql, type Sql } from '@/lib/db/sql';

/** No user has this id. With null the condition could never hold, and Citus no longer sees that the table is of the same section. */
const NOBODY = 0;

/** Joins `tag` with `favourite`, whose `tag_id` is null unless the tag is a favourite of `userId`. */
export function joinFavourite(sectionId: SectionId, userId: UserId | null): Sql {
  return sql`
    left join tag_favourite favourite
      on favourite.section_id = ${sectionId} and favourite.tag_id = tag.id and favourite.user_id = ${userId ?? NOBODY}`;
}
