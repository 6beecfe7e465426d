// Files as people have them, valid and invalid.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from '@/lib/export/csv';
import { notesOn, storedFormat, type FileFormat } from './format';
import { readRows, rowsOf, type FileRow } from './parse';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(content: string | Uint8Array, size = 65_536): Promise<{ format: FileFormat; rows: FileRow[] }> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const { format, rows } = await readRows(pieces(bytes, size));
  const all: FileRow[] = [];
  for await (const row of rows) all.push(row);
  return { format, rows: all };
}

const cells = async (content: string | Uint8Array) => (await read(content)).rows.map((row) => row.cells);

describe('reading a file', () => {
  it('reports that the names may be on the line below, and then does not reject the cells', async () => {
    const { format } = await read(
      'ID,Email Address,Which do you use?,,Contact,,\n,,Alpha,Beta,Name,Email,Phone\n1,,Alpha,,Stina,s@x.se,0701231234\n2,,,Beta,Per,p@x.se,\n',
    );
    expect(format).toMatchObject({ startLine: 1, namesBelow: 2 });
    expect(notesOn(format)).toEqual([expect.stringContaining('may be on line 2')]);
    expect((await read('Email,Note,,\na@x.se,x,y,z\nb@x.se,x,y,z\n')).format.namesBelow).toBeUndefined();
  });

  it.each([
    ['commas', 'Name,Email\nAnna,a@x.se\n', ','],
    ['semicolons', 'Name;Email\nBerg, Anna;a@x.se\n', ';'],
    ['tabs', 'Name\tEmail\nAnna\ta@x.se\n', '\t'],
    ['bars', 'Name|Email\nAnna|a@x.se\n', '|'],
  ])('finds %s', async (_name, content, delimiter) => {
    expect((await read(content)).format).toMatchObject({ delimiter, header: true, columns: ['Name', 'Email'] });
  });

  it('detects encodings: UTF-8 with and without BOM, UTF-16, Windows-1252', async () => {
    const text = 'Namn,Stad\nÅsa “Östen” €,Malmö\n';
    const expected = [['Åsa “Östen” €', 'Malmö']];
    expect(await cells(text)).toEqual(expected);
    expect(await cells(`\uFEFF${text}`)).toEqual(expected);
    expect(await cells(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]))).toEqual(expected);
    const windows = Buffer.from('Namn,Stad\n\xC5sa \x93\xD6sten\x94 \x80,Malm\xF6\n', 'latin1');
    expect(await cells(windows)).toEqual(expected);
  });

  it('removes two byte order marks', async () => {
    const { format } = await read(Buffer.from('\uFEFF\uFEFF"Email\u00A0","Name "\na@x.se,Ann\n'));
    expect(format.columns).toEqual(['Email', 'Name']);
  });

  it('accepts quotes, line breaks in quotes, LF, CRLF and CR', async () => {
    expect(await cells('a,b\n"x, ""y""","two\nlines"\n')).toEqual([['x, "y"', 'two\nlines']]);
    expect(await cells('a,b\r\n1,2\r\n')).toEqual([['1', '2']]);
    expect(await cells('a,b\r1,2\r3,4')).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('reports the line on which a row starts', async () => {
    const { rows } = await read('a,b\n1,"x\ny"\n\n2,z\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });

  it('accepts ragged rows, and names empty and repeated headers', async () => {
    const { format, rows } = await read('Phone,,Phone\n1,2\n1,2,3,\n1,2,3,4\n');
    expect(format.columns).toEqual(['Phone', 'Column 2', 'Phone (2)']);
    expect(rows).toEqual([
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['1', '2', '3', ''] },
      // The fourth cell has no column: it is not left out silently.
      { line: 4, cells: ['1', '2', '3', '4'], problem: expect.stringContaining('4 cells') as string },
    ]);
  });

  it('detects a missing header', async () => {
    const { format, rows } = await read('Anna,anna@example.com\nPer,per@example.com\n');
    expect(format).toMatchObject({ header: false, columns: ['Column 1', 'Column 2'] });
    expect(rows).toHaveLength(2);
  });

  it.each([
    ['UTF-16 LE', Buffer.from('Namn;Ort\nÅsa;Växjö\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 BE', Buffer.from('Namn;Ort\nÅsa;Växjö\n', 'utf16le').swap16(), 'utf-16be'],
  ])('finds %s without a mark', async (_name, bytes, encoding) => {
    const { format, rows } = await read(bytes);
    expect(format).toMatchObject({ encoding, delimiter: ';' });
    expect(rows[0]?.cells).toEqual(['Åsa', 'Växjö']);
  });

  it('reads in the chosen format', async () => {
    const pieces = async function* () {
      yield Buffer.from('a;b,c\n1;2,3\n', 'latin1');
    };
    const { format, rows } = await readRows(pieces(), { delimiter: ',', header: false, encoding: 'windows-1252' });
    expect(format).toEqual({
      delimiter: ',',
      header: false,
      encoding: 'windows-1252',
      quotes: 'doubled',
      startLine: 1,
      columns: ['Column 1', 'Column 2'],
    });
    expect((await rows.next()).value).toEqual({ line: 1, cells: ['a;b', 'c'] });
    await rows.return(undefined);
  });

  it('reads files with a stored format from before it had a start line', async () => {
    const kept = { delimiter: ';', encoding: 'utf-8', header: true, columns: ['Email', 'Name'] } as const;
    const file = async function* () {
      yield Buffer.from('\nEmail;Name\na@x.se;Ann\n');
    };
    const rows: FileRow[] = [];
    for await (const row of rowsOf(file(), storedFormat({ ...kept, columns: [...kept.columns] }))) rows.push(row);
    expect(rows).toEqual([{ line: 3, cells: ['a@x.se', 'Ann'] }]);
  });

  it('accepts a single column', async () => {
    expect(await cells('Email\na@x.se\nb@x.se\n')).toEqual([['a@x.se'], ['b@x.se']]);
  });

  it('reads back what was written, however it is split into pieces', async () => {
    const cell = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => text.replace(/[\p{Cc}\p{Cs}\uFEFF]/gu, '').trim());
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async (rows, size) => {
        const header = rows[0]!.map((_cell, index) => `Head ${index}`);
        const lines = [header, ...rows].map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        // Rows without any text are skipped.
        const kept = rows.filter((row) => row.some((text) => text !== ''));
        fc.pre(kept.length > 0);
        const { rows: found } = await read(`${lines.join('\r\n')}\r\n`, size);
        expect(found.map((row) => row.cells)).toEqual(kept);
      }),
    );
  });

  it('reads its own files of rejected rows', async () => {
    const file = `\uFEFF${csvLine(['Name', 'Email', 'Error'])}${csvLine(['Anna', 'a@x', 'not an email'])}`;
    expect(await cells(file)).toEqual([['Anna', 'a@x', 'not an email']]);
  });
});

