// Reads for the list of segments and for a segment's page.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { maybeOne, rows, sql, type Db } from '@/lib/db/sql';
import { segmentsNeedingAttention } from './attention';
import { openSegments } from './definitions';
import { RulesSchema, type Rules } from './schema';

export type SegmentRow = {
  id: SegmentId;
  name: string;
  description: string;
  discriminator: string;
  changedAt: Date;
  changedBy: string | null;
  /** Sizes of the last 30 days, oldest first. */
  sizes: { at: string; profiles: number }[];
  /** Why it needs attention; empty if it does not. */
  attention: string[];
};

const columnsIn = (sectionId: SectionId) => sql`
  segment.id, segment.name, segment.description, segment.discriminator, segment.changed_at as "changedAt",
  app_user.name as "changedBy",
  coalesce((
    select json_agg(json_build_object('at', size.at, 'profiles', size.profiles) order by size.at)
    from segment_size size
    where size.section_id = ${sectionId} and size.segment_id = segment.id and size.at > now() - interval '30 days'
  ), '[]') as sizes`;

/** The section's segments, in the order of their names. */
export async function listSegments(db: Db, sectionId: SectionId): Promise<SegmentRow[]> {
  const found = await rows<Omit<SegmentRow, 'attention'>>(
    db,
    sql`
      select ${columnsIn(sectionId)}
      from segment left join app_user on app_user.id = segment.changed_by
      where segment.section_id = ${sectionId}
      order by segment.name_key`,
  );
  const attention = await segmentsNeedingAttention(db, sectionId);
  return found.map((segment) => ({ ...segment, attention: attention.get(segment.id) ?? [] }));
}

export type SegmentDetails = SegmentRow & { rules: Rules };

/** A segment with its rules; undefined if there is none. */
export async function getSegment(db: Db, sectionId: SectionId, id: SegmentId): Promise<SegmentDetails | undefined> {
  const found = await maybeOne<Omit<SegmentDetails, 'attention'>>(
    db,
    sql`
      select ${columnsIn(sectionId)}, segment.rules
      from segment left join app_user on app_user.id = segment.changed_by
      where segment.section_id = ${sectionId} and segment.id = ${id}`,
  );
  if (!found) return undefined;
  const { reasons } = await openSegments(db, sectionId, [id]);
  return { ...found, rules: RulesSchema.parse(found.rules), attention: reasons.get(id) ?? [] };
}

/** A segment in a picker. */
export type SegmentOption = { id: SegmentId; name: string; attention: boolean };

/** The section's segments for pickers, in the order of their names. */
export async function segmentOptions(db: Db, sectionId: SectionId): Promise<SegmentOption[]> {
  const found = await prismaOn(db).segment.findMany({
    where: { sectionId },
    orderBy: { nameKey: 'asc' },
    select: { id: true, name: true },
  });
  const attention = await segmentsNeedingAttention(db, sectionId);
  return found.map((segment) => ({ ...segment, attention: attention.has(segment.id) }));
}

/** A size of a segment. `computed`: later, from the history. */
export type SegmentSize = { at: Date; profiles: number; computed: boolean };

/** All recorded and computed sizes, oldest first. */
export const segmentSizes = (db: Db, sectionId: SectionId, id: SegmentId): Promise<SegmentSize[]> =>
  rows(
    db,
    sql`
      select at, profiles, computed from segment_size
      where section_id = ${sectionId} and segment_id = ${id}
      order by at`,
  );

/** Whether the segment was created or changed within the last 30 seconds. */
export async function changedLately(db: Db, sectionId: SectionId, id: SegmentId): Promise<boolean> {
  const found = await maybeOne(
    db,
    sql`
      select from segment
      where section_id = ${sectionId} and id = ${id} and changed_at > now() - interval '30 seconds'`,
  );
  return found !== undefined;
}
