// Marketing lists (crm-apis §4.4). Segments of Customer Insights – Journeys are other tables, and are not read.
import { z } from 'zod';
import type { CrmList, Lists, ManualDefinition } from '../connector';
import { CrmError } from '../crm-error';
import { manualList } from '../manual-list';
import { rowAs, type Client } from './client';
import { readFetchXml, type MemberTable } from './fetch-xml';
import type { Settings } from './settings';

const LIST_COLUMNS = 'listid,listname,type,createdfromcode,query,membercount,statecode';
const TABLES: Record<number, MemberTable> = { 1: 'account', 2: 'contact', 4: 'lead' };

const ListRow = z.object({
  listid: z.string().min(1),
  listname: z.string().nullish(),
  /** True: dynamic. */
  type: z.boolean(),
  createdfromcode: z.number(),
  query: z.string().nullish(),
  /** Kept by Dynamics; of a dynamic list it may be old, or missing. */
  membercount: z.number().nullish(),
  statecode: z.number(),
});

/** What Tagwell reads as the members. */
function memberTypeOf(table: MemberTable | undefined, settings: Settings): CrmList['memberType'] {
  if (table === 'account') return settings.accounts === 'primary_contact' ? 'contact' : 'organisation';
  if (table === 'lead') return settings.leads ? 'mixed' : 'lead';
  return table ?? 'mixed';
}

/** Why lists of a table cannot be kept with these settings. */
function problemOfTable(table: MemberTable, settings: Settings): string | undefined {
  if (table === 'account' && settings.accounts === 'leave_out') {
    return 'Its members are accounts. To use their primary contacts, change “Lists of accounts” in the settings of the connection.';
  }
  if (table === 'lead' && !settings.leads) {
    return 'Its members are leads. To read them, switch on “Read lists of leads” in the settings of the connection.';
  }
  return undefined;
}

/** What a list's query means for reading it. */
function verdictOn(query: string | null | undefined, table: MemberTable): { problem?: string; caution?: string } {
  if (!query) {
    return { problem: 'Dynamics does not show its query. Check the permissions of the application user.' };
  }
  const read = readFetchXml(query);
  if ('problem' in read) return { problem: read.problem };
  if (read.query.table === table) return { caution: read.caution };
  return { problem: `It is a list of ${table}s, but its query looks for ${read.query.table}s.` };
}

export function listOf(row: z.infer<typeof ListRow>, settings: Settings): CrmList {
  const { listid, listname, type: dynamic, createdfromcode, query, membercount, statecode } = row;
  const table = TABLES[createdfromcode];
  const { problem, caution } = dynamic && table ? verdictOn(query, table) : {};
  const why = table
    ? (problemOfTable(table, settings) ?? problem)
    : 'Its members are of a kind that Tagwell does not know.';
  return {
    externalId: `${table ?? 'other'}:${listid.toLowerCase()}`,
    name: listname ?? '',
    kind: dynamic ? 'dynamic' : 'static',
    memberType: memberTypeOf(table, settings),
    active: statecode === 0,
    ...(typeof membercount === 'number' && { count: { members: membercount, exact: false } }),
    ...(dynamic && query && { definition: query }),
    ...(why && { problem: why }),
    ...(caution && { caution }),
  };
}

function manualListOf(manual: ManualDefinition, settings: Settings): CrmList {
  const read = readFetchXml(manual.definition);
  if ('problem' in read) return { ...manualList(manual, read), memberType: memberTypeOf(undefined, settings) };
  const { table } = read.query;
  const remarks = { problem: problemOfTable(table, settings), caution: read.caution };
  return { ...manualList(manual, remarks), memberType: memberTypeOf(table, settings) };
}

export async function listLists(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
): Promise<Lists> {
  const lists: CrmList[] = [];
  for await (const { value } of client.readPages(`lists?$select=${LIST_COLUMNS}&$orderby=listid`)) {
    lists.push(...value.map((row) => listOf(rowAs(ListRow, row), settings)));
  }
  return { lists: [...lists, ...manual.map((one) => manualListOf(one, settings))], complete: true, notes: [] };
}

/** The table of a list's members, and its id in Dynamics. */
export function partsOf(externalId: string): { table: MemberTable | undefined; id: string } {
  const [table = '', id = ''] = externalId.split(':');
  return { table: Object.values(TABLES).find((known) => known === table), id };
}

/** A list as it is now, or null if it is gone. */
export async function findList(
  client: Client,
  settings: Settings,
  manual: readonly ManualDefinition[],
  externalId: string,
): Promise<CrmList | null> {
  const definition = manual.find(({ id }) => id === externalId);
  if (definition) return manualListOf(definition, settings);
  const { id } = partsOf(externalId);
  // A manual list whose definition was removed.
  if (id === '') return null;
  try {
    return listOf(await client.readOne(`lists(${id})?$select=${LIST_COLUMNS}`, ListRow), settings);
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== 'missing') throw error;
    // With a wrong address every list would be missing: then this fails too.
    await client.readPage('lists?$select=listid&$top=1');
    return null;
  }
}
