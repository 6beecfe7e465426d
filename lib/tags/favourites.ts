// The tags that a person has marked as favourites in a section. Nobody else sees them.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TagIdSchema, type SectionId, type TagId, type UserId } from '@/lib/db/ids';
import { execute, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { requireVisibleTags } from './commands';

/** Marks a tag as one of the person's favourites, or unmarks it. */
export const setFavouriteTag = command({
  name: 'tags.set-favourite',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, tagId: TagIdSchema, favourite: z.boolean() }),
  run: async ({ tx, actor }, { sectionId, tagId, favourite }) => {
    const userId = actorUserId(actor);
    if (userId === null) return refuse('not_allowed', 'Only people have favourites.');
    if (favourite) {
      await requireVisibleTags(tx, sectionId, [tagId]);
      await execute(
        tx,
        sql`insert into tag_favourite (section_id, user_id, tag_id) values (${sectionId}, ${userId}, ${tagId})
            on conflict do nothing`,
      );
    } else {
      await execute(
        tx,
        sql`delete from tag_favourite
            where section_id = ${sectionId} and user_id = ${userId} and tag_id = ${tagId}`,
      );
    }
    return { favourite };
  },
  audit: () => null,
});

/** A person's favourite tags in a section, unordered; may include hidden ones. */
export async function favouriteTags(db: Db, sectionId: SectionId, userId: UserId): Promise<TagId[]> {
  const found = await rows<{ id: TagId }>(
    db,
    sql`select tag_id as id from tag_favourite where section_id = ${sectionId} and user_id = ${userId}`,
  );
  return found.map(({ id }) => id);
}

/** Replaces a merged tag by the other one in everyone's favourites. */
export async function moveFavourites(
  tx: Tx,
  sectionId: SectionId,
  { fromId, intoId }: { fromId: TagId; intoId: TagId },
): Promise<void> {
  await execute(
    tx,
    sql`insert into tag_favourite (section_id, user_id, tag_id)
        select section_id, user_id, ${intoId}::int from tag_favourite
        where section_id = ${sectionId} and tag_id = ${fromId}
        on conflict do nothing`,
  );
}
