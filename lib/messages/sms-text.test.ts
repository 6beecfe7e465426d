// The text of an SMS: written with names, kept by id, filled for a person, and counted.
import { describe, expect, it } from 'vitest';
import type { AttributeId } from '@/lib/db/ids';
import { smsParts, withoutTypography } from '@/lib/sms/parts';
import { attributesOfSms, partsOfSms, readSms, smsFor, unknownNames, writtenSms } from './sms-text';

const FIRST = 4 as AttributeId;
const CITY = 9 as AttributeId;
const ATTRIBUTES = [
  { id: FIRST, name: 'First name' },
  { id: CITY, name: 'City' },
];

describe('a text', () => {
  it('is kept by id: after a rename it is shown with the new name, and means the same', () => {
    const text = readSms('Hej {first NAME|du}!\n{City} {dig} {{x', ATTRIBUTES);
    expect(text).toEqual([
      { type: 'text', text: 'Hej ' },
      { type: 'variable', attributeId: FIRST, fallback: 'du' },
      { type: 'text', text: '!\n' },
      { type: 'variable', attributeId: CITY, fallback: '' },
      { type: 'text', text: ' {dig} {{x' },
    ]);
    expect(writtenSms(text, [{ id: FIRST, name: 'Förnamn' }])).toBe('Hej {Förnamn|du}!\n{#9} {dig} {{x');
    expect(readSms(writtenSms(text, ATTRIBUTES), ATTRIBUTES)).toEqual(text);
    expect(readSms('{#9}', [])).toEqual([{ type: 'variable', attributeId: CITY, fallback: '' }]);
    expect([unknownNames(text), attributesOfSms(text)]).toEqual([['{dig}'], [FIRST, CITY]]);
  });

  it('is filled for a person: values are never read as names', () => {
    const text = readSms('{First name|du}, {City}.', ATTRIBUTES);
    expect(smsFor(text, new Map([[FIRST, '{City}']]), '')).toBe('{City}, .');
    expect(smsFor(text, new Map([[FIRST, ' ']]), '')).toBe('du, .');
  });

  it('[167] is counted as typed: a curly quote makes three parts of one, and can be replaced', () => {
    const text = `${'x'.repeat(159)}’`;
    expect(smsParts(text)).toMatchObject({ parts: 3, encoding: 'ucs2', unicode: ['’'] });
    expect(smsParts(withoutTypography(text))).toMatchObject({ parts: 1, encoding: 'gsm7', left: 0 });
  });

  it('[168] is counted by its alphabet, with values as people have them, about', () => {
    expect(partsOfSms(readSms(`{First name|${'y'.repeat(100)}}${'x'.repeat(61)}`, ATTRIBUTES), 60)).toMatchObject({
      parts: 2,
    });
    expect(partsOfSms(readSms('{City}', ATTRIBUTES), 60)).toMatchObject({ parts: 1, units: 8 });
    expect(smsParts('^{}[]~|€\\')).toMatchObject({ units: 18, encoding: 'gsm7' });
  });
});
