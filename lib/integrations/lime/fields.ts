// Properties of Lime's types, and their values (crm-apis §2.3, §2.4, §7).
import { z } from 'zod';
import type { CrmField, FieldType, FieldValue } from '../connector';
import { readJson } from '../json';
import type { Client } from './client';

/** Relations to many, files and what Lime keeps for itself are no fields of a contact. */
const TYPES: Record<string, FieldType> = {
  string: 'text',
  text: 'text',
  phone: 'text',
  link: 'text',
  xml: 'text',
  quarter: 'text',
  month: 'text',
  integer: 'integer',
  year: 'integer',
  decimal: 'decimal',
  percent: 'decimal',
  yesno: 'boolean',
  date: 'date',
  time: 'date_time',
  option: 'choice',
  set: 'choices',
  user: 'reference',
  hasone: 'reference',
  belongsto: 'reference',
};

const Option = z.object({ id: z.number(), key: z.string().nullish(), text: z.string().nullish() });
const Property = z.object({
  name: z.string().min(1),
  type: z.string(),
  localname: z.union([z.string(), z.looseObject({ singular: z.string() })]).nullish(),
  required: z.boolean().nullish(),
  length: z.number().nullish(),
  options: z.array(Option).nullish(),
});
const LimeType = z.object({ _embedded: z.object({ properties: z.array(Property) }) });

/** The properties of a type that the API user may read. */
export async function readFields(client: Client, type: string): Promise<CrmField[]> {
  const answer = await client.send({ method: 'GET', path: `/api/v1/limetype/${type}/?_embed=properties` });
  const { properties } = readJson(answer, LimeType)._embedded;
  return properties.flatMap(({ name, type: limeType, localname, required, length, options }) => {
    const fieldType = TYPES[limeType];
    if (!fieldType) return [];
    const label = typeof localname === 'string' ? localname : localname?.singular;
    return [
      {
        name,
        label: label || name,
        type: fieldType,
        required: required ?? false,
        ...(length ? { maxLength: length } : {}),
        ...(options
          ? { options: options.map((option) => ({ value: storedOf(option), label: option.text || storedOf(option) })) }
          : {}),
      },
    ];
  });
}

/** A value as the query API gives it. */
export function valueOf(value: unknown, type: FieldType): FieldValue {
  if (value === null || value === undefined || value === '') return null;
  if (type === 'choices') return Array.isArray(value) ? value.map((item) => textOf(item)) : [textOf(value)];
  // Local midnight with an offset: the day is the one that is written, whatever the offset (§2.4 [C]).
  if (type === 'date' && typeof value === 'string') return value.slice(0, 10);
  if (type === 'date_time' && typeof value === 'string') return utc(value);
  if (type === 'choice' || type === 'reference') return textOf(value) || null;
  return typeof value === 'boolean' || typeof value === 'number' ? value : textOf(value);
}

/** Options are stored by key; sites can leave keys empty. */
const storedOf = ({ id, key }: { id: number; key?: string | null }) => key || String(id);

function textOf(value: unknown): string {
  const option = Option.safeParse(value);
  if (option.success) return storedOf(option.data);
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && '_id' in value) return String(value._id);
  return JSON.stringify(value);
}

function utc(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
