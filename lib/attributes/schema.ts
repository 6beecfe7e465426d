// Attributes: typed fields with a value.
import { z } from 'zod';
import type { AttributeId } from '@/lib/db/ids';

export const ATTRIBUTE_TYPES = ['text', 'number', 'date', 'boolean', 'choice'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];
export const AttributeTypeSchema = z.enum(ATTRIBUTE_TYPES);

export const TYPE_NAMES: Record<AttributeType, string> = {
  text: 'Text',
  number: 'Number',
  date: 'Date',
  boolean: 'Yes / no',
  choice: 'Single choice',
};

/** `code`: the key of the value in a profile's attributes. */
export type Attribute = {
  id: AttributeId;
  code: string;
  discriminator: string;
  name: string;
  type: AttributeType;
  choices: string[];
  description: string;
  system: boolean;
  hiddenAt: Date | null;
};

/** A stored value: text, choice and date ('YYYY-MM-DD') as string, number as number, boolean as boolean. */
export type AttributeValue = string | number | boolean;
export type AttributeValues = Record<string, AttributeValue>;
