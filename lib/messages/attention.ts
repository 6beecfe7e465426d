// A message needs attention if its text or its audience refers to something that is hidden or gone, or to a segment that needs
// attention. Derived from the current data on every read, so that it is never out of date.
import type { AttributeId, MessageId, SectionId, SegmentId, TagId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { openSegments } from '@/lib/segments/definitions';
import { hiddenInWords } from '@/lib/uses/hidden-words';

type Use = {
  messageId: MessageId;
  kind: 'tag' | 'attribute' | 'segment';
  id: number;
  name: string;
  hidden: boolean;
};

/** Why messages need attention, by message. Messages without problems are absent. */
export async function messagesNeedingAttention(
  db: Db,
  sectionId: SectionId,
  ids: readonly MessageId[],
): Promise<Map<MessageId, string[]>> {
  if (ids.length === 0) return new Map();
  const uses = await rows<Use>(
    db,
    sql`
      select used.user_id as "messageId", used.used_kind as kind, used.used_id as id,
        coalesce(tag.name, attribute.name, segment.name) as name,
        tag.hidden_at is not null or attribute.hidden_at is not null as hidden
      from use used
      left join tag on used.used_kind = 'tag' and tag.section_id = ${sectionId} and tag.id = used.used_id
      left join attribute
        on used.used_kind = 'attribute' and attribute.section_id = ${sectionId} and attribute.id = used.used_id
      left join segment
        on used.used_kind = 'segment' and segment.section_id = ${sectionId} and segment.id = used.used_id
      where used.section_id = ${sectionId} and used.user_kind = 'message' and used.user_id = any(${ids}::int[])
        and used.used_kind in ('tag', 'attribute', 'segment')
        and (used.used_kind = 'segment' or tag.hidden_at is not null or attribute.hidden_at is not null)
      order by used.user_id, used.used_kind, name`,
  );
  const segments = [...new Set(uses.flatMap(({ kind, id }) => (kind === 'segment' ? [id as SegmentId] : [])))];
  const { reasons } = await openSegments(db, sectionId, segments);
  const found = new Map<MessageId, string[]>();
  for (const { messageId, kind, id, name, hidden } of uses) {
    const inSegment = kind === 'segment' ? reasons.get(id as SegmentId) : undefined;
    if (!hidden && inSegment === undefined) continue;
    const reason = hidden
      ? hiddenInWords(kind as 'tag' | 'attribute', name)
      : `The segment “${name}” needs attention: ${inSegment!.join(' ')}`;
    found.set(messageId, [...(found.get(messageId) ?? []), reason]);
  }
  return found;
}

/** What is hidden and still referred to, by name. */
export type HiddenParts = {
  tags: { id: TagId; name: string }[];
  attributes: { id: AttributeId; name: string }[];
};

/** The hidden ones of these tags and attributes. */
export async function hiddenAmong(
  db: Db,
  sectionId: SectionId,
  { tagIds, attributeIds }: { tagIds: readonly TagId[]; attributeIds: readonly AttributeId[] },
): Promise<HiddenParts> {
  const found = await rows<{ kind: 'tag' | 'attribute'; id: number; name: string }>(
    db,
    sql`
      select 'tag' as kind, id, name from tag
      where section_id = ${sectionId} and id = any(${tagIds}::int[]) and hidden_at is not null
      union all
      select 'attribute', id, name from attribute
      where section_id = ${sectionId} and id = any(${attributeIds}::int[]) and hidden_at is not null`,
  );
  const named = (wanted: 'tag' | 'attribute') =>
    found.flatMap(({ kind, id, name }) => (kind === wanted ? [{ id, name }] : []));
  return { tags: named('tag') as HiddenParts['tags'], attributes: named('attribute') as HiddenParts['attributes'] };
}
