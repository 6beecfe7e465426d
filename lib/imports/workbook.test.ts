// Workbooks as CSV: the cells as a person sees them, in every package format; and malicious workbooks.
import * as XLSX from '@e965/xlsx';
import { describe, expect, it } from 'vitest';
import { packageOf, partsOf, sheetOf, textCell, workbookOf, type Sheets } from '@/testing/workbooks';
import { isRoundedNumber } from '@/lib/text/rounded-number';
import { unpack } from './unpack';
import { readWorkbook } from './workbook';

const MAX = 100_000_000;

async function* inPieces(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(piece);
  return Buffer.concat(parts).toString('utf8');
}

const csvOf = async (bytes: Uint8Array | string) => read((await unpack(inPieces(Buffer.from(bytes)), MAX)).bytes);
const linesOf = async (bytes: Uint8Array | string) => (await csvOf(bytes)).split('\n');
const rowsOf = (...rows: string[][]) => XLSX.utils.aoa_to_sheet(rows);
const people = rowsOf(['Email', 'Name'], ['a@x.se', 'Åsa']);
const PEOPLE = ['Email,Name', 'a@x.se,Åsa'];

describe('cells as a person sees them', () => {
  /** A sheet with one number of each format, below each other. */
  async function shown(cells: [format: string, value: number][], date1904 = false): Promise<string[]> {
    const sheet = sheetOf({ A1: { t: 's', v: 'Head' } }, `A1:A${cells.length + 1}`);
    for (const [index, [z, v]] of cells.entries()) sheet[`A${index + 2}`] = { t: 'n', v, z };
    return (await linesOf(workbookOf({ People: sheet }, { date1904 }))).slice(1);
  }

  it('durations, times and dates', async () => {
    expect(
      await shown([
        ['[h]:mm', 1.25],
        ['[hh]:mm:ss', 1.25],
        ['[mm]:ss', 0.0625],
        ['h:mm', 0.25],
        ['h:mm:ss AM/PM', 0.75],
        ['d/m/yy', 45992.75],
        ['d/m/yy h:mm', 45992.75],
        ['mmm yy', 45992],
        ['[$-F800]dddd, mmmm dd, yyyy', 45992],
        ['yyyy"年"m"月"d"日"', 45992],
        ['m/d/yy', 59],
      ]),
    ).toEqual([
      '30:00',
      '30:00:00',
      '90:00',
      '06:00',
      '18:00:00',
      '2025-12-01',
      '2025-12-01 18:00:00',
      '2025-12-01',
      '2025-12-01',
      '2025-12-01',
      '1900-02-28',
    ]);
  });

  it('invalid dates', async () => {
    expect(
      await shown([
        ['d/m/yy', 0],
        ['yyyy-mm-dd', 0.5],
        ['d/m/yy h:mm', 0],
        ['h:mm', 0],
      ]),
    ).toEqual(['1900-01-00', '1900-01-00', '1900-01-00', '00:00']);
  });

  it('days of a Mac, from 1904', async () => {
    expect(await shown([['yyyy-mm-dd', 44530]], true)).toEqual(['2025-12-01']);
  });

  it('text and zeros of a format belong to the number; groups, decimals and currencies do not', async () => {
    expect(
      await shown([
        ['"+46 "0', 701234501],
        ['"ID-"0', 7],
        ['00000', 1234],
        ['000-000', 12345],
        ['000\\ 00', 12345],
        ['#,##0.00', 1234567.5],
        ['#,##0.00\\ "kr"', 1234.5],
        ['[$€-407] #,##0.00', 1234.5],
        ['_-* #,##0_-', 1234],
        ['#,##0" pcs"', 1234],
        ['0%', 0.25],
        ['0.0%', 0.125],
        ['0.00E+00', 12345],
        ['General', 0.1 + 0.2],
        ['General', 0.0000001],
        ['General', 46701234567],
      ]),
    ).toEqual([
      '+46 701234501',
      'ID-7',
      '01234',
      '012-345',
      '123 45',
      '1234567.5',
      '1234.5',
      '1234.5',
      '1234',
      '1234 pcs',
      '25%',
      '12.5%',
      '12345',
      '0.3',
      '0.0000001',
      '46701234567',
    ]);
  });

  it.each([
    ['1000000000000000', '1000000000000000'],
    ['1E+15', '1000000000000000'],
    ['1E+22', '10000000000000000000000'],
    ['1234567890123450', '1234567890123450'],
    ['1.23456789012345E+15', '1234567890123450'],
    ['-9007199254740991', '-9007199254740991'],
    ['-9007199254740992', '-9.00719925474099E+15'],
    ['123456789012345', '123456789012345'],
    // Beyond the precision of a double: in a form that keys and text attributes refuse.
    ['1234567890123456789', '1.234567890123456789E+18'],
    ['9007199254740993', '9.007199254740993E+15'],
    ['1.2345678901234501E+18', '1.23456789012345E+18'],
    ['1234567890123450000', '1.23456789012345E+18'],
    ['123456789012340000', '1.23456789012340E+17'],
  ])('the long number %s is %s', async (value, text) => {
    expect(await csvOf(packageOf(partsOf(`<sheetData><row><c><v>${value}</v></c></row></sheetData>`)))).toBe(text);
    expect(isRoundedNumber(text)).toBe(text.includes('E'));
  });

  it('long numbers in old workbooks, and in formats that would pad them with zeros', async () => {
    expect(
      await shown([
        ['General', 1234567890123456800],
        ['"ID-"0', 1234567890123456800],
        ['"ID-"0', 1e15],
        // Another number may have been rounded to it.
        ['General', 2 ** 53],
      ]),
    ).toEqual(['1.23456789012346E+18', '1.23456789012346E+18', 'ID-1000000000000000', '9.00719925474099E+15']);
  });

  it('times, to the displayed second', async () => {
    expect(
      await shown([
        ['yyyy-mm-dd hh:mm', 45363.5958333],
        ['h:mm', 0.5958333],
        ['[h]:mm', 1.5958333],
        ['yyyy-mm-dd', 45363.9999999999],
      ]),
    ).toEqual(['2024-03-12 14:18:00', '14:18', '38:18', '2024-03-13']);
  });

  it('the end of a day as that day, in every kind of workbook', async () => {
    const late = 46085.99999998843;
    expect(
      await shown([
        ['yyyy-mm-dd', late],
        ['yyyy-mm-dd hh:mm', late],
        ['h:mm', late % 1],
      ]),
    ).toEqual(['2026-03-04', '2026-03-04 23:59:59', '23:59:59']);
    const iso = '2026-03-04T23:59:59.999';
    const dated = `<sheetData><row><c t="d"><v>${iso}</v></c></row></sheetData>`;
    expect(await csvOf(packageOf(partsOf(dated)))).toBe('2026-03-04 23:59:59');
    const cell = `<table:table-cell office:value-type="date" office:date-value="${iso}"><text:p>04.03.26</text:p></table:table-cell>`;
    const document = `<office:document><office:spreadsheet><table:table table:name="P"><table:table-row>${cell}</table:table-row></table:table></office:spreadsheet></office:document>`;
    expect(await csvOf(document)).toBe('2026-03-04 23:59:59');
    const xml = XLSX.write(
      { SheetNames: ['P'], Sheets: { P: sheetOf({ A1: { t: 'n', v: late, z: 'yyyy-mm-dd' } }, 'A1') } },
      { type: 'buffer', bookType: 'xlml' },
    ) as Buffer;
    expect(await csvOf(xml)).toBe('2026-03-04');
  });

  it('texts, yes and no, errors, quotes and line breaks', async () => {
    const cells = sheetOf(
      {
        A1: { t: 's', v: '007' },
        B1: { t: 'b', v: true },
        C1: { t: 'e', v: 0x2a },
        D1: { t: 's', v: 'Two\nlines, "quoted"' },
        E1: { t: 'n', v: 3, f: '1+2' },
      },
      'A1:E1',
    );
    expect(await csvOf(workbookOf({ People: cells }))).toBe('007,TRUE,#N/A,"Two\uFDD2lines, ""quoted""",3');
  });

  it('shared texts with formatted runs, without reading aids; characters that XML cannot hold', async () => {
    const shared =
      '<si><r><t>Å</t></r><r><t xml:space="preserve">sa B</t></r></si>' +
      '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t/></si><si><t>a_x0041_b &amp; c</t></si>';
    const cells = [0, 1, 2, 3].map((index) => `<c t="s"><v>${index}</v></c>`).join('');
    expect(await csvOf(packageOf(partsOf(`<sheetData><row>${cells}</row></sheetData>`, { shared })))).toBe(
      'Åsa B,東京,,aAb & c',
    );
  });

  it('merged cells: in each of their rows, but in their first column only', async () => {
    const sheet = sheetOf(
      {
        C3: { t: 's', v: 'All who came' },
        C4: { t: 's', v: 'Email' },
        D4: { t: 's', v: 'Company' },
        C5: { t: 's', v: 'a@x.se' },
        D5: { t: 's', v: 'Acme' },
        C6: { t: 's', v: 'b@x.se' },
        C7: { t: 's', v: 'c@x.se' },
        ZZ900: { t: 's', v: '' },
      },
      'A1:ZZ900',
    );
    sheet['!merges'] = ['C3:D3', 'D5:D6'].map((range) => XLSX.utils.decode_range(range));
    expect(await linesOf(workbookOf({ People: sheet }))).toEqual([
      '',
      '',
      'All who came,',
      'Email,Company',
      'a@x.se,Acme',
      'b@x.se,Acme',
      'c@x.se,',
    ]);
  });
});