describe('a file that cannot be read is refused with the reason and what to do', () => {
  it.each([
    ['empty', '', /empty/],
    ['only line breaks', '\n\n\n', /no rows/],
    ['a header alone', 'Name,Email\n', /header but no rows/],
    ['a cut-off quote', 'a,b\n1,2\n3,"open\nand on', /ends on line 4 inside a quote that is never closed/],
    ['a cell of 10 MB', `a,b\n1,2\n3,"${'x'.repeat(10_000_000)}"\n`, /Line 3.*more than 100,000 characters/],
    [
      '2,000 columns',
      `${Array.from({ length: 2_000 }, (_, index) => `c${index}`).join(',')}\n1\n`,
      /2000 columns; at most 500/,
    ],
    ['600 columns', `${Array.from({ length: 600 }, (_, index) => `c${index}`).join(',')}\n1\n`, /600 columns/],
  ])('%s', async (_name, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it.each([
    ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0, 0, 0], /old Excel workbook/],
    ['a PDF', [...Buffer.from('%PDF-1.7')], /PDF/],
    ['an image', [0x89, 0x50, 0x4e, 0x47, 0x0d], /an image/],
    ['other binary data', [1, 2, 0, 4], /binary data/],
  ])('%s named .csv', async (_name, bytes, message) => {
    await expect(read(Uint8Array.from(bytes))).rejects.toThrow(message);
  });

  it('with a NUL byte, even if short, has only that row rejected', async () => {
    const { rows } = await read('Email,Name\na@x.se,A\0nn\nb@x.se,Bo\n\0');
    expect(rows.map(({ line, problem }) => [line, problem?.slice(0, 32)])).toEqual([
      [2, 'There is binary data (a NUL byte'],
      [3, undefined],
      [4, 'There is binary data (a NUL byte'],
    ]);
  });

  it('with a NUL byte far down has only that row rejected', async () => {
    const { rows } = await read(`a,b\n${'1,2\n'.repeat(40_000)}3,x\u0000\n4,5\n`);
    expect(rows.filter(({ problem }) => problem !== undefined)).toEqual([
      { line: 40_002, cells: ['3', 'x\uFFFD'], problem: expect.stringContaining('a NUL byte') as string },
    ]);
    expect(rows).toHaveLength(40_002);
  });
});
