// Refuses a flow that refers to what is not in the section. What was hidden may stay in a draft, which needs attention then.
import { refuse } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { rows, sql, type Tx } from '@/lib/db/sql';
import { referencesOf } from './references';
import type { FlowDocument, FlowSettings } from './schema';

export async function requireKnown(
  tx: Tx,
  sectionId: SectionId,
  document: FlowDocument,
  settings: FlowSettings | null,
): Promise<void> {
  const { tagIds, attributeIds, eventTypeIds, segmentIds, formIds, messageIds, flowIds } = referencesOf(
    document,
    settings,
  );
  const found = await rows<{ kind: string; id: number }>(
    tx,
    sql`
      select 'tag' as kind, id from tag where section_id = ${sectionId} and id = any(${tagIds}::int[])
      union all
      select 'attribute', id from attribute where section_id = ${sectionId} and id = any(${attributeIds}::int[])
      union all
      select 'event', id from event_type where section_id = ${sectionId} and id = any(${eventTypeIds}::int[])
      union all
      select 'segment', id from segment where section_id = ${sectionId} and id = any(${segmentIds}::int[])
      union all
      select 'form', id from form where section_id = ${sectionId} and id = any(${formIds}::int[])
      union all
      select 'message', id from message where section_id = ${sectionId} and id = any(${messageIds}::int[])
      union all
      select 'flow', id from flow where section_id = ${sectionId} and id = any(${flowIds}::int[])`,
  );
  const known = new Set(found.map(({ kind, id }) => `${kind}:${id}`));
  const wanted: [string, readonly number[]][] = [
    ['tag', tagIds],
    ['attribute', attributeIds],
    ['event', eventTypeIds],
    ['segment', segmentIds],
    ['form', formIds],
    ['message', messageIds],
    ['flow', flowIds],
  ];
  const gone = wanted.find(([kind, ids]) => ids.some((id) => !known.has(`${kind}:${id}`)));
  if (gone)
    refuse('invalid', `One of the ${gone[0]}s does not exist in this section. Remove it here.`, { field: 'document' });
}