describe('a formula without a result in the file', () => {
  const noted = async (bytes: Uint8Array | string) => {
    const { bytes: csv, workbook } = await unpack(inPieces(Buffer.from(bytes)), MAX);
    return { csv: await read(csv), noResult: workbook!.noResult };
  };

  it('is not an empty cell: .xlsx', async () => {
    const row =
      '<row r="2"><c><f>10+5</f></c><c><f>A2*2</f><v></v></c><c t="str"><f>A2&amp;"x"</f></c>' +
      '<c t="str"><f>""</f><v></v></c><c><f>1+2</f><v>3</v></c><c/></row>';
    expect(await noted(packageOf(partsOf(`<sheetData><row>${textCell('Email')}</row>${row}</sheetData>`)))).toEqual({
      csv: 'Email,,,,\n#FORMULA!,#FORMULA!,#FORMULA!,,3',
      noResult: { cells: 3, row: 2 },
    });
  });

  it('is not an empty cell: OpenDocument, whose cells without a value are not zero either', async () => {
    const cell = (attributes: string, shown = '') =>
      `<table:table-cell ${attributes}>${shown && `<text:p>${shown}</text:p>`}</table:table-cell>`;
    const row = [
      cell('table:formula="of:=TODAY()"'),
      cell('table:formula="of:=1+1" office:value-type="float"'),
      cell('table:formula="of:=A1" office:value-type="string" office:string-value=""'),
      cell('office:value-type="currency"', '12 kr'),
      cell('office:value-type="percentage"'),
      cell('table:formula="of:=1+1" office:value-type="float" office:value="2"', '2'),
    ].join('');
    const document = `<office:document><office:spreadsheet><table:table table:name="P"><table:table-row>${row}</table:table-row></table:table></office:spreadsheet></office:document>`;
    expect(await noted(document)).toEqual({ csv: '#FORMULA!,#FORMULA!,,12 kr,,2', noResult: { cells: 2, row: 1 } });
  });
});

