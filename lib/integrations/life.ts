// The life of a list: switched off in the CRM, gone, back again, renamed. A list that the CRM does not keep is frozen:
// its tag stays on everyone who has it.
import { transaction } from '@/lib/db/pool';
import type { ConnectionListId } from '@/lib/db/ids';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { CrmList } from './connector';
import type { KeptList } from './queries';
import { requireOwn, type Reading } from './reading';
import type { ListStatus } from './schema';

const FROZEN: Record<Exclude<ListStatus, 'active'>, string> = {
  left: 'It is no longer kept.',
  paused: 'Paused here.',
  inactive: 'The list is switched off in the CRM. Its tag stays as it is.',
  missing: 'The CRM does not have this list now. Its tag stays as it is; the next sync looks for the list again.',
  gone: 'The list was deleted in the CRM. Its tag stays as it is: link it to another list, keep it as an ordinary tag, or remove it from everyone.',
};

/** One look could be a fault of the CRM: a list that was not found is gone if a run did not find it this long before either. Milliseconds. */
const MISSING_MS = 10 * 60_000;

/**
 * Records what became of a list, as the CRM has it now (null: it does not), unless the run was taken away, which throws `TakenAway`.
 * Returns why its tag is left as it is, or null if the list is to be read. One that was not found is missing, until `judgeMissing`.
 */
export async function setListStatus(reading: Reading, list: KeptList, found: CrmList | null): Promise<string | null> {
  const { sectionId, connection } = reading;
  const renamed = found !== null && found.name !== list.name ? found.name : null;
  const now = new Date();
  // Somebody may have paused the list since the run started.
  const status = sql`(
    case
      when status in ('paused', 'left') then status
      when ${found !== null}::boolean then ${found?.active ? 'active' : 'inactive'}::list_status
      when status = 'gone' then 'gone'::list_status
      else 'missing'::list_status
    end)`;
  const after = await transaction(async (tx) => {
    await requireOwn(tx, reading);
    return one<{ status: ListStatus }>(
      tx,
      sql`
        update connection_list
        set status_since = case when status = ${status} then status_since else ${now}::timestamptz end,
          status = ${status},
          new_name = ${found === null ? sql`new_name` : renamed}
        where section_id = ${sectionId} and id = ${list.id}
        returning status`,
    );
  });
  if (after.status !== 'active') return FROZEN[after.status];
  if (renamed !== null && connection.options.renamed === 'stop') {
    return `The list is called “${renamed}” in the CRM now, and this connection stops at renamed lists. Its tag stays as it is.`;
  }
  return null;
}

/**
 * After a read: lists that were missing for long enough are gone. If most lists of the connection are missing, none is: then it is rather
 * a permission that is gone, and they count as lists that could not be read.
 */
export async function judgeMissing(reading: Reading): Promise<void> {
  const { sectionId, runId, connection } = reading;
  const now = new Date();
  await transaction(async (tx) => {
    await requireOwn(tx, reading);
    const ofConnection = sql`section_id = ${sectionId} and connection_id = ${connection.id}`;
    const { missing, known } = await one<{ missing: ConnectionListId[]; known: number }>(
      tx,
      sql`
        select count(*) as known, coalesce(array_agg(id) filter (where status = 'missing'), '{}') as missing
        from connection_list where ${ofConnection} and status in ('active', 'inactive', 'missing')`,
    );
    const inRun = sql`section_id = ${sectionId} and run_id = ${runId} and status = 'frozen'`;
    if (missing.length > 1 && missing.length * 2 > known) {
      await execute(
        tx,
        sql`
          update sync_run_list set status = 'failed', reason = ${mostAreMissing(missing.length, known)}
          where ${inRun} and list_id = any(${missing}::int[])`,
      );
      return;
    }
    const gone = await rows<{ id: ConnectionListId }>(
      tx,
      sql`
        update connection_list set status = 'gone', status_since = ${now}
        where ${ofConnection} and status = 'missing' and status_since <= ${new Date(now.getTime() - MISSING_MS)}
          and id in (select list_id from sync_run_list where ${inRun})
        returning id`,
    );
    const ids = gone.map(({ id }) => id);
    await execute(
      tx,
      sql`update sync_run_list set reason = ${FROZEN.gone} where ${inRun} and list_id = any(${ids}::int[])`,
    );
  });
}

function mostAreMissing(missing: number, known: number): string {
  const shows =
    missing === known ? `shows none of the ${known} lists` : `no longer shows ${missing} of the ${known} lists`;
  return `The CRM ${shows} that are kept here. So many at once look like a permission that the user of this connection has lost, not like lists that were deleted: ask an administrator of the CRM. Their tags stay as they are. If the lists were deleted, link them to others, or stop keeping their tags.`;
}
