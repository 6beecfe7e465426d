import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv';

describe('csvLine', () => {
  it.each(['=1+1', '+SUM(A1)', '-cmd', '@x', '\tx', '\rx'])('takes the formula out of %j', (text) => {
    const [[cell]] = parse(csvLine([text])) as [[string]];
    expect(cell).toBe(`'${text}`);
  });

  it('leaves numbers alone', () => {
    expect(csvLine([-5, '+46701234567', '-1,5'])).toBe('-5,+46701234567,"-1,5"\r\n');
  });

  it('can be read back, and no cell begins like a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (cells) => {
        const [read] = parse(csvLine(cells), { relax_column_count: true, skip_empty_lines: false }) as [string[]];
        expect(read.map((cell, index) => (cell === cells[index] ? cell : cell.slice(1)))).toEqual(cells);
        for (const cell of read) expect(/^[=@\t\r]/.test(cell)).toBe(false);
      }),
    );
  });
});