describe('hidden rows', () => {
  const hidden: XLSX.WorkSheet = { ...people, '!rows': [{}, { hidden: true }] };

  it.each(['xlsx', 'xlsb', 'xlml'] as const)('are counted and read: %s', async (type) => {
    const { bytes, workbook } = await unpack(inPieces(workbookOf({ People: hidden }, { type })), MAX);
    expect((await read(bytes)).split('\n')).toEqual(PEOPLE);
    expect(workbook!.hiddenRows).toBe(1);
  });

  it('are counted in a web page', async () => {
    const page = '<table><tr><td>Email<tr style="Display: none"><td>a@x.se<tr hidden><td>b@x.se<tr><td>c@x.se</table>';
    const { bytes, workbook } = await unpack(inPieces(Buffer.from(page)), MAX);
    expect((await read(bytes)).trim()).toBe('Email\na@x.se\nb@x.se\nc@x.se');
    expect(workbook!.hiddenRows).toBe(2);
  });

  it('are counted in an OpenDocument', async () => {
    const row = (visibility: string, text: string) =>
      `<table:table-row ${visibility}><table:table-cell office:value-type="string"><text:p>${text}</text:p></table:table-cell></table:table-row>`;
    const rows = [row('', 'Email'), row('table:visibility="filter" table:number-rows-repeated="2"', 'a@x.se')].join('');
    const document = `<office:document><office:spreadsheet><table:table table:name="P">${rows}${row('table:visibility="collapse"', 'b@x.se')}</table:table></office:spreadsheet></office:document>`;
    const { bytes, workbook } = await unpack(inPieces(Buffer.from(document)), MAX);
    expect(await read(bytes)).toBe('Email\na@x.se\na@x.se\nb@x.se');
    expect(workbook!.hiddenRows).toBe(3);
  });
});

