// The parts of a filter or saved view that cannot be used any more: hidden, or not of the section.
import type { SectionId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { hiddenInWords } from './lookup';

/** `reason`: a sentence. `replacedBy`: the visible tag that a merged one became. */
export type LostPart =
  | { kind: 'tag'; id: TagId; reason: string; replacedBy: { id: TagId; name: string } | null }
  | { kind: 'attribute'; code: string; reason: string };

type Found = { name: string; hiddenAt: Date | null; hiddenBy: string | null };

/** Which of the tags (by id) and attributes (by code) are not visible in the section. */
export async function lostParts(
  db: Db,
  sectionId: SectionId,
  { tagIds, codes }: { tagIds: readonly TagId[]; codes: readonly string[] },
): Promise<LostPart[]> {
  const tags = await rows<Found & { id: TagId; into: { id: TagId; name: string; usable: boolean } | null }>(
    db,
    sql`
      with recursive chain as (
        select id as merged, id, merged_into from tag where section_id = ${sectionId} and id = any(${tagIds}::int[])
        union all
        select chain.merged, tag.id, tag.merged_into
        from chain
        join tag on tag.section_id = ${sectionId} and tag.id = chain.merged_into
      )
      select tag.id, tag.name, tag.hidden_at as "hiddenAt", app_user.name as "hiddenBy",
        case when target.id <> tag.id then
          json_build_object('id', target.id, 'name', target.name, 'usable', target.hidden_at is null)
        end as into
      from chain
      join tag on tag.section_id = ${sectionId} and tag.id = chain.merged
      join tag target on target.section_id = ${sectionId} and target.id = chain.id
      left join app_user on app_user.id = tag.hidden_by
      where chain.merged_into is null`,
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
      if (!tag) return [{ kind: 'tag', id, reason: 'A tag does not exist in this section.', replacedBy: null }];
      if (tag.into !== null) {
        const { usable, ...into } = tag.into;
        const reason = `The tag “${tag.name}” was merged into “${into.name}”${usable ? '' : ', which is hidden'}.`;
        return [{ kind: 'tag', id, reason, replacedBy: usable ? into : null }];
      }
      const reason = hiddenInWords('tag', tag);
      return reason === undefined ? [] : [{ kind: 'tag', id, reason, replacedBy: null }];
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
