// The life of a list: switched off in the CRM, gone, back again, renamed. A list that the CRM does not keep is frozen:
// its tag stays on everyone who has it.
import { pool } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import type { SectionId } from '@/lib/db/ids';
import type { CrmList } from './connector';
import type { KeptList, OpenConnection } from './queries';
import type { ListStatus } from './schema';

const FROZEN: Record<Exclude<ListStatus, 'active' | 'left'>, string> = {
  paused: 'Paused here.',
  inactive: 'The list is switched off in the CRM. Its tag stays as it is.',
  missing: 'The CRM does not have this list now. Its tag stays as it is; the next sync looks for the list again.',
  gone: 'The list was deleted in the CRM. Its tag stays as it is: link it to another list, keep it as an ordinary tag, or remove it from everyone.',
};

/**
 * Records what became of a list, as the CRM has it now (null: it does not). Returns why its tag is left as it is, or
 * null if the list is to be read.
 */
export async function setListStatus(
  { sectionId, connection }: { sectionId: SectionId; connection: Pick<OpenConnection, 'options'> },
  list: KeptList,
  found: CrmList | null,
): Promise<string | null> {
  const renamed = found !== null && found.name !== list.name ? found.name : null;
  const status = statusOf(list, found);
  await execute(
    pool(),
    sql`
      update connection_list
      set status_since = case when status = ${status}::list_status then status_since else ${new Date()}::timestamptz end,
        status = ${status}::list_status,
        new_name = ${found === null ? sql`new_name` : renamed}
      where section_id = ${sectionId} and id = ${list.id} and status <> 'left'`,
  );
  if (status !== 'active' && status !== 'left') return FROZEN[status];
  if (renamed !== null && connection.options.renamed === 'stop') {
    return `The list is called “${renamed}” in the CRM now, and this connection stops at renamed lists. Its tag stays as it is.`;
  }
  return null;
}

function statusOf(list: KeptList, found: CrmList | null): ListStatus {
  if (list.status === 'paused') return 'paused';
  // One look could be a fault of the CRM: a list is gone only when two runs did not find it.
  if (found === null) return list.status === 'missing' || list.status === 'gone' ? 'gone' : 'missing';
  return found.active ? 'active' : 'inactive';
}
