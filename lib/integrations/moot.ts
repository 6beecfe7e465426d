// Questions about removals that nobody needs to answer any more: whom they are about has lost the tag otherwise, or was merged or deleted.
import { Refusal } from '@/lib/access/refusal';
import type { ConnectionListId, SectionId, SyncRunId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { CHANGE_STATES } from './outcome';
import { findRun } from './queries';
import { resumeSync } from './start';

const MOOT =
  'There is nothing to answer any more: those who would have lost the tag do not have it through this list now, or were merged or deleted here.';

type Which = { sectionId: SectionId; id: SyncRunId };

/** Ends the questions of all runs that are moot, and with the last one of a run the run. A loop of the leader. */
export async function endMootQuestions(): Promise<void> {
  const held = await rows<Which>(pool(), sql`select section_id as "sectionId", id from sync_run where status = 'held'`);
  for (const run of held) {
    if ((await mootLists(pool(), run)).length === 0) continue;
    try {
      await transaction((tx) => endMoot(tx, run));
    } catch (error) {
      // It is being undone: that ends what waits.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/** The lists whose removals wait, though no claim is left that would end. */
const mootLists = (db: Db, { sectionId, id }: Which): Promise<{ id: ConnectionListId }[]> =>
  rows<{ id: ConnectionListId }>(
    db,
    sql`
      select item.list_id as id
      from sync_run_list item
      join connection_list list on list.section_id = ${sectionId} and list.id = item.list_id
      where item.section_id = ${sectionId} and item.run_id = ${id} and item.status = 'held' and item.answered_at is null
        and not exists (
          select from sync_change change
          join tag_claim claim
            on claim.section_id = ${sectionId} and claim.profile_id = change.profile_id
              and claim.holder_id = list.holder_id and not claim.suppressed
          where change.section_id = ${sectionId} and change.run_id = ${id} and change.list_id = item.list_id
            and change.state = ${CHANGE_STATES.held}
        )`,
  );

async function endMoot(tx: Tx, which: Which): Promise<void> {
  const { sectionId } = which;
  const run = await findRun(tx, sectionId, which.id, { lock: true });
  // Somebody has answered at the same time.
  if (run?.status !== 'held') return;
  const lists = (await mootLists(tx, which)).map(({ id }) => id);
  if (lists.length === 0) return;
  const ofLists = sql`section_id = ${sectionId} and run_id = ${run.id} and list_id = any(${lists}::int[])`;
  await execute(
    tx,
    sql`
      update sync_change set state = ${CHANGE_STATES.rejected}
      where ${ofLists} and state = ${CHANGE_STATES.held}`,
  );
  await execute(tx, sql`update sync_run_list set status = 'done', reason = ${MOOT} where ${ofLists}`);
  // Those of profiles that were merged or deleted are gone.
  const { answered } = await one<{ answered: number }>(
    tx,
    sql`
      select coalesce((counts ->> 'held')::int, 0) - (
        select count(*) from sync_change
        where section_id = ${sectionId} and run_id = ${run.id} and state = ${CHANGE_STATES.held}
      )::int as answered
      from operation
      where section_id = ${sectionId} and id = ${run.operationId}`,
  );
  // The operation ends the run, unless other lists wait.
  await resumeSync(tx, run, { userId: run.startedBy, apiKeyId: run.startedByKey, answered });
}
