// Fields of webCRM's contacts, and their values (crm-apis §3.3, §7). The meanings of display types are [I].
import { z } from 'zod';
import type { CrmField, FieldType, FieldValue } from '../connector';
import { readJson } from '../json';
import { utcOf } from '../zoned-time';
import type { Client } from './client';
import type { Settings } from './settings';

const TYPES: Record<string, FieldType> = {
  C: 'boolean',
  D: 'choice',
  DI: 'choice',
  SD: 'choice',
  SDI: 'choice',
  ML: 'choices',
  DA: 'date',
  DAT: 'date_time',
  DT: 'date_time',
  DTGMT: 'date_time',
  I: 'integer',
};

const Metadata = z.array(
  z.object({
    FieldMetadataFriendlyFieldName: z.string().min(1),
    FieldMetadataLabel: z.string().nullish(),
    FieldMetadataDisplayType: z.string().nullish(),
    FieldMetadataTextFieldMaxLength: z.number().nullish(),
    FieldMetadataDropdownListData: z
      .array(z.object({ Text: z.string().nullish(), Value: z.string().nullish() }))
      .nullish(),
  }),
);

export async function readFields(client: Client, { entity }: Settings): Promise<CrmField[]> {
  const answer = await client.send({ method: 'GET', path: `/FieldsMetadata/${entity}` });
  return readJson(answer, Metadata).map((field) => {
    const type = TYPES[field.FieldMetadataDisplayType ?? ''] ?? 'text';
    const options = field.FieldMetadataDropdownListData?.flatMap(({ Text, Value }) =>
      Value ? [{ value: Value, label: Text || Value }] : [],
    );
    return {
      name: field.FieldMetadataFriendlyFieldName,
      label: field.FieldMetadataLabel || field.FieldMetadataFriendlyFieldName,
      type,
      // The only one that must be filled in (§3.3 [C]).
      required: field.FieldMetadataFriendlyFieldName === `${entity}LastName`,
      ...(field.FieldMetadataTextFieldMaxLength ? { maxLength: field.FieldMetadataTextFieldMaxLength } : {}),
      ...((type === 'choice' || type === 'choices') && options?.length ? { options } : {}),
    };
  });
}

export function valueOf(value: unknown, type: FieldType, zone: string): FieldValue {
  if (typeof value === 'number') return value;
  // A box that is not ticked holds nothing, where it is a custom field; 'Yes' where it is (§3.3 [C]).
  if (type === 'boolean') return value === true || value === 'Yes' || value === 'true';
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  switch (type) {
    case 'choices':
      // The separator is not published.
      return value
        .split(/[;,]/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'date':
      return /^\d{4}-\d\d-\d\d/.test(value) ? value.slice(0, 10) : value;
    case 'date_time':
      return utcOf(value, zone) ?? value;
    case 'integer':
      return /^-?\d+$/.test(value) ? Number(value) : value;
    default:
      return value;
  }
}
