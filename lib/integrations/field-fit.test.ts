// What a form says about a field and an attribute is what a sync does with the values.
import { describe, expect, it } from 'vitest';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { ATTRIBUTE_TYPES } from '@/lib/attributes/schema';
import { FIELD_TYPES, type FieldType, type FieldValue } from './connector';
import { lossOf } from './field-fit';
import { memberOf } from './stage';

const SAMPLES: Record<FieldType, FieldValue> = {
  text: 'Ada',
  integer: 12,
  decimal: 12.5,
  boolean: true,
  date: '2026-11-25',
  date_time: '2026-11-25T23:30:00Z',
  choice: 'cfo',
  choices: ['cfo', 'ceo'],
  reference: '1001',
};

/** What a sync would store; undefined if nothing. */
function stored(field: FieldType, type: AttributeType): unknown {
  const attribute = { code: 'a', name: 'A', type, choices: ['ceo', 'cfo'] } as unknown as Attribute;
  const contact = { entity: 'person', id: '1', emails: [], phones: [], fields: { f: SAMPLES[field] }, active: true };
  const fields = [{ field: 'f', code: 'a', existing: 'overwrite' as const }];
  const options = { country: null, fields, match: ['email' as const], custom: null };
  return memberOf(contact, options, new Map([['a', attribute]])).attributes.a;
}

describe('a field that sets an attribute', () => {
  const pairs = FIELD_TYPES.flatMap((field) => ATTRIBUTE_TYPES.map((type) => [field, type] as const));

  it.each(pairs.filter(([field, type]) => lossOf(field, type) === ''))('%s to %s keeps the value', (field, type) => {
    expect(String(stored(field, type))).toBe(String(SAMPLES[field]));
  });

  it('is offered only where some values can be kept', () => {
    const offered = pairs.filter(([field, type]) => lossOf(field, type) !== null);
    expect(offered).toContainEqual(['date_time', 'date']);
    expect(stored('date_time', 'date')).toBe('2026-11-25');
    expect(offered).not.toContainEqual(['choices', 'number']);
    expect(stored('choices', 'number')).toBeUndefined();
    expect(offered).not.toContainEqual(['boolean', 'date']);
  });
});
