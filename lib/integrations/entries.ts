// Into which flows how many would come by a sync, said by its dry run: by the lists whose syncs may start flows.
import { rows, sql, type Db } from '@/lib/db/sql';
import type { ConnectionListId, SectionId, SyncRunId, TagId } from '@/lib/db/ids';
import { addEntries, countEntries, countFresh, type FlowEntries } from '@/lib/flows/entries';
import { BEGIN, CHANGE_STATES, END, OUTCOMES } from './outcome';

type Starting = { listId: ConnectionListId; tagId: TagId };

/** Of a dry run, with the contacts for whom it makes profiles. What the CRM knows of those is not known yet: where a flow asks for it, they may enter. */
export async function entriesOfRun(db: Db, sectionId: SectionId, runId: SyncRunId): Promise<FlowEntries[]> {
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
  if (lists.length === 0) return flows;
  for (const { people, tagIds } of await freshOf(db, sectionId, runId, lists)) {
    flows = addEntries(
      flows,
      await countFresh(db, sectionId, people, { apply: tagIds, source: 'integration' }, new Date()),
    );
  }
  return flows;
}

/** How many contacts profiles are made for, by the tags that they get. */
function freshOf(
  db: Db,
  sectionId: SectionId,
  runId: SyncRunId,
  lists: readonly Starting[],
): Promise<{ people: number; tagIds: TagId[] }[]> {
  return rows(
    db,
    sql`
      select count(*) as people, tag_ids as "tagIds"
      from (
        select array_agg(distinct list.tag_id order by list.tag_id) as tag_ids
        from sync_member member
        join unnest(
          ${lists.map(({ listId }) => listId)}::int[], ${lists.map(({ tagId }) => tagId)}::int[]
        ) list (id, tag_id) on list.id = member.list_id
        where member.section_id = ${sectionId} and member.run_id = ${runId} and member.outcome = ${OUTCOMES.create}
        group by member.key
      ) fresh
      group by tag_ids`,
  );
}
