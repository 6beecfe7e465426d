// What segments use: recorded with their rules, and the segments' names for lists of users.
import type { SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';
import { referencesOf, type Rules } from './schema';

/** Records what the rules of segments refer to. */
export function writeSegmentUses(
  tx: Tx,
  sectionId: SectionId,
  segments: readonly { id: SegmentId; rules: Rules }[],
): Promise<void> {
  const users = segments.map(({ id, rules }) => {
    const { tags, attributes, eventTypes, segments: inIt } = referencesOf(rules);
    return {
      id,
      uses: [
        ...tags.map((tag) => ({ kind: 'tag' as const, id: tag })),
        ...attributes.map((attribute) => ({ kind: 'attribute' as const, id: attribute })),
        ...eventTypes.map((event) => ({ kind: 'event' as const, id: event })),
        ...inIt.map((segment) => ({ kind: 'segment' as const, id: segment })),
      ],
    };
  });
  return writeUses(tx, sectionId, 'segment', users);
}

/** Segments by id, in the order of their names. */
export function namedSegments(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select id, name, true as active from segment
      where section_id = ${sectionId} and id = any(${ids}::int[])
      order by name_key`,
  );
}
