// Members of webCRM's lists, and how rows become contacts (crm-apis §3.3 to §3.5).
import type { ContactRecord, Contacts, CrmField, CrmList } from '../connector';
import { CrmError } from '../crm-error';
import { nameIn } from '../person-name';
import { splitAddresses } from '../split-addresses';
import { valuesIn } from '../wire-values';
import { idOf, type Client, type Row } from './client';
import { meets, readDefinition, type Condition } from './definition';
import { valueOf } from './fields';
import { fieldsOf, type Settings } from './settings';

/** What is asked for of contacts. */
export class Reading {
  readonly settings: Settings;
  readonly #fields: readonly CrmField[];

  /** Throws if a field that was asked for is gone. */
  constructor(settings: Settings, known: readonly CrmField[], fields: readonly string[]) {
    this.settings = settings;
    this.#fields = fields.map((name) => known.find((field) => field.name === name) ?? gone(name));
  }

  contactOf(row: Row): ContactRecord {
    const { id, names, emails, phones, status } = fieldsOf(this.settings);
    const { entity, inactiveStatuses, timeZone } = this.settings;
    return {
      entity,
      id: idOf(row, id),
      name: nameIn(row, names),
      emails: splitAddresses(emails.map((name) => row[name])),
      phones: splitAddresses(phones.map((name) => row[name])),
      fields: valuesIn(
        row,
        this.#fields,
        ({ name }) => name,
        (value, { type }) => valueOf(value, type, timeZone),
      ),
      active: !inactiveStatuses.includes(typeof row[status] === 'string' ? row[status] : ''),
    };
  }

  /** Throws unless a query selects what is needed: without it, contacts would seem to have no email. */
  requireIn(row: Row): void {
    const needed = [...fieldsOf(this.settings).emails.slice(0, 1), ...this.#fields.map(({ name }) => name)];
    const missing = needed.find((name) => !(name in row));
    if (missing === undefined) return;
    throw new CrmError('refused', `The query does not select “${missing}”. Use SELECT *, or add the field.`);
  }
}

function gone(field: string): never {
  throw new CrmError(
    'refused',
    `Contacts in webCRM no longer have the field “${field}”, or the token may not read it. Remove it from the fields of the connection, or restore it in webCRM.`,
  );
}

/** All members of a list. */
export async function* readMembers(client: Client, list: CrmList, reading: Reading): Contacts {
  if (list.problem) throw new CrmError('refused', `“${list.name}” cannot be read. ${list.problem}`);
  if (list.kind === 'overview') {
    const path = reading.settings.overviewMembersPath.replaceAll(
      '{id}',
      encodeURIComponent(list.externalId.replace(/^overview:/, '')),
    );
    return yield* everyone(client, path, reading);
  }
  const read = readDefinition(list.definition ?? '');
  if ('problem' in read) throw new CrmError('refused', `“${list.name}” cannot be read. ${read.problem}`);
  const { definition } = read;
  if (definition.kind === 'query') {
    const path = queryPath(reading.settings, definition.script);
    try {
      return yield* everyone(client, path, reading, { strict: true });
    } catch (error) {
      if (error instanceof CrmError && error.kind === 'missing') throw noQueries();
      throw error;
    }
  }
  const { path, rowsOf } = await withOrganisations(client, reading.settings, definition.conditions);
  return yield* everyone(client, path, reading, { keep: (row) => meets(rowsOf(row), definition) });
}

/** The path of a script. Its rows come in order of their ids, unless it says otherwise. */
export function queryPath(settings: Settings, script: string): string {
  if (settings.queriesPath === '') throw noQueries();
  const ordered = /\border\s+by\b/i.test(script) ? script : `${script} ORDER BY ${fieldsOf(settings).id}`;
  return `${settings.queriesPath}?script=${encodeURIComponent(ordered)}`;
}

/** Not `missing`: the list is not gone. */
const noQueries = () =>
  new CrmError(
    'refused',
    'This webCRM has no queries. Write the list as conditions, or correct the path of queries in the settings of the connection.',
  );

/** Contacts of all rows of a path that are kept. `strict`: the rows must have the fields that are needed. */
async function* everyone(
  client: Client,
  path: string,
  reading: Reading,
  { keep = () => true, strict = false }: { keep?: (row: Row) => boolean; strict?: boolean } = {},
): Contacts {
  let seen = 0;
  for await (const rows of client.all(path, fieldsOf(reading.settings).id)) {
    const [first] = rows;
    if (strict && first) reading.requireIn(first);
    const contacts = rows.filter(keep).map((row) => reading.contactOf(row));
    seen += contacts.length;
    if (contacts.length > 0) yield contacts;
  }
  return { seen, skipped: 0 };
}

/** For conditions on fields of organisations, these are read first, with those fields only. Throws if a field does not exist. */
async function withOrganisations(client: Client, settings: Settings, conditions: readonly Condition[]) {
  const { organisation } = fieldsOf(settings);
  const path = `/${settings.entity === 'Person' ? 'Persons' : 'PersonsB2C'}`;
  const [sample] = await client.page(path, 1, 1);
  const [ofContacts, ofOrganisations] = [
    conditions.filter(({ field }) => field.startsWith(settings.entity)),
    conditions.filter(({ field }) => !field.startsWith(settings.entity)),
  ];
  refuseUnknown(ofContacts, sample);
  if (ofOrganisations.length === 0) return { path, rowsOf: (row: Row) => row };
  refuseUnknown(ofOrganisations, (await client.page('/Organisations', 1, 1))[0]);
  const organisations = new Map<string, Row>();
  for await (const rows of client.all('/Organisations', 'OrganisationId')) {
    for (const row of rows) {
      organisations.set(
        idOf(row, 'OrganisationId'),
        Object.fromEntries(ofOrganisations.map(({ field }) => [field, row[field]])),
      );
    }
  }
  return {
    path,
    rowsOf: (row: Row): Row => ({ ...row, ...organisations.get(String(row[organisation])) }),
  };
}

/** A misspelt field would make everybody a member, or nobody. */
function refuseUnknown(conditions: readonly Condition[], sample: Row | undefined): void {
  const unknown = sample && conditions.find(({ field }) => !(field in sample));
  if (unknown)
    throw new CrmError('refused', `webCRM has no field “${unknown.field}”. Correct the conditions of the list.`);
}
