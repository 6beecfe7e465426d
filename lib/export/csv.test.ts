import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv';
import { unprotected } from './formulas';

const PAYLOADS = [
  `=cmd|'/c calc'!A0`,
  '=1+1',
  '+SUM(A1)',
  '-2+3+cmd',
  '@SUM(1)',
  '＝1+1',
  '=HYPERLINK("http://x","y")',
  '+1;=2',
];
const SEPARATORS = [',', ';', '\t', '|', '\n', '\r\n', '"', '";', '","', '; ', ',,', ' ;\u00A0'];

const readBack = (line: string) =>
  parse(line, { relax_column_count: true, skip_empty_lines: false }) as [string[], ...string[][]];

/** The starts of cells for programs that split the line at any of these characters, regardless of quotes. */
const beginnings = (line: string) => line.split(/[,;\t|\r\n"]/).map((field) => field.trim());
const isFormula = (field: string) => /^[=+\-@＝＋－＠]/.test(field) && !/^([+-]?\d+(\.\d+)?|\+\d[\d ]*)$/.test(field);

describe('csvLine', () => {
  it.each(['=1+1', '+SUM(A1)', '-cmd', '@x', '\tx', '\rx'])('neutralises the formula in %j', (text) => {
    const [[cell]] = readBack(csvLine([text]));
    expect(cell!.startsWith("'")).toBe(true);
  });

  it('leaves numbers, phone numbers and addresses alone', () => {
    const cells = [-5, '+46701234567', '+46 70 123 45 67', '-1,5', 'anna@example.com', '2026-11-25', 'a;-5;b'];
    expect(csvLine(cells)).toBe('-5,+46701234567,+46 70 123 45 67,"-1,5",anna@example.com,2026-11-25,a;-5;b\r\n');
  });

  it('neutralises every formula behind every separator', () => {
    for (const payload of PAYLOADS) {
      for (const separator of SEPARATORS) {
        for (const text of [
          `x${separator}${payload}`,
          `${separator}${payload}`,
          `x${separator}-5${separator}${payload}`,
        ]) {
          const line = csvLine(['a', text, 'b']);
          expect({ text, formulas: beginnings(line).filter(isFormula) }).toEqual({ text, formulas: [] });
          expect(readBack(line)[0].map(unprotected)).toEqual(['a', text, 'b']);
        }
      }
    }
  });

  const dangerous = fc.constantFrom(...PAYLOADS, ...SEPARATORS, "'", "''", '=', '-', '+', '@', '-5', ' ', 'x');
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(dangerous, { maxLength: 8 }).map((parts) => parts.join('')),
  );

  it('can be read back as it was, and no cell begins like a formula', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1 }), (cells) => {
        const line = csvLine(cells);
        const [read] = readBack(line);
        expect(read.map(unprotected)).toEqual(cells);
        for (const cell of read) expect(/^[=@\t\r]/.test(cell)).toBe(false);
        expect(beginnings(line).filter(isFormula)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('unprotected', () => {
  it('removes the protecting apostrophe of other programs, and no other', () => {
    const cells = ["'+46701234567", "'=1", "'01234", "'6500000000001", "'90s", "'tis", "rock 'n' roll, '@home"];
    expect(cells.map(unprotected)).toEqual([
      '+46701234567',
      '=1',
      '01234',
      '6500000000001',
      "'90s",
      "'tis",
      "rock 'n' roll, '@home",
    ]);
  });

  it('extracts the text of a formula that contains nothing else', () => {
    const cells = ['="00124"', '="say ""hi"""', '=""', '="a"&"b"', '=00124', '="="'];
    expect(cells.map(unprotected)).toEqual(['00124', 'say "hi"', '', '="a"&"b"', '=00124', '=']);
    expect(csvLine([unprotected('="=1+1"')])).toBe("'=1+1\r\n");
  });
});
