import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { csvLine } from '@/lib/export/csv';
import { unprotected } from '@/lib/export/formulas';
import { namesAsText, namesFromText } from './name-list';
import { NameSchema } from '@/lib/naming/names';

const SEPARATORS = ['|', ',', ';', ':::', '\n'] as const;

/** Writes names to a file and reads them back as an import does. */
function again(names: readonly string[], separator: string): string[] {
  const [[cell]] = parse(csvLine([namesAsText(names), 'x'])) as [[string]];
  return namesFromText(unprotected(cell.trim()), separator);
}

it('keeps names with separators, asterisks and quotation marks through export and import', () => {
  const names = ['North|South', '* Starred list', '"Quoted" name', 'Trade, Oslo', 'A ::: B', '=1+1', "'-x", '"'];
  for (const name of names) for (const separator of SEPARATORS) expect(again([name], separator)).toEqual([name]);
  for (const separator of SEPARATORS) expect(again(names, separator)).toEqual(names);
});

it('writes plain names plainly', () => {
  expect(namesAsText(['VIP', 'Newsletter 2026'])).toBe('VIP|Newsletter 2026');
});

it('keeps any names', () => {
  const parts = fc.constantFrom('|', '"', '* ', ',', ';', ':::', "'", '=', '-', 'a', ' ', 'Ö', '👩‍💻');
  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(parts).map((chosen) => chosen.join('')),
    )
    .map((text) => NameSchema.safeParse(text))
    .filter(({ success }) => success)
    .map(({ data }) => data!);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
      expect(again(names, '|')).toEqual(names);
    }),
    { numRuns: 1_000 },
  );
});

it('reads what other programs write', () => {
  expect(namesFromText('"VIP","Trade Show, Oslo"', ',')).toEqual(['VIP', 'Trade Show, Oslo']);
  expect(namesFromText('"VIP", Partner', ',')).toEqual(['VIP', 'Partner']);
  expect(namesFromText('Friends ::: * myContacts', ':::')).toEqual(['Friends', 'myContacts']);
  expect(namesFromText('"Best" customers|VIP', '|')).toEqual(['"Best" customers', 'VIP']);
  expect(namesFromText(' | VIP ||', '|')).toEqual(['VIP']);
  expect(namesFromText('vip , "Wine, red"', ',')).toEqual(['vip', 'Wine, red']);
  expect(namesFromText('vip, 5" pipe, "Wine" lovers, "a ""b"" c"', ',')).toEqual([
    'vip',
    '5" pipe',
    '"Wine" lovers',
    'a "b" c',
  ]);
  expect(namesFromText('VIP\r\n"Wine, red"\n', '\n')).toEqual(['VIP', 'Wine, red']);
  expect(namesFromText('VIP ::: "a ::: b"', ':::')).toEqual(['VIP', 'a ::: b']);
});

it('is quick with a long cell', () => {
  for (const part of ['"', ' ', '""', '" ', '",', '"a', '""a,', 'a,"']) {
    for (const start of ['"', 'a,"']) namesFromText(`${start}${part.repeat(30_000)}a"b`, ',');
  }
});
