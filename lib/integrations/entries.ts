// Into which flows how many would come by a sync, said by its dry run: by the lists whose syncs may start flows.
import { rows, sql, type Db } from '@/lib/db/sql';
import type { ConnectionListId, SectionId, SyncRunId, TagId } from '@/lib/db/ids';
import { addEntries, countEntries, type FlowEntries } from '@/lib/flows/entries';
import { BEGIN, CHANGE_STATES, END, OUTCOMES } from './outcome';

type Starting = { listId: ConnectionListId; tagId: TagId };

/**
 * Of a dry run. `fresh`: contacts of these lists for whom it makes profiles, who may enter as well; who they are is not known yet, so they are in no
 * flow’s number.
 */
export async function entriesOfRun(
  db: Db,
  sectionId: SectionId,
  runId: SyncRunId,
): Promise<{ flows: FlowEntries[]; fresh: number }> {
  const lists = await rows<Starting>(
    db,
    sql`
      select list.id as "listId", list.tag_id as "tagId"
      from sync_run_list item
      join connection_list list on list.section_id = ${sectionId} and list.id = item.list_id
      where item.section_id = ${sectionId} and item.run_id = ${runId} and list.starts_flows
      order by list.id`,
  );
  let flows: FlowEntries[] = [];
  for (const { listId, tagId } of lists) {
    for (const action of [BEGIN, END]) {
      const people = sql`
        select profile_id from sync_change
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId} and action = ${action}
          and state = ${CHANGE_STATES.planned}`;
      const tags = action === BEGIN ? { apply: [tagId], remove: [] } : { apply: [], remove: [tagId] };
      const found = await countEntries(
        db,
        sectionId,
        people,
        { ...tags, value: null, source: 'integration' },
        new Date(),
      );
      flows = addEntries(flows, found);
    }
  }
  if (lists.length === 0) return { flows, fresh: 0 };
  const [counted] = await rows<{ fresh: number }>(
    db,
    sql`
      select count(distinct member.key) as fresh from sync_member member
      where member.section_id = ${sectionId} and member.run_id = ${runId} and member.outcome = ${OUTCOMES.create}
        and member.list_id = any(${lists.map(({ listId }) => listId)}::int[])`,
  );
  return { flows, fresh: flows.length === 0 ? 0 : counted!.fresh };
}
