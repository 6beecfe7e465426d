// Values as several CRMs write them.
import type { FieldValue } from './connector';

/**
 * The fields of a contact, by name. What the CRM's answer leaves out is unknown, not empty: it is left out here too, so that profiles keep
 * their values.
 */
export const valuesIn = <Field extends { name: string }>(
  row: Record<string, unknown>,
  fields: readonly Field[],
  wireNameOf: (field: Field) => string,
  valueOf: (value: unknown, field: Field) => FieldValue,
): Record<string, FieldValue> =>
  Object.fromEntries(
    fields
      .filter((field) => row[wireNameOf(field)] !== undefined)
      .map((field) => [field.name, valueOf(row[wireNameOf(field)], field)]),
  );

/** A time in UTC. Without a zone it is taken as UTC. What is no time stays as it came. */
export function utcTime(text: string): string {
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

/** The day as it is written, whatever zone follows. What is no day stays as it came. */
export const writtenDay = (text: string): string => /^\d{4}-\d\d-\d\d(?=$|T)/.exec(text)?.[0] ?? text;
