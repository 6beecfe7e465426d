// The life of a list: switched off in the CRM, gone, back again, renamed. A list that the CRM does not keep is frozen:
// its tag stays on everyone who has it.
import { transaction } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
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

/** A list that was not found is gone if a run did not find it this long before either. Milliseconds. */
const MISSING_MS = 10 * 60_000;

/**
 * Records what became of a list, as the CRM has it now (null: it does not), unless the run was taken away, which throws `TakenAway`.
 * Returns why its tag is left as it is, or null if the list is to be read.
 */
export async function setListStatus(reading: Reading, list: KeptList, found: CrmList | null): Promise<string | null> {
  const { sectionId, connection } = reading;
  const renamed = found !== null && found.name !== list.name ? found.name : null;
  const now = new Date();
  const missingBefore = new Date(now.getTime() - MISSING_MS);
  // One look could be a fault of the CRM, so the first time it is only missing. Somebody may have paused the list since the run started.
  const status = sql`(
    case
      when status in ('paused', 'left') then status
      when ${found !== null}::boolean then ${found?.active ? 'active' : 'inactive'}::list_status
      when status = 'gone' or (status = 'missing' and status_since <= ${missingBefore}) then 'gone'::list_status
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