describe('the sheet that is read', () => {
  const sheets: Sheets = {
    Lookup: rowsOf(['x']),
    Secret: rowsOf(['y']),
    Cover: rowsOf([]),
    People: people,
    More: rowsOf(['z']),
  };

  it('is the first visible one with cells, or the chosen one; hidden ones are not offered', async () => {
    const book = workbookOf(sheets, { hidden: [1, 2, 0, 0, 0] });
    const { bytes, workbook } = await unpack(inPieces(book), MAX);
    expect(workbook).toMatchObject({ sheets: ['People', 'More'], sheet: 'People', alike: {} });
    expect((await read(bytes)).split('\n')).toEqual(PEOPLE);
    expect(await read((await readWorkbook(book, 'More')).csv)).toBe('z');
  });

  it.each(['xlsx', 'ods', 'biff8'] as const)('is distinguished from others with the same columns: %s', async (type) => {
    const book = workbookOf(
      {
        Januari: rowsOf(['Report'], [], ['Email', 'Name'], ['a@x.se', 'Ann']),
        Februari: rowsOf(['Name', 'Email', 'Note'], ['Bo', 'b@x.se', '']),
        Other: rowsOf(['Email', 'Reason'], ['c@x.se', 'spam']),
      },
      { type },
    );
    const { bytes, workbook } = await unpack(inPieces(book), MAX);
    expect(await read(bytes)).toContain('Ann');
    expect(workbook!.alike).toEqual({ Februari: [3] });
  });

  it.each(['xlsx', 'ods', 'biff8'] as const)('is not a cover with one row, unless chosen: %s', async (type) => {
    const book = workbookOf({ Cover: rowsOf(['Report', '2025']), People: people }, { type });
    const { bytes, workbook } = await unpack(inPieces(book), MAX);
    expect(workbook).toMatchObject({ sheets: ['Cover', 'People'], sheet: 'People' });
    expect((await read(bytes)).split('\n')).toEqual(PEOPLE);
    expect(await read((await unpack(inPieces(book), MAX, { sheet: 'Cover' })).bytes)).toBe('Report,2025');
    await expect(unpack(inPieces(book), MAX, { sheet: 'Contacts' })).rejects.toThrow(
      'The workbook has no sheet “Contacts” that can be read. It has: Cover, People.',
    );
  });

  it('is refused if all rows are hidden, or there are none', async () => {
    const hidden = workbookOf({ Cover: rowsOf([]), Lookup: rowsOf(['x']) }, { hidden: [0, 1] });
    await expect(csvOf(hidden)).rejects.toThrow('“Lookup” is hidden');
    await expect(csvOf(workbookOf({ Cover: rowsOf([]) }))).rejects.toThrow('The workbook has no rows');
  });
});

