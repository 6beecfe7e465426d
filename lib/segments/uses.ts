// Where tags, attributes and events are used in segments.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { TagRow } from '@/lib/tags/schema';

/** Something that rules can refer to, as `segment_use` has it. */
export type UsedKind = 'tag' | 'attribute' | 'event';

const USED_COLUMN: Record<UsedKind, Sql> = {
  tag: sql`used.tag_id`,
  attribute: sql`used.attribute_id`,
  event: sql`used.event_type_id`,
};

/** A segment that uses something, with the id of what it uses. */
export type UseInSegment = { usedId: number; id: SegmentId; name: string };

/** Which segments use the section's tags (or attributes, or events), by the segments' names. `usedId`: one of them alone. */
export function usesInSegments(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<UseInSegment[]> {
  const column = USED_COLUMN[kind];
  return rows(
    db,
    sql`
      select ${column} as "usedId", segment.id, segment.name
      from segment_use used
      join segment on segment.section_id = used.section_id and segment.id = used.segment_id
      where used.section_id = ${sectionId} and ${column} is not null
        ${usedId === null ? sql`` : sql`and ${column} = ${usedId}`}
      order by segment.name_key`,
  );
}

/** A segment that something reaches; `direct`: by its own rules, not only through the segments in them. */
export type ReachedSegment = UseInSegment & { direct: boolean };

/**
 * Which segments need the section's tags (or attributes, or events), also through others, by the segments' names: those that
 * need attention when these are hidden. `usedId`: one of them alone.
 */
export function segmentsReached(
  db: Db,
  sectionId: SectionId,
  kind: UsedKind,
  usedId: number | null = null,
): Promise<ReachedSegment[]> {
  const column = USED_COLUMN[kind];
  return rows(
    db,
    sql`
      with recursive reached (used_id, segment_id, direct) as (
        select ${column}, used.segment_id, true
        from segment_use used
        where used.section_id = ${sectionId} and ${column} is not null
          ${usedId === null ? sql`` : sql`and ${column} = ${usedId}`}
        union
        select reached.used_id, further.segment_id, false
        from reached
        join segment_use further
          on further.section_id = ${sectionId} and further.used_segment_id = reached.segment_id
      )
      select reached.used_id as "usedId", segment.id, segment.name, bool_or(reached.direct) as direct
      from reached
      join segment on segment.section_id = ${sectionId} and segment.id = reached.segment_id
      group by reached.used_id, segment.id, segment.name, segment.name_key
      order by segment.name_key`,
  );
}

/** A row of the tags table with the segments that use the tag. */
export type TagInUse = TagRow & { segments: { id: SegmentId; name: string }[] };

/** Adds to rows of the tags table which segments use them. */
export async function withSegments(db: Db, sectionId: SectionId, tags: readonly TagRow[]): Promise<TagInUse[]> {
  const users = new Map<number, TagInUse['segments']>();
  for (const { usedId, id, name } of await usesInSegments(db, sectionId, 'tag')) {
    users.set(usedId, [...(users.get(usedId) ?? []), { id, name }]);
  }
  return tags.map((tag) => ({ ...tag, segments: users.get(tag.id) ?? [] }));
}
