// Contacts of efficy as rows, their columns and values (crm-apis §6.5, §7).
import type { ContactRecord, CrmField, FieldType, FieldValue } from '../connector';
import { byIds } from '../by-ids';
import { CrmError } from '../crm-error';
import { nameIn } from '../person-name';
import { splitAddresses } from '../split-addresses';
import { valuesIn, writtenDay } from '../wire-values';
import { utcOf } from '../zoned-time';
import type { Client, Func, Operation, Row } from './client';
import type { Names } from './settings';

/** Rows that the types of columns are seen from. */
const SAMPLE_ROWS = 500;
/** Keys of one call. */
const KEYS_OF_A_CALL = 200;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const DAY = /^\d{4}-\d\d-\d\dT00:00:00/;
const SEVERAL = /^;(?:[^;]+;)+$/;

/** What SQL for contacts may ask for, as far as the server was found to allow it; `none`: the user has no right to SQL. */
export type Selects = 'with_names' | 'without_names' | 'none';

/** `selects`: remembered from call to call. */
export type Reading = {
  names: Names;
  fields: readonly CrmField[];
  zone: string;
  pageSize: number;
  selects: { can: Selects };
};

/**
 * The columns of contacts, from a sample of rows: efficy does not publish a description. Types are only what the values show
 * beyond doubt; numbers and yes or no come as text.
 */
export async function readColumns(client: Client, names: Names): Promise<CrmField[]> {
  const rows = await sampleOf(client, names);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !name.startsWith('#'));
  return columns.map((name) => ({
    name,
    label: name,
    type: typeOf(rows.map((row) => row[name])),
    required: false,
  }));
}

async function sampleOf(client: Client, { contactTable }: Names): Promise<Row[]> {
  try {
    return await client.sql(`select * from ${contactTable}`, [], SAMPLE_ROWS);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return (await client.rows([searchAll('Cont'), { '@name': 'master' }])).slice(0, SAMPLE_ROWS);
  }
}

function typeOf(values: readonly unknown[]): FieldType {
  const present = values.filter((value): value is string => typeof value === 'string' && value !== '');
  if (present.length === 0) return 'text';
  if (present.every((value) => DAY.test(value))) return 'date';
  if (present.every((value) => TIME.test(value))) return 'date_time';
  return present.every((value) => SEVERAL.test(value)) ? 'choices' : 'text';
}

/** A value, normalised. */
export function valueOf(value: unknown, type: FieldType, zone: string): FieldValue {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string')
    throw new CrmError('unreadable', 'The efficy server sent a value that is no text. Try again later.');
  if (type === 'choices') return value.split(';').filter((part) => part !== '');
  if (type === 'date') return writtenDay(value);
  return type === 'date_time' ? (utcOf(value, zone) ?? value) : value;
}

/** A row's key, as text. Throws `refused` if the rows have no such column, so that they are no contacts. */
export function keyOf(row: Row, column: string): string {
  const key = row[column];
  if (typeof key === 'string' && key !== '') return key;
  if (typeof key === 'number') return String(key);
  throw new CrmError(
    'refused',
    `The rows have no column “${column}” with a value, so they are not contacts. Choose a list of contacts, or name the key column in the settings of the connection.`,
  );
}

/** Without the name: rows need not have it. */
const columnsOf = ({ names, fields }: Reading) => {
  const { contactKey, emailFields, phoneFields, inactiveField } = names;
  return [
    contactKey,
    ...emailFields,
    ...phoneFields,
    ...fields.map(({ name }) => name),
    ...(inactiveField ? [inactiveField] : []),
  ];
};

function contactOf(row: Row, { names, fields, zone }: Reading): ContactRecord {
  const { contactKey, nameFields, emailFields, phoneFields, inactiveField } = names;
  return {
    entity: 'contact',
    id: keyOf(row, contactKey),
    name: nameIn(row, [nameFields]),
    emails: splitAddresses(emailFields.map((name) => row[name])),
    phones: splitAddresses(phoneFields.map((name) => row[name])),
    fields: valuesIn(
      row,
      fields,
      ({ name }) => name,
      (value, { type }) => valueOf(value, type, zone),
    ),
    active: !inactiveField || !['1', 1, true].includes(row[inactiveField] as string | number | boolean),
  };
}

/** Contacts of rows, all of them. Rows that lack a column are read again by their keys; of those not found only the row is known. */
export async function contactsOf(client: Client, rows: readonly Row[], reading: Reading): Promise<ContactRecord[]> {
  const { contactKey } = reading.names;
  const columns = columnsOf(reading);
  const isWhole = (row: Row) => columns.every((name) => Object.hasOwn(row, name));
  if (rows.every(isWhole)) return rows.map((row) => contactOf(row, reading));
  const keys = rows.map((row) => keyOf(row, contactKey));
  const whole = await contactsByKey(client, keys, reading);
  const [first] = whole.values();
  const { emailFields } = reading.names;
  if (!first || emailFields.some((name) => Object.hasOwn(first, name)))
    return rows.map((row) => contactOf(whole.get(keyOf(row, contactKey)) ?? row, reading));
  throw new CrmError(
    'refused',
    `Contacts have no column ${emailFields.map((name) => `“${name}”`).join(' or ')}. Name the email columns in the settings of the connection.`,
  );
}

/** Rows by their keys: by SQL, or where the user has no right to it each by itself, many in one call. */
async function contactsByKey(client: Client, keys: readonly string[], reading: Reading): Promise<Map<string, Row>> {
  const { names, pageSize, selects } = reading;
  const { contactTable, contactKey, nameFields } = names;
  const found = new Map<string, Row>();
  const size = Math.min(KEYS_OF_A_CALL, pageSize);
  const read = async (some: readonly string[]): Promise<Row[]> => {
    const { can } = selects;
    if (can === 'none') return client.rows(...some.map((key) => consultOne(contactKey, key)));
    const columns = [...new Set([...columnsOf(reading), ...(can === 'with_names' ? nameFields : [])])];
    const places = some.map((_, index) => `:p${index + 1}`).join(', ');
    const sql = `select ${columns.join(', ')} from ${contactTable} where ${contactKey} in (${places})`;
    try {
      return await client.sql(sql, some, 0);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Without the right to SQL it makes no difference which columns are asked for.
      selects.can = can === 'with_names' && error.kind === 'refused' ? 'without_names' : 'none';
      return read(some);
    }
  };
  for (let from = 0; from < keys.length; from += size) {
    const rows = await byIds(keys.slice(from, from + size), read, (row) => keyOf(row, contactKey));
    for (const [key, row] of rows) found.set(key, row);
  }
  return found;
}

const consultOne = (field: string, key: string): [Operation, Func] => [
  { '@name': 'api' },
  {
    '@name': 'consultmanyex',
    entity: 'Cont',
    findfield: field,
    keys: key,
    orderbyfield: field,
    separator: ';',
  },
];

/** Whether efficy understood the call and refused it: without the right to SQL, for example. */
export const isRefusal = (error: unknown): error is CrmError =>
  error instanceof CrmError && (error.kind === 'refused' || error.kind === 'permission') && error.status === undefined;

/** [P] A search that finds all. */
export const searchAll = (entity: string): Operation => ({
  '@name': 'search',
  entity,
  method: 'SEARCHFAST',
  value: '%',
  closecontext: true,
});
