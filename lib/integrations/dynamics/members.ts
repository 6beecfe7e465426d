// Reads the members of a list: by the association of a static list, by the query of a dynamic or a manual one (crm-apis §4.4).
import { z } from 'zod';
import type { Contacts, CrmList } from '../connector';
import { CrmError } from '../crm-error';
import { EachOnce } from '../each-once';
import { knownById } from '../known-by-id';
import { rowAs, type Client, type Page } from './client';
import { attributesOf, contactsOf, idOf, readQuery, rowsById, selectOf, type Reading } from './contacts';
import { readFetchXml, type MemberQuery, type MemberTable } from './fetch-xml';
import { partsOf } from './lists';

const ListId = z.object({ listid: z.string() });
const Membership = z.object({ _entityid_value: z.string().min(1) });
const PRIMARY_CONTACT = '_primarycontactid_value';

/** All members. `reading`: of persons; for a list of accounts, of their primary contacts. */
export async function* readMembers(client: Client, list: CrmList, reading: Reading): Contacts {
  const once = new EachOnce();
  // The query of a list that was deleted in between would still find contacts.
  if (list.kind === 'dynamic') await client.readOne(`lists(${partsOf(list.externalId).id})?$select=listid`, ListId);
  if (tableOf(list) === 'account') return yield* primaryContacts(client, list, reading);
  const { table } = reading;
  const pages = pagesOf(client, list, table, selectOf(reading), attributesOf(reading));
  for await (const { value } of pages) {
    const rows = once.take(value, (row) => idOf(row, table));
    if (rows.length > 0) yield await contactsOf(client, rows, reading);
  }
  const hidden = once.fresh(await hiddenMembers(client, list, once), (id) => id);
  if (hidden.length > 0) yield hidden.map((id) => knownById(table, id));
  return { seen: once.seen, declared: list.count, skipped: 0 };
}

/** A list of accounts. Those without a primary contact are skipped. A contact that cannot be read is a member of which only the id is known. */
async function* primaryContacts(client: Client, list: CrmList, reading: Reading): Contacts {
  const accounts = new EachOnce();
  const contacts = new EachOnce();
  let skipped = 0;
  const select = ['accountid', PRIMARY_CONTACT];
  for await (const { value } of pagesOf(client, list, 'account', select, ['accountid', 'primarycontactid'])) {
    const fresh = accounts.take(value, (row) => idOf(row, 'account'));
    const ids = fresh.map((row) => row[PRIMARY_CONTACT]).filter((id) => typeof id === 'string');
    const wanted = contacts.fresh([...new Set(ids.map((id) => id.toLowerCase()))], (id) => id);
    const rows = await rowsById(client, reading.table, wanted, attributesOf(reading));
    skipped += fresh.length - ids.length;
    const known = await contactsOf(client, [...rows.values()], reading);
    const unknown = wanted.filter((id) => !rows.has(id)).map((id) => knownById(reading.table, id));
    if (wanted.length > 0) yield [...known, ...unknown];
  }
  if ((await hiddenMembers(client, list, accounts)).length > 0) throw partly(list, accounts.seen);
  return { seen: contacts.seen, skipped };
}

/**
 * The ids of members of a static list that were not given. A role that sees a part of the organisation gives fewer rows without saying so;
 * only the count of the list, which may be old, shows that there may be more. [I] Memberships are rows that belong to nobody, so that all are
 * shown. Throws `incomplete` if they are not.
 */
async function hiddenMembers(client: Client, list: CrmList, given: EachOnce): Promise<string[]> {
  if (list.kind !== 'static' || (list.count?.members ?? 0) <= given.seen) return [];
  const path = `listmembers?$select=_entityid_value&$filter=_listid_value eq ${partsOf(list.externalId).id}`;
  const ids: string[] = [];
  try {
    for await (const { value } of client.readPages(path)) {
      ids.push(...value.map((row) => rowAs(Membership, row)._entityid_value.toLowerCase()));
    }
  } catch (error) {
    if (error instanceof CrmError && ['permission', 'refused', 'missing'].includes(error.kind)) {
      throw partly(list, given.seen);
    }
    throw error;
  }
  if (ids.length === 0) throw partly(list, given.seen);
  return ids.filter((id) => !given.has(id));
}

const partly = ({ name, count }: CrmList, given: number) =>
  new CrmError(
    'incomplete',
    `Dynamics counts ${count?.members} members of “${name}”, but shows ${given}. Give the security role of the application user the right to read contacts, accounts and marketing lists of the whole organisation. Nothing was changed; the next sync tries again.`,
  );

function pagesOf(
  client: Client,
  list: CrmList,
  table: MemberTable,
  select: readonly string[],
  attributes: readonly string[],
): AsyncGenerator<Page, void, void> {
  if (list.kind !== 'static') return readQuery(client, queryOf(list), attributes);
  return client.readPages(`lists(${partsOf(list.externalId).id})/list${table}_association?$select=${select.join(',')}`);
}

function queryOf(list: CrmList): MemberQuery {
  const read = readFetchXml(list.definition ?? '');
  if ('query' in read) return read.query;
  throw new CrmError('refused', `“${list.name}” cannot be read. ${read.problem}`);
}

/** The table that a list's members are in. Throws `refused` if it is unknown. */
export function tableOf(list: CrmList): MemberTable {
  if (list.kind === 'manual') return queryOf(list).table;
  const { table } = partsOf(list.externalId);
  if (table) return table;
  throw new CrmError('refused', `“${list.name}” cannot be read: its members are of a kind that Tagwell does not know.`);
}

/** The table of the persons that are read. */
export const personTableOf = (list: CrmList): Reading['table'] => (tableOf(list) === 'lead' ? 'lead' : 'contact');
