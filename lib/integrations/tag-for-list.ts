// The tag that somebody chooses for a list: a new one by name, or an existing one.
import { z } from 'zod';
import { refuse } from '@/lib/access/refusal';
import { TagIdSchema, type SectionId, type TagId, type UserId } from '@/lib/db/ids';
import type { Tx } from '@/lib/db/sql';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { allowClaims } from '@/lib/tags/change';
import { createTagsNamed, lockVisibleTag } from '@/lib/tags/commands';
import { tagsNamed } from './named-tags';

/** A new tag by name, or an existing one. */
export const TagForListSchema = z.union([z.object({ name: NameSchema }), z.object({ id: TagIdSchema })]);

/**
 * Creates or locks the tag, and lets lists claim it. Refuses with `hidden`, or with `name_taken` and `details.taken` if a
 * tag of that name exists, so that the person decides to use it.
 */
export async function takeTag(
  tx: Tx,
  { sectionId, userId }: { sectionId: SectionId; userId: UserId | null },
  wanted: z.output<typeof TagForListSchema>,
): Promise<{ id: TagId; name: string }> {
  const tag =
    'id' in wanted
      ? await lockVisibleTag(tx, sectionId, wanted.id)
      : await createNamed(tx, { sectionId, userId }, wanted.name);
  await allowClaims(tx, sectionId, tag.id);
  return { id: tag.id, name: tag.name };
}

async function createNamed(
  tx: Tx,
  { sectionId, userId }: { sectionId: SectionId; userId: UserId | null },
  name: string,
): Promise<{ id: TagId; name: string }> {
  const [made] = await createTagsNamed(tx, sectionId, userId, [{ name, colour: null }]);
  const tag = (await tagsNamed(tx, sectionId, [name])).get(nameKey(name))!;
  if (made === undefined) {
    const message = `This section already has a tag “${tag.name}”. Use it for this list, or choose another name.`;
    refuse('name_taken', message, { field: 'name', details: { taken: tag } });
  }
  return tag;
}
