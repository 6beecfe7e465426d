// Events: what profiles do. A definition has fields; changing them makes a new version, and older versions continue to
// work.
import { z } from 'zod';
import type { EventTypeId, EventVersionId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';

export const FIELD_TYPES = ['text', 'number', 'boolean', 'date'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** `code`: the key of the value in an event's data; never changes. */
export const FieldSchema = z.object({
  code: z
    .string()
    .trim()
    .regex(/^[a-z][a-z0-9_]{0,59}$/, 'A code starts with a letter and contains only lower-case letters, digits and _.'),
  name: NameSchema,
  type: z.enum(FIELD_TYPES),
});
export type EventField = z.output<typeof FieldSchema>;

export const FieldsSchema = z
  .array(FieldSchema)
  .max(50, 'An event has at most 50 fields.')
  .refine((fields) => new Set(fields.map(({ code }) => code)).size === fields.length, 'Two fields have the same code.');

export type EventVersion = { id: EventVersionId; fields: EventField[]; createdAt: Date; deprecatedAt: Date | null };

export type EventType = {
  id: EventTypeId;
  discriminator: string;
  name: string;
  description: string;
  createdAt: Date;
  hiddenAt: Date | null;
  /** Which of Tagwell's own events it is; null for those of clients. */
  builtIn: string | null;
  /** Newest first. */
  versions: EventVersion[];
};

export const FIELD_TYPE_NAMES: Record<FieldType, string> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes / no',
  date: 'Date',
};

/** A code made from a name: 'Order value' becomes 'order_value'. */
export function codeOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return plain.slice(0, 60) || 'field';
}
