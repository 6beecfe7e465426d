// Counts of operations that go down again: what waited for an answer, and no longer does.
import type { OperationId, SectionId } from '@/lib/db/ids';
import { execute, sql, type Tx } from '@/lib/db/sql';
import { withCount } from '@/lib/db/with-count';

/** Lowers a count of operations, to 0 or `by` a number; never below 0. */
export async function lowerCount(
  tx: Tx,
  { sectionId, ids, name }: { sectionId: SectionId; ids: readonly OperationId[]; name: string },
  by: number | 'all',
): Promise<void> {
  const lowered = by === 'all' ? sql`0` : sql`greatest(0, (counts ->> ${name}::text)::int - ${by}::int)`;
  await execute(
    tx,
    sql`
      update operation set counts = ${withCount(sql`counts`, name, lowered)}
      where section_id = ${sectionId} and id = any(${ids}::int[]) and counts ->> ${name}::text is not null`,
  );
}
