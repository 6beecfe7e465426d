// A segment whose rules refer to something hidden needs attention, and so does one that uses such a segment. It is worked out
// from what is hidden now, so that it is so at once and everywhere.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';

export type HiddenThing = { kind: string; name: string; hiddenAt: Date; hiddenBy: string | null };

/** 'The tag “VIP” was hidden by Jonas Berg on 24 November 2026.' */
export function hiddenInWords({ kind, name, hiddenAt, hiddenBy }: HiddenThing): string {
  const day = hiddenAt.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `The ${kind} “${name}” was hidden${hiddenBy ? ` by ${hiddenBy}` : ''} on ${day}.`;
}

/** Why segments of a section need attention, by segment; those that are well are absent. */
export async function segmentsInNeed(db: Db, sectionId: SectionId): Promise<Map<SegmentId, string[]>> {
  const hidden = await rows<HiddenThing & { segmentId: SegmentId }>(
    db,
    sql`
      select used.segment_id as "segmentId", thing.kind, thing.name, thing.hidden_at as "hiddenAt",
        app_user.name as "hiddenBy"
      from segment_use used
      join (
        select 'tag' as kind, id as tag_id, null::int as attribute_id, null::int as event_type_id, name, hidden_at, hidden_by
        from tag where section_id = ${sectionId} and hidden_at is not null
        union all
        select 'attribute', null, id, null, name, hidden_at, hidden_by
        from attribute where section_id = ${sectionId} and hidden_at is not null
        union all
        select 'event', null, null, id, name, hidden_at, hidden_by
        from event_type where section_id = ${sectionId} and hidden_at is not null
      ) thing
        on thing.tag_id = used.tag_id or thing.attribute_id = used.attribute_id or thing.event_type_id = used.event_type_id
      left join app_user on app_user.id = thing.hidden_by
      where used.section_id = ${sectionId}
      order by used.segment_id, used.seq`,
  );
  const reasons = new Map<SegmentId, string[]>();
  const add = (id: SegmentId, reason: string) => reasons.set(id, [...(reasons.get(id) ?? []), reason]);
  for (const { segmentId, ...thing } of hidden) add(segmentId, hiddenInWords(thing));
  if (reasons.size === 0) return reasons;
  const uses = await rows<{ segmentId: SegmentId; usedId: SegmentId; usedName: string }>(
    db,
    sql`
      select used.segment_id as "segmentId", used.used_segment_id as "usedId", segment.name as "usedName"
      from segment_use used
      join segment on segment.section_id = used.section_id and segment.id = used.used_segment_id
      where used.section_id = ${sectionId}`,
  );
  // From those that need it to those that use them, until nothing is added: there are no circles.
  for (let found = [...reasons.keys()]; found.length > 0;) {
    const next = uses.filter(({ usedId }) => found.includes(usedId));
    found = [...new Set(next.map(({ segmentId }) => segmentId))].filter((id) => !reasons.has(id));
    for (const { segmentId, usedName } of next)
      add(segmentId, `It uses the segment “${usedName}”, which needs attention.`);
  }
  return reasons;
}
