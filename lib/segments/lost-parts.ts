// The parts of a filter or saved view that cannot be used any more: hidden, or not of the section.
import type { SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { hiddenInWords } from './lookup';

/** `reason`: a sentence. */
export type LostPart = { kind: 'tag'; id: TagId; reason: string } | { kind: 'attribute'; code: string; reason: string };

type Found = { name: string; hiddenAt: Date | null; hiddenBy: string | null };

/** Which of the tags (by id) and attributes (by code) are not visible in the section. */
export async function lostParts(
  db: Db,
  sectionId: SectionId,
  { tagIds, codes }: { tagIds: readonly TagId[]; codes: readonly string[] },
): Promise<LostPart[]> {
  const tags = await rows<Found & { id: TagId; into: string | null }>(
    db,
    sql`
      select tag.id, tag.name, tag.hidden_at as "hiddenAt", app_user.name as "hiddenBy", target.name as into
      from tag
      left join app_user on app_user.id = tag.hidden_by
      left join tag target on target.section_id = ${sectionId} and target.id = tag.merged_into
      where tag.section_id = ${sectionId} and tag.id = any(${tagIds}::int[])`,
  );
  const attributes = await rows<Found & { code: string }>(
    db,
    sql`
      select attribute.code, attribute.name, attribute.hidden_at as "hiddenAt", app_user.name as "hiddenBy"
      from attribute
      left join app_user on app_user.id = attribute.hidden_by
      where attribute.section_id = ${sectionId} and attribute.code = any(${codes}::text[])`,
  );
  return [
    ...[...new Set(tagIds)].flatMap((id): LostPart[] => {
      const tag = tags.find((item) => item.id === id);
      if (!tag) return [{ kind: 'tag', id, reason: 'A tag does not exist in this section.' }];
      if (tag.into !== null) {
        return [{ kind: 'tag', id, reason: `The tag “${tag.name}” was merged into “${tag.into}”.` }];
      }
      const reason = hiddenInWords('tag', tag);
      return reason === undefined ? [] : [{ kind: 'tag', id, reason }];
    }),
    ...[...new Set(codes)].flatMap((code): LostPart[] => {
      const attribute = attributes.find((item) => item.code === code);
      if (!attribute) {
        return [{ kind: 'attribute', code, reason: `There is no attribute “${code}” in this section.` }];
      }
      const reason = hiddenInWords('attribute', attribute);
      return reason === undefined ? [] : [{ kind: 'attribute', code, reason }];
    }),
  ];
}
