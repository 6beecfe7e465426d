// Which fields persons have, and their values (crm-apis §5.4, §7).
import type { CrmField, FieldType, FieldValue } from '../connector';
import { CrmError } from '../crm-error';
import { utcTime, writtenDay } from '../wire-values';
import type { Client, Row } from './client';
import type { Metadata } from './metadata';

export const PERSONS = 'Relation_Person';
/** The relationship that makes a person the contact of an organisation. It has the business address. */
export const CONTACTS = 'Relationship_Person_Contact_Standard';
/** Before the names of the relationship's fields. */
const OF_CONTACT = 'contact.';

const TYPES: Record<string, FieldType> = {
  'Edm.String': 'text',
  'Edm.Int16': 'integer',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'integer',
  'Edm.Decimal': 'decimal',
  'Edm.Double': 'decimal',
  'Edm.Single': 'decimal',
  'Edm.Boolean': 'boolean',
  'Edm.Date': 'date',
  'Edm.DateTimeOffset': 'date_time',
};
/** Names of the sets that choices come from. */
const CHOICES = /^Datastore_/;

/** A field, where it is, and if it is a choice the set of its values. */
export type Source = CrmField & { on: 'person' | 'contact'; wireName: string; choices?: string };

function fieldsOn(metadata: Metadata, set: string, on: Source['on']): Source[] {
  const entity = metadata.get(set);
  if (!entity) return [];
  const prefix = on === 'contact' ? OF_CONTACT : '';
  const named = (wireName: string) => ({
    name: `${prefix}${wireName}`,
    label: on === 'contact' ? `${wireName} (contact person)` : wireName,
    on,
    wireName,
  });
  const plain = [...entity.properties].flatMap(([wireName, { type, required, maxLength }]): Source[] => {
    // A day, whichever type it has: it may come with a time and a zone.
    const known = wireName === 'BirthDate' ? 'date' : TYPES[type];
    return known ? [{ ...named(wireName), type: known, required, ...(maxLength && { maxLength }) }] : [];
  });
  const choices = [...entity.navigations].flatMap(([wireName, { type, many }]): Source[] =>
    CHOICES.test(type)
      ? [{ ...named(wireName), type: many ? 'choices' : 'choice', required: false, choices: type }]
      : [],
  );
  return [...plain, ...choices];
}

/** The fields by their names. */
export const sourcesOf = (metadata: Metadata): Map<string, Source> =>
  new Map(
    [...fieldsOn(metadata, PERSONS, 'person'), ...fieldsOn(metadata, CONTACTS, 'contact')].map((source) => [
      source.name,
      source,
    ]),
  );

/** Fields for people, with the options of choices. One read per set of choices. */
export async function describeFields(client: Client, metadata: Metadata): Promise<CrmField[]> {
  const sources = [...sourcesOf(metadata).values()];
  const sets = [...new Set(sources.flatMap(({ choices }) => (choices && metadata.has(choices) ? [choices] : [])))];
  const options = new Map<string, { value: string; label: string }[]>();
  for (const set of sets) {
    const found: { value: string; label: string }[] = [];
    for await (const rows of client.readRows(set, { select: ['ID', 'Code', '_Name'] })) {
      found.push(
        ...rows.map((row) => {
          const value = choiceOf(row, set);
          return { value, label: typeof row._Name === 'string' ? row._Name : value };
        }),
      );
    }
    options.set(set, found);
  }
  return sources.map(({ on: _on, wireName: _wireName, choices, ...field }) => ({
    ...field,
    ...(choices && { options: options.get(choices) ?? [] }),
  }));
}

/** What to ask for: plain fields are selected, choices come only when they are expanded. */
export const askedFor = (sources: readonly Source[]) => ({
  select: sources.filter(({ choices }) => !choices).map(({ wireName }) => wireName),
  expand: sources.filter(({ choices }) => choices).map(({ wireName }) => `${wireName}($select=ID,Code,_Name)`),
});

function choiceOf(value: unknown, where: string): string {
  const { Code: code, ID: id } = (value ?? {}) as Record<string, unknown>;
  if (typeof code === 'string' && code !== '') return code;
  if (typeof id === 'string' && id !== '') return id;
  throw unexpected(where);
}

const unexpected = (where: string) =>
  new CrmError('unreadable', `Tribe sent a value of another type than agreed in “${where}”. Try again later.`);

/** A field's value of a row, normalised. */
export function valueOf(row: Row | undefined, { wireName, type }: Source): FieldValue {
  const value = row?.[wireName];
  if (value === null || value === undefined || value === '') return null;
  if (type === 'choice') return choiceOf(value, wireName);
  if (type === 'choices') {
    if (!Array.isArray(value)) throw unexpected(wireName);
    return value.map((one) => choiceOf(one, wireName));
  }
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string') throw unexpected(wireName);
  if (type === 'date') return writtenDay(value);
  return type === 'date_time' ? utcTime(value) : value;
}
