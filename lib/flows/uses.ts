// What flows use: recorded with the draft, the settings and every version that people may be in, and their names for lists of users.
import type { FlowId, SectionId } from '@/lib/db/ids';
import { rows, sql, type Db, type Tx } from '@/lib/db/sql';
import type { NamedUser } from '@/lib/uses/schema';
import { writeUses } from '@/lib/uses/uses';
import { referencesOf } from './references';
import type { FlowDocument, FlowSettings } from './schema';

/** Records what the documents of a flow refer to: its draft, and the versions with people in them. None: it is deleted. */
export function writeFlowUses(
  tx: Tx,
  sectionId: SectionId,
  id: FlowId,
  documents: readonly FlowDocument[],
  settings: FlowSettings | null,
): Promise<void> {
  const uses = documents.flatMap((document) => {
    const { tagIds, attributeIds, eventTypeIds, segmentIds, messageIds, formIds, flowIds } = referencesOf(
      document,
      settings,
    );
    return [
      ...tagIds.map((tag) => ({ kind: 'tag' as const, id: tag })),
      ...attributeIds.map((attribute) => ({ kind: 'attribute' as const, id: attribute })),
      ...eventTypeIds.map((event) => ({ kind: 'event' as const, id: event })),
      ...segmentIds.map((segment) => ({ kind: 'segment' as const, id: segment })),
      ...messageIds.map((message) => ({ kind: 'message' as const, id: message })),
      ...formIds.map((form) => ({ kind: 'form' as const, id: form })),
      ...flowIds.map((flow) => ({ kind: 'flow' as const, id: flow })),
    ];
  });
  return writeUses(tx, sectionId, 'flow', [{ id, uses }]);
}

/** Flows by id, in the order of their names. Those that were deleted depend on nothing. */
export function namedFlows(db: Db, sectionId: SectionId, ids: readonly number[]): Promise<NamedUser[]> {
  return rows(
    db,
    sql`
      select id, name, deleted_at is null as active from flow
      where section_id = ${sectionId} and id = any(${ids}::int[])
      order by name_key, id`,
  );
}
