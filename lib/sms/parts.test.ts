// How many parts a text takes.
import fc from 'fast-check';
import { expect, it, describe } from 'vitest';
import { SegmentedMessage } from 'sms-segments-calculator';
import { smsParts, withoutTypography } from './parts';

describe('a text of the GSM alphabet', () => {
  it.each([
    ['', 1],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    [`${'a'.repeat(152)}€${'a'.repeat(151)}`, 2],
    [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
  ])('case %#: takes %i parts', (text, parts) => {
    expect(smsParts(text)).toMatchObject({ encoding: 'gsm7', parts, unicode: [] });
  });
  it('has the Nordic letters', () => expect(smsParts('åäöÅÄÖæøÆØé').encoding).toBe('gsm7'));
  it('counts a line break once', () => expect(smsParts('a\r\nb').units).toBe(3));
});

describe('a text with other characters', () => {
  it('is Unicode, and says which of them made it so', () => {
    expect(smsParts('It’s “on”')).toMatchObject({ encoding: 'ucs2', parts: 1, unicode: ['’', '“', '”'] });
    expect(smsParts('á'.repeat(71))).toMatchObject({ parts: 2 });
  });
  it('does not split a pair', () => {
    expect(smsParts(`${'x'.repeat(66)}😀${'x'.repeat(10)}`).parts).toBe(2);
    expect(smsParts(`${'x'.repeat(66)}😀${'x'.repeat(65)}`)).toMatchObject({ parts: 2, left: 0 });
    expect(smsParts(`${'x'.repeat(66)}😀${'x'.repeat(66)}`)).toMatchObject({ parts: 3 });
  });
  it('composes letters first', () => expect(smsParts('e\u0301')).toMatchObject({ encoding: 'gsm7', units: 1 }));
  it('is without typography what it was, or shorter in parts', () => {
    expect(withoutTypography('It’s “on” – now…')).toBe('It\'s "on" - now...');
  });
});

it('takes as many parts as another implementation says', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aåé€[]^ \n"', '😀', 'ж', '’'), maxLength: 400 });
  const plain = fc.string({ unit: fc.constantFrom(...'aåé€[]^ \n"'), maxLength: 700 });
  fc.assert(
    fc.property(fc.oneof(text, plain), (value) => {
      expect(smsParts(value).parts).toBe(Math.max(1, new SegmentedMessage(value).segmentsCount));
    }),
    { numRuns: 300 },
  );
});
