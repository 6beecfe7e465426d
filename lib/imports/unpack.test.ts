// What people upload that is not plain text: archives and workbooks, and those that were made to do harm.
import { gzipSync } from 'node:zlib';
import * as XLSX from '@e965/xlsx';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { unpack } from './unpack';
import { readWorkbook } from './workbook';

const MAX = 5_000_000;
const CSV = 'Email,Name\na@x.se,Åsa\n';

async function* inPieces(bytes: Uint8Array, size = 1_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(bytes: Uint8Array, size?: number): Promise<string> {
  const unpacked = await unpack(inPieces(bytes, size), MAX);
  const parts: Uint8Array[] = [];
  for await (const piece of unpacked.bytes) parts.push(piece);
  return Buffer.concat(parts).toString('utf8');
}

const zipOf = (files: Zippable) => zipSync(files);

/** A workbook of one sheet, cells as SheetJS has them. */
function workbookOf(sheets: Record<string, XLSX.WorkSheet>, properties?: XLSX.WorkbookProperties): Uint8Array {
  const book = XLSX.utils.book_new();
  for (const [name, sheet] of Object.entries(sheets)) XLSX.utils.book_append_sheet(book, sheet, name);
  if (properties) book.Workbook = { WBProps: properties };
  return new Uint8Array(XLSX.write(book, { type: 'array', bookType: 'xlsx' }) as ArrayBuffer);
}

const sheetOf = (cells: Record<string, XLSX.CellObject>, ref: string): XLSX.WorkSheet => ({ ...cells, '!ref': ref });

describe('an archive', () => {
  it.each([
    ['.gz', gzipSync(CSV)],
    ['.zip', zipOf({ 'people.csv': strToU8(CSV) })],
    [
      '.zip in a folder, beside what a Mac adds',
      zipOf({ 'x/a.csv': strToU8(CSV), '__MACOSX/x/._a.csv': strToU8('x') }),
    ],
    ['.gz in a .zip', zipOf({ 'people.csv.gz': gzipSync(CSV) })],
    ['.zip that is not compressed', zipOf({ 'people.csv': [strToU8(CSV), { level: 0 }] })],
  ])('is unpacked: %s', async (_what, bytes) => {
    expect(await textOf(bytes)).toBe(CSV);
    expect(await textOf(bytes, 7)).toBe(CSV);
  });

  it('of a large file is unpacked whole', async () => {
    const large = `Email\n${Array.from({ length: 50_000 }, (_, index) => `u${index * 7919}@x.se`).join('\n')}`;
    expect(await textOf(zipOf({ 'a.csv': strToU8(large) }))).toBe(large);
  });

  it.each([
    ['more than one file', zipOf({ 'a.csv': strToU8(CSV), 'b.csv': strToU8(CSV) }), '“a.csv”, “b.csv”'],
    ['nothing in it', zipOf({}), 'The archive is empty'],
    ['a cut-off .gz', gzipSync(CSV.repeat(100)).subarray(0, 40), 'cannot be unpacked'],
    ['a bomb in a .gz', gzipSync(Buffer.alloc(60_000_000)), 'larger than 5 MB once it is unpacked'],
    ['a bomb in a .zip', zipOf({ 'a.csv': Buffer.alloc(60_000_000) }), 'larger than 5 MB once it is unpacked'],
    [
      'an archive in an archive in an archive',
      gzipSync(gzipSync(gzipSync(CSV))),
      'holds an archive that holds an archive',
    ],
  ])('is refused: %s', async (_what, bytes, message) => {
    await expect(textOf(bytes)).rejects.toThrow(message);
  });

  it('that is cut off is refused', async () => {
    const zip = zipOf({ 'a.csv': strToU8(Array.from({ length: 5_000 }, (_, index) => `u${index}@x.se`).join('\n')) });
    await expect(textOf(zip.subarray(0, zip.length / 2))).rejects.toThrow('cannot be unpacked');
  });
});

describe('a workbook', () => {
  it('is read as the person sees it', async () => {
    const sheet = sheetOf(
      {
        A1: { t: 's', v: 'Email' },
        B1: { t: 's', v: 'Id' },
        C1: { t: 's', v: 'Since' },
        D1: { t: 's', v: 'Postcode' },
        E1: { t: 's', v: 'Sum' },
        F1: { t: 's', v: 'Note' },
        A2: { t: 's', v: 'a@x.se' },
        B2: { t: 'n', v: 46701234567 },
        C2: { t: 'n', v: 45992, z: 'yyyy-mm-dd' },
        D2: { t: 'n', v: 1234, z: '00000' },
        E2: { t: 'n', v: 0.1 + 0.2, f: '0.1+0.2' },
        F2: { t: 's', v: 'Two\nlines, "quoted"' },
        A3: { t: 's', v: 'b@x.se' },
        B3: { t: 's', v: '007' },
        C3: { t: 'n', v: 45992.75, z: 'd/m/yy h:mm' },
        D3: { t: 's', v: '01234' },
        E3: { t: 'b', v: true },
        F3: { t: 'e', v: 0x2a },
      },
      'A1:F3',
    );
    expect(await textOf(workbookOf({ People: sheet }))).toBe(
      [
        'Email,Id,Since,Postcode,Sum,Note',
        'a@x.se,46701234567,2025-12-01,01234,0.3,"Two\nlines, ""quoted"""',
        'b@x.se,007,2025-12-01 18:00:00,01234,TRUE,',
      ].join('\n'),
    );
  });

  it('has its first sheet with rows read, or the chosen one', async () => {
    const people = XLSX.utils.aoa_to_sheet([['Email'], ['a@x.se']]);
    const others = XLSX.utils.aoa_to_sheet([['Email'], ['b@x.se']]);
    const book = workbookOf({ Cover: XLSX.utils.aoa_to_sheet([[]]), People: people, Others: others });
    expect(await unpack(inPieces(book), MAX)).toMatchObject({
      workbook: { sheets: ['People', 'Others'], sheet: 'People' },
    });
    const chosen = await readWorkbook(book, 'Others');
    expect(Buffer.from(chosen.csv).toString()).toBe('Email\nb@x.se');
  });

  it('with merged cells, empty rows and columns, and cells that are only formatted keeps its lines', async () => {
    const sheet = sheetOf(
      {
        C3: { t: 's', v: 'Email' },
        D3: { t: 's', v: 'Company' },
        C4: { t: 's', v: 'a@x.se' },
        D4: { t: 's', v: 'Acme' },
        C5: { t: 's', v: 'b@x.se' },
        ZZ900: { t: 's', v: '' },
      },
      'A1:ZZ900',
    );
    sheet['!merges'] = [XLSX.utils.decode_range('D4:D5')];
    const lines = (await textOf(workbookOf({ People: sheet }))).trimEnd().split('\n');
    expect(lines.slice(0, 5)).toEqual([',', ',', 'Email,Company', 'a@x.se,Acme', 'b@x.se,']);
  });

  it('of a Mac counts its days from 1904', async () => {
    const sheet = sheetOf({ A1: { t: 's', v: 'Since' }, A2: { t: 'n', v: 44530, z: 'yyyy-mm-dd' } }, 'A1:A2');
    expect(await textOf(workbookOf({ People: sheet }, { date1904: true }))).toBe('Since\n2025-12-01');
  });

  it.each([
    ['no rows', workbookOf({ Empty: XLSX.utils.aoa_to_sheet([[]]) }), 'The workbook has no rows'],
    [
      'damage',
      zipOf({ '[Content_Types].xml': strToU8('<x/>'), 'xl/workbook.xml': strToU8('<workbook') }),
      'cannot be read',
    ],
  ])('is refused: %s', async (_what, bytes, message) => {
    await expect(textOf(bytes)).rejects.toThrow(message);
  });

  it('that is a bomb ends its thread, not the process', async () => {
    const row = '<row><c t="inlineStr"><is><t>x</t></is></c></row>';
    const base = workbookOf({ People: XLSX.utils.aoa_to_sheet([['Email'], ['a@x.se']]) });
    const { unzipSync } = await import('fflate');
    const parts = unzipSync(base);
    const body = row.repeat(1_000_000);
    const bomb = zipSync({
      ...parts,
      'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData>${body}</sheetData></worksheet>`),
    });
    expect(bomb.length).toBeLessThan(500_000);
    await expect(readWorkbook(bomb, undefined, 128)).rejects.toThrow('too large to be read as it is');
  });
});
