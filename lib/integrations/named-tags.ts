// Tags that have the names which lists would give to theirs.
import type { SectionId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { nameKey } from '@/lib/naming/names';
import type { TagLabel } from '@/lib/tags/schema';

/** A visible tag, and how many people have it. */
export type NamedTag = TagLabel & { people: number };

/** The visible tags that have one of the names, by the key of their name. */
export async function tagsNamed(
  db: Db,
  sectionId: SectionId,
  names: readonly string[],
): Promise<Map<string, NamedTag>> {
  const found = await rows<NamedTag & { key: string }>(
    db,
    sql`
      select id, name, colour, name_key as key,
        (
          select coalesce(sum(profiles), 0)::bigint from tag_count
          where section_id = ${sectionId} and tag_id = tag.id
        ) as people
      from tag
      where section_id = ${sectionId} and name_key = any(${names.map(nameKey)}::text[]) and hidden_at is null`,
  );
  return new Map(found.map(({ key, ...tag }) => [key, tag]));
}
