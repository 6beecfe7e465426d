// Tags by name: as chips need them, and in sentences.
import type { SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import type { TagLabel } from './schema';

/** All visible tags, by name. */
export const visibleTags = (db: Db, sectionId: SectionId): Promise<TagLabel[]> =>
  rows<TagLabel>(
    db,
    sql`select id, name, colour from tag where section_id = ${sectionId} and hidden_at is null order by name_key`,
  );

/** The visible tags of these ids, by name. */
export const tagLabels = (db: Db, sectionId: SectionId, ids: readonly TagId[]): Promise<TagLabel[]> =>
  rows<TagLabel>(
    db,
    sql`
      select id, name, colour from tag
      where section_id = ${sectionId} and id = any(${ids}::int[]) and hidden_at is null
      order by name_key`,
  );

/** 'Apply “VIP” and remove “Lead”: 1,200 profiles'. */
export async function describeTagging(
  db: Db,
  sectionId: SectionId,
  { apply, remove }: { apply: readonly TagId[]; remove: readonly TagId[] },
  profiles: number,
): Promise<string> {
  const labels = await tagLabels(db, sectionId, [...apply, ...remove]);
  const quoted = (ids: readonly TagId[]) =>
    labels
      .filter(({ id }) => ids.includes(id))
      .map(({ name }) => `“${name}”`)
      .join(', ');
  const parts = [
    ...(apply.length > 0 ? [`apply ${quoted(apply)}`] : []),
    ...(remove.length > 0 ? [`remove ${quoted(remove)}`] : []),
  ].join(' and ');
  const count = `${profiles.toLocaleString('en-GB')} ${profiles === 1 ? 'profile' : 'profiles'}`;
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}: ${count}`;
}