/** How Excel stores a workbook with a password: its package is encrypted inside an old container. */
function withPassword(): Uint8Array {
  const { utils, write } = XLSX.CFB as {
    utils: { cfb_new: () => object; cfb_add: (to: object, name: string, bytes: Buffer) => void };
    write: (container: object, options: { type: 'buffer' }) => Buffer;
  };
  const container = utils.cfb_new();
  utils.cfb_add(container, '/EncryptionInfo', Buffer.from([4, 0, 4, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]));
  utils.cfb_add(container, '/EncryptedPackage', Buffer.alloc(5_000, 7));
  return write(container, { type: 'buffer' });
}

describe('other packages and kinds', () => {
  const sheet = `<sheetData><row>${textCell('Email')}${textCell('Name')}</row><row>${textCell('a@x.se')}${textCell('Åsa')}</row></sheetData>`;
  const parts = partsOf(sheet);
  const renamed = (rename: (name: string) => string) =>
    packageOf(Object.fromEntries(Object.entries(parts).map(([name, part]) => [rename(name), part])));
  const prefixed = sheet.replace(/<(\/?)(\w)/g, '<$1x:$2');

  it.each([
    ['parts in any order, without styles', packageOf(parts)],
    ['parts named with backslashes', renamed((name) => name.replaceAll('/', '\\'))],
    ['names in capitals', renamed((name) => name.toUpperCase())],
    ['an odd part first', packageOf({ 'userData/a.bin': 'x', ...parts })],
    ['strict Open XML', packageOf(partsOf(sheet, { base: 'http://purl.oclc.org/ooxml/officeDocument/relationships' }))],
    [
      'prefixed tags',
      packageOf({ ...parts, 'xl/worksheets/sheet1.xml': `<x:worksheet xmlns:x="y">${prefixed}</x:worksheet>` }),
    ],
    ['.xlsb', workbookOf({ People: people }, { type: 'xlsb' })],
    ['.xls of 1997', workbookOf({ People: people }, { type: 'biff8' })],
    ['XML of 2003', workbookOf({ People: people }, { type: 'xlml' })],
    ['.ods', workbookOf({ People: people }, { type: 'ods' })],
    ['.fods', workbookOf({ People: people }, { type: 'fods' })],
    [
      'a web page',
      '<html><head><meta charset="utf-8"><style>td{}</style></head><body><table><tr><th>Report</th></tr></table>' +
        '<table><tr><th>Email</th><th>Name<tr><td>a@x.se</td><td> Åsa\n</td></tr></table></body></html>',
    ],
    [
      'a web page in UTF-16',
      Buffer.from('\uFEFF<table><tr><td>Email<td>Name</tr><tr><td>a@x.se<td>&Aring;sa</table>', 'utf16le'),
    ],
    ['text in tabs named .xls', 'Email,Name\na@x.se,Åsa'],
  ])('is read: %s', async (_what, bytes) => {
    expect((await linesOf(bytes)).filter((line) => line !== '')).toEqual(PEOPLE);
  });

  it('an OpenDocument: dates, durations, percents, yes and no, repeated and hidden cells', async () => {
    const cell = (attributes: string, shown: string) =>
      `<table:table-cell ${attributes}><text:p>${shown}</text:p></table:table-cell>`;
    const content =
      '<office:document-content><office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>' +
      `<table:table table:name="H" table:style-name="ta1"><table:table-row>${cell('office:value-type="string"', 'hidden')}</table:table-row></table:table>` +
      '<table:table table:name="P"><table:table-row>' +
      cell('office:value-type="date" office:date-value="2025-12-01"', '01.12.25') +
      cell('office:value-type="time" office:time-value="PT30H00M00S"', '30:00') +
      cell('office:value-type="percentage" office:value="0.25"', '25,00 %') +
      cell('office:value-type="float" office:value="1234.5"', '1.234,50') +
      cell('office:value-type="float" office:value="701234501"', '+46 701234501') +
      cell('office:value-type="float" office:value="7"', '007') +
      cell('office:value-type="boolean" office:boolean-value="true"', 'WAHR') +
      cell('office:value-type="string" table:number-columns-repeated="2"', 'x') +
      '<table:covered-table-cell office:value-type="string"><text:p>cannot be seen</text:p></table:covered-table-cell>' +
      cell('office:value-type="string"', 'y') +
      '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>' +
      '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>';
    const document = packageOf({
      mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
      'content.xml': content,
      'META-INF/manifest.xml': '<manifest/>',
    });
    expect(await csvOf(document)).toBe('2025-12-01,30:00,25%,1234.5,+46 701234501,007,TRUE,x,x,,y');
  });

  it.each([
    [
      'an Apple Numbers document',
      packageOf({ 'Index/Document.iwa': 'x', 'Metadata/a.plist': 'x' }),
      'an Apple Numbers document',
    ],
    [
      'a Word document',
      packageOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<x/>' }),
      'a Word document',
    ],
    ['damage', packageOf({ '[Content_Types].xml': '<Types/>', 'xl/workbook.xml': '<workbook' }), 'is damaged'],
    [
      'a sheet that ends in the middle',
      packageOf({ ...parts, 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row>' }),
      'is damaged',
    ],
    ['a workbook with a password', withPassword(), 'The workbook has a password'],
    [
      'an old Office file of another kind',
      Buffer.from('d0cf11e0a1b11ae1'.padEnd(2_000, '0'), 'hex'),
      'No workbook can be read',
    ],
  ])('is refused in words that fit: %s', async (_what, bytes, message) => {
    await expect(csvOf(bytes)).rejects.toThrow(message);
  });
});

describe('a malicious workbook', () => {
  const wide = (cells: string) => packageOf(partsOf(`<dimension ref="A1:XFD1048576"/><sheetData>${cells}</sheetData>`));

  it('with a single cell far away is refused at once, or is cheap', async () => {
    const first = `<row r="1">${textCell('Email')}</row>`;
    await expect(csvOf(wide(`${first}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`))).rejects.toThrow(
      'cells from column A to XFD (row 1048576)',
    );
    expect((await linesOf(wide(`${first}<row r="1048576"><c r="B1048576"><v>1</v></c></row>`))).length).toBe(1_048_576);
  });

  it('that declares too large an unpacked size is refused before anything is unpacked', async () => {
    const parts = partsOf(`<sheetData><row>${textCell('Email')}</row></sheetData>`);
    const bomb = packageOf({ ...parts, 'xl/media/a.bin': new Uint8Array(40 * 1_048_576) });
    await expect(csvOf(bomb)).rejects.toThrow('too large to be read as it is');
  });

  it('that understates its unpacked size is stopped', async () => {
    const bomb = Buffer.from(
      packageOf(partsOf(`<sheetData>${`<row>${textCell('x')}</row>`.repeat(100_000)}</sheetData>`)),
    );
    // The directory's size of the first part, the sheet.
    bomb.writeUInt32LE(1_000, bomb.indexOf('PK\x01\x02') + 24);
    await expect(csvOf(bomb)).rejects.toThrow('is damaged');
  });

  it('that repeats a text endlessly is stopped at the limit', async () => {
    const cells = '<c t="s"><v>0</v></c>'.repeat(20);
    const sheet = `<sheetData>${`<row>${cells}</row>`.repeat(200)}</sheetData>`;
    const bomb = packageOf(partsOf(sheet, { shared: `<si><t>${'x'.repeat(30_000)}</t></si>` }));
    await expect(csvOf(bomb)).rejects.toThrow('too large to be read as it is');
  });

  it.each([
    [
      'cells that cover more than any sheet has',
      `<table>${'<tr><td colspan=16384 rowspan=1048576>a</td></tr>'.repeat(2_000)}</table>`,
      'at most 500 columns',
    ],
    [
      'empty cells that cover each other again and again',
      `<table>${'<tr><td colspan=500 rowspan=2>'.repeat(60_000)}<tr><td>x</table>`,
      'too large to be read',
    ],
    ['tables in each other', '<table><tr><td>'.repeat(200_000), 'nested too deeply'],
    ['elements in each other', `<table><tr><td>${'<b>'.repeat(200_000)}x`, 'nested too deeply'],
    ['tables after each other', '<table><tr><td>x</table>'.repeat(20_000), 'too large to be read'],
    [
      'a page that names itself an XML spreadsheet',
      `<table xmlns="urn:schemas-microsoft-com:office:spreadsheet">${'<tr><td colspan=16384 rowspan=1048576>a'.repeat(2_000)}`,
      'at most 500 columns',
    ],
    ['an OpenDocument that nests', `<office:document>${'<a>'.repeat(200_000)}`, 'nested too deeply'],
  ])('a web page or document with %s is refused', async (_what, page, message) => {
    await expect(csvOf(page)).rejects.toThrow(message);
  });

  it('that is a web page with a title across all columns, and cells across rows, is read', async () => {
    const page =
      '<table><tr><td colspan=16384>All people</td></tr><tr><td rowspan=3>Åre<td>a@x.se<tr><td>b@x.se<tr><td>c@x.se</table>';
    expect(await linesOf(page)).toEqual(['All people,', 'Åre,a@x.se', 'Åre,b@x.se', 'Åre,c@x.se']);
  });

  it('waits for the same person’s workbooks, not for those of others', async () => {
    const book = workbookOf({ People: people });
    const first = await readWorkbook(book, undefined, { who: 'a' });
    const others = [1, 2].map(() => readWorkbook(book, undefined, { who: 'a' }));
    await expect(readWorkbook(book, undefined, { who: 'a' })).rejects.toThrow('Your other workbooks');
    // If one of them were being read, there would be no thread for this one.
    expect((await read((await readWorkbook(book, undefined, { who: 'b' })).csv)).split('\n')).toEqual(PEOPLE);
    for (const one of [first, ...others]) expect((await read((await one).csv)).split('\n')).toEqual(PEOPLE);
  });

  it('stops when the client disconnects, even while waiting', async () => {
    const book = workbookOf({ People: people });
    const [client, waiting] = [new AbortController(), new AbortController()];
    const open = await readWorkbook(book, undefined, { who: 'c', signal: client.signal });
    const next = readWorkbook(book, undefined, { who: 'c', signal: waiting.signal });
    waiting.abort();
    await expect(next).rejects.toThrow('could not be read to the end');
    client.abort();
    await expect(read(open.csv)).rejects.toThrow('could not be read to the end');
    expect((await read((await readWorkbook(book, undefined, { who: 'c' })).csv)).split('\n')).toEqual(PEOPLE);
  });

  it('ends only its thread when it exceeds its time or memory', async () => {
    const rows = `<row>${textCell('x')}</row>`.repeat(200_000);
    const slow = packageOf(partsOf(`<sheetData>${rows}</sheetData>`));
    await expect(readWorkbook(slow, undefined, { timeoutMs: 1 })).rejects.toThrow('takes too long');
    const heavy = `<table>${'<tr><td>x'.repeat(500_000)}</table>`;
    await expect(readWorkbook(Buffer.from(heavy), undefined, { heapMb: 16 })).rejects.toThrow('too large to be read');
  });

  it('makes room for others if its reader stalls', async () => {
    const book = workbookOf({ People: people });
    const open = [
      await readWorkbook(book, undefined, { idleMs: 1 }),
      await readWorkbook(book, undefined, { idleMs: 1 }),
    ];
    expect(await linesOf(book)).toEqual(PEOPLE);
    await expect(read(open[0]!.csv)).rejects.toThrow('could not be read to the end');
  });

  it('waits for a thread, and is refused if too many are waiting', async () => {
    const book = workbookOf({ People: people });
    const all = await Promise.allSettled(Array.from({ length: 12 }, async () => linesOf(book)));
    const refused = all.filter((one) => one.status === 'rejected').map(({ reason }) => String(reason));
    expect(refused.length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeLessThan(12);
    for (const reason of refused) expect(reason).toContain('Many workbooks are being read just now');
  });
});
