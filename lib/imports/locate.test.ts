// Finding the start of the table: notes, titles, Excel's sep= line, reports with several tables; and real headers that
// must stay headers.
import { describe, expect, it } from 'vitest';
import { notesOn, type FileFormat, type FormatChoice } from './format';
import { readRows, type FileRow } from './parse';

async function read(content: string, choice: FormatChoice = {}, named: string[] = []) {
  async function* once() {
    yield Buffer.from(content);
  }
  const { format, rows } = await readRows(once(), choice, named);
  const all: FileRow[] = [];
  for await (const row of rows) all.push(row);
  return { format, rows: all, cells: all.map(({ cells }) => cells) };
}

const found = async (content: string): Promise<Pick<FileFormat, 'delimiter' | 'header' | 'startLine' | 'columns'>> => {
  const { delimiter, header, startLine, columns } = (await read(content)).format;
  return { delimiter, header, startLine, columns };
};

const people = 'Ann,Berg,ann@example.com\nBo,Dahl,bo@example.com\n';

describe('the table starts', () => {
  it.each([
    [
      'after notes',
      `Notes:\n"Some are missing, because their owners do not share them."\n\nFirst,Last,Email\n${people}`,
      4,
    ],
    ['after a note with commas', `Exported by Ann, on Monday, at noon\n\nFirst,Last,Email\n${people}`, 3],
    ['after a note with as many commas, right above', `From Monday, to Friday, in May\nFirst,Last,Email\n${people}`, 2],
    ['after a title that is merged', `Members 2025,,\n,,\nFirst,Last,Email\n${people}`, 3],
    ['after a title and a date', `Members,2025-01-31,\nFirst,Last,Email\n${people}`, 2],
    ['after several titles', `Acme\nList of members\n31.12.2024\n\n\nFirst,Last,Email\n${people}`, 6],
    ['after blank rows', `\n\n,,\nFirst,Last,Email\n${people}`, 4],
    ['after a mark and sep=', `\uFEFFsep=,\r\nFirst,Last,Email\r\n${people}`, 2],
    ['after sep= and a title', `sep=,\r\nMembers,,\r\n\r\nFirst,Last,Email\r\n${people}`, 4],
    ['in the first line', `First,Last,Email\n${people}`, 1],
    ['in the first line, first people without an address', `First,Last,Email\nAnn,Berg,\nEve,Ek,none\n${people}`, 1],
    ['in the first line, with a blank line below', `First,Last,Email\n\n${people}`, 1],
    [
      'in the first line, with people who have little',
      `First,Last,Email\n,,x@example.com\n,,y@example.com\n${people}`,
      1,
    ],
  ])('%s', async (_name, content, startLine) => {
    expect(await found(content)).toEqual({
      delimiter: ',',
      header: true,
      startLine,
      columns: ['First', 'Last', 'Email'],
    });
  });

  it.each([
    ['without a header', people, 1],
    ['without a header, after a title', `Members\n\n${people}`, 3],
  ])('%s', async (_name, content, startLine) => {
    const { format, cells } = await read(content);
    expect(format).toMatchObject({ header: false, startLine, columns: ['Column 1', 'Column 2', 'Column 3'] });
    expect(cells).toHaveLength(2);
  });

  it.each([
    ['one column', 'Email\na@x.se\nb@x.se\n', 1],
    ['one column after a title', 'My list\n\nEmail\na@x.se\nb@x.se\n', 3],
    ['one column, the first of which is no address', 'Email\nnone\na@x.se\nb@x.se\n', 1],
  ])('with %s', async (_name, content, startLine) => {
    expect(await found(content)).toMatchObject({ header: true, startLine, columns: ['Email'] });
  });

  it('with the delimiter that sep= names, whatever the cells contain', async () => {
    const { format, cells } = await read(
      'sep=;\r\nName;Email\r\nBerg, Ann, Dr, Ms;a@x.se\r\nDahl, Bo, Dr, Mr;b@x.se\r\n',
    );
    expect(format).toMatchObject({ delimiter: ';', startLine: 2, columns: ['Name', 'Email'] });
    expect(cells[0]).toEqual(['Berg, Ann, Dr, Ms', 'a@x.se']);
    // The line is an instruction even if somebody chooses it as the header, or chooses another delimiter.
    expect((await read('sep=;\nName|Email\nAnn|a@x.se\n', { delimiter: '|', startLine: 1 })).format).toMatchObject({
      startLine: 2,
      columns: ['Name', 'Email'],
    });
  });

  it('with the right delimiter despite notes and quotes', async () => {
    const content =
      'Report, made, on, Monday\nwith, many, commas, in, it\n\nName;Note;Email\nAnn;"a, b, c, d";a@x.se\nBo;"e, f";b@x.se\n';
    expect(await found(content)).toEqual({
      delimiter: ';',
      header: true,
      startLine: 4,
      columns: ['Name', 'Note', 'Email'],
    });
  });
});

const WEBINAR = [
  'Attendee Report,,,,,',
  'Report Generated:,"Mar 23, 2025 6:26 PM",,,,',
  'Topic,Webinar ID,Actual Start Time,Duration,# Registered,# Cancelled',
  'Spring demo,812 3456 7890,"Mar 22, 2025 7:13 PM",62,12,1',
  'Host Details,,,,,',
  'Attended,User Name,Email,Join Time,Leave Time,Country',
  'Yes,Hanna Host,ha.host@example.com,"Mar 22, 2025 19:13:27","Mar 22, 2025 20:15:19",Sweden',
  'Attendee Details,,,,,',
  'Attended,First Name,Last Name,Email,Approval Status,Country',
  'Yes,Ann,Ask,ha.ann@example.com,approved,Sweden',
  'No,Bea,Bok,ha.bea@example.com,approved,Denmark',
  '',
].join('\n');

describe('a report with several tables', () => {
  it('is read from the first table with people; rows of the others are rejected with their line', async () => {
    const { format, rows } = await read(WEBINAR);
    expect(format).toMatchObject({ startLine: 6, columns: expect.arrayContaining(['User Name', 'Email']) as string[] });
    const problem = expect.stringContaining('Line 9 begins another table (Attended, First Name,') as string;
    expect(rows.map(({ line, problem: why }) => [line, why])).toEqual([
      [7, undefined],
      ...[8, 9, 10, 11].map((line) => [line, problem]),
    ]);
  });

  it('is read from the chosen line', async () => {
    const { format, cells } = await read(WEBINAR, { startLine: 9 });
    expect(format.columns).toEqual(['Attended', 'First Name', 'Last Name', 'Email', 'Approval Status', 'Country']);
    expect(cells.map((row) => row[3])).toEqual(['ha.ann@example.com', 'ha.bea@example.com']);
    const data = await read(WEBINAR, { startLine: 10, header: false });
    expect(data.format).toMatchObject({ startLine: 10, header: false });
    expect(data.cells).toEqual(cells);
  });

  it('is read from the header with the wanted columns', async () => {
    expect((await read(WEBINAR, {}, ['Email', 'First Name'])).format.startLine).toBe(9);
    expect((await read(WEBINAR, {}, ['Topic'])).format.startLine).toBe(3);
  });

  it('is refused from a line beyond its end', async () => {
    await expect(read(WEBINAR, { startLine: 12 })).rejects.toThrow('no rows from line 12 on');
    await expect(read(WEBINAR, { startLine: 11 })).rejects.toThrow('header but no rows');
  });
});

describe('another table below', () => {
  const registrants = 'First,Last,Email\nAnn,Berg,ann@x.se\nBo,Dahl,bo@x.se\n';
  const again = 'First,Last,Email\nCia,Ek,cia@x.se\n';
  it.each([
    ['after a title', `${registrants}Cancelled Registrants\n${again}`, [4, 5, 6], 5],
    ['after a title in a row as wide', `${registrants}Cancelled,,\n${again}`, [4, 5, 6], 5],
    ['after blank lines and a title', `${registrants}\nCancelled\n\n${again}`, [5, 7, 8], 7],
    ['right below', `${registrants}${again}`, [4, 5], 4],
    ['with other columns', `${registrants}Panelist Details\nUser Name,Email\nDag,dag@x.se\n`, [4, 5, 6], 5],
    ['with other columns, after a blank line', `${registrants}\nUser Name,Email\nDag,dag@x.se\n`, [5, 6], 5],
    ['with a key column of the same name', `${registrants}User,Reason,Email\nDag,bounced,\n`, [4, 5], 4],
    [
      'whose first row lacks the address',
      `${registrants}\nOther Attended\nUser,Joined,Left,Email\n+46701740701,19:03,19:30,\nUno,19:04,19:31,uno@x.se\n`,
      [5, 6, 7, 8],
      6,
    ],
    ['twice', `${registrants}\n${again}\nPanelists\nUser,Email\nDag,dag@x.se\n`, [5, 6, 8, 9, 10], 5],
  ])('%s is rejected', async (_name, content, lines, begins) => {
    const { format, rows } = await read(content);
    expect(format.startLine).toBe(1);
    const rejected = rows.filter(({ problem }) => problem !== undefined);
    expect(rejected.map(({ line }) => line)).toEqual(lines);
    expect(rejected[0]!.problem).toContain(`Line ${begins} begins another table`);
    // That line can be chosen as the start.
    expect((await read(content, { startLine: begins })).format.columns).toContain('Email');
  });

  it('without a header is rejected if its cells are of other kinds', async () => {
    const { rows } = await read(
      `Email,Name,City\na@x.se,Ann,Oslo\nb@x.se,Bo,Oslo\nTotals:,2,\n,,\nUnsubscribed since\nc@x.se,2024-03-05,spam\nd@x.se,2024-03-06,other\n`,
    );
    expect(rows.map(({ line, problem }) => [line, problem?.slice(0, 55)])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, undefined],
      ...[6, 7, 8].map((line) => [line, 'Line 6 (“Unsubscribed since”) begins another table, who']),
    ]);
  });

  it('that is uncertain gets a note', async () => {
    const { rows } = await read('Email,Name\na@x.se,Ann\nb@x.se,Bo\n\nVIP\nc@x.se,Cia\nd@x.se,Dag\n');
    expect(rows.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(rows.flatMap(({ line, note }) => (note ? [[line, note.slice(0, 31)]] : []))).toEqual([
      [6, '“VIP” stands alone on line 5: i'],
    ]);
  });

  it('at the end, without rows, is rejected', async () => {
    const { rows } = await read(`${registrants}\nCancelled\nFirst,Last,Email\n`);
    expect(rows.map(({ problem }) => problem?.slice(0, 29))).toEqual([
      undefined,
      undefined,
      'Line 6 begins another table (',
      'Line 6 begins another table (',
    ]);
  });

  it.each([
    ['blank lines', `${registrants}\n\nCia,Ek,cia@x.se\n\nDag,Ek,dag@x.se\n`],
    ['a row with one cell', `${registrants}Cia\nDag,Ek,dag@x.se\n,,eve@x.se\n`],
    ['people without an address after a blank line', `${registrants}\nCia,Ek,\nDag,Ek,dag@x.se\n`],
    ['people without an address after a row with one cell', `${registrants}Cia\nDag,Ek,\nEve,Ek,eve@x.se\n`],
    [
      'the word Email as a value',
      `Name,Email,Contact by\nAnn,ann@x.se,Email\n\nBo,,Email\nCia,cia@x.se,Email\n\nDag,,E-mail\nEve,eve@x.se,Phone\n`,
    ],
    ['a note in two lines', 'Name,Note,Email\nAnn,"one\ntwo",a@x.se\nMail Smith,,\nBo,x,b@x.se\n'],
    ['a name in the first cell as in the header', 'Name,Email\nName,a@x.se\nBo,b@x.se\n'],
    ['no header', 'Ann,ann@x.se\n\nBo,bo@x.se\nCia,\n\nDag,dag@x.se\n'],
  ])('is not seen in ordinary rows: %s', async (_name, content) => {
    expect((await read(content)).rows.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });
});

describe('rows above the header', () => {
  const above = async (content: string, named: string[] = []) => {
    const { format } = await read(content, {}, named);
    return { line: format.startLine, above: format.above, note: notesOn(format)[0]?.slice(0, 75) };
  };
  const unsubscribed = 'Email,First name,Reason\nc@x.se,Cy,Too many\n';
  const wanted = ['Email', 'Reason'];

  it('of another table are reported', async () => {
    const subscribed = 'Subscribed\nEmail,First name\na@x.se,Ann\nb@x.se,Bo\n\nUnsubscribed\n';
    expect(await above(`${subscribed}${unsubscribed}`, wanted)).toEqual({
      line: 7,
      above: { rows: 2, line: 3 },
      note: '2 rows above the header on line 7, from line 3 on, look like rows of anothe',
    });
    expect((await above(`ID,Name\nC-1,Ann\nC-2,Bo\n\nID,Name,Reason\nC-3,Cy,x\n`, ['Reason'])).above).toEqual({
      rows: 2,
      line: 2,
    });
    expect((await above(`a@x.se,Ann\nb@x.se,Bo\n${unsubscribed}`, wanted)).above).toEqual({ rows: 2, line: 1 });
    expect((await above(WEBINAR, ['First Name'])).above).toEqual({ rows: 1, line: 7 });
  });

  it.each([
    ['titles', `Members,2025-01-31,\nPrepared by,ann@x.se,\n\n${unsubscribed}`, wanted],
    ['notes', `Exported by Ann, on Monday, at noon\n\n${unsubscribed}`, wanted],
    ['nothing', unsubscribed, wanted],
    ['the first tables of a report', WEBINAR, []],
  ])('are not seen in %s', async (_name, content, named) => {
    expect((await above(content, named)).above).toBeUndefined();
  });
});

describe('rows with more cells than the header', () => {
  it.each([
    ['Email,First name,Amount\na@x.se,Ann,12,50\nb@x.se,Bo,13,75\n', 4],
    ['Email;First name;Amount\na@x.se;Ann;1;5\nb@x.se;Bo;2;5\nc@x.se;Cy;3;5\n', 4],
    ['Email,First name,City\na@x.se,Ann,Malmö, Sweden\nb@x.se,Bo,Lund, Sweden\n', 4],
  ])('are rejected where it is known which columns there are: %j', async (content, cells) => {
    const { format, rows } = await read(content, {}, ['Email', 'First name']);
    expect(format.columns).toHaveLength(3);
    for (const { problem } of rows) expect(problem).toContain(`${cells} cells, but the table has 3 columns`);
    expect((await read(content, { startLine: 1 }, ['Email'])).rows[0]!.problem).toContain('4 cells');
    // A caller may name the column by its number.
    expect((await read(content, {}, ['Email', 'Column 4'])).rows[0]!.problem).toBeUndefined();
  });

  it('get unnamed columns if a person decides, and their number is recorded', async () => {
    const { format, rows } = await read('Email,Amount\na@x.se,12,50\nb@x.se,13,75\n');
    expect(format).toMatchObject({ columns: ['Email', 'Amount', 'Column 3'], unnamed: 1 });
    expect(rows.map(({ problem }) => problem)).toEqual([undefined, undefined]);
    expect((await read('Email,Amount,,\na@x.se,12,50,\n', {}, ['Email'])).format.unnamed).toBe(2);
    expect((await read('Email,,Amount\na@x.se,,12\n')).format.unnamed).toBeUndefined();
  });
});

describe('lines that are quoted as a whole', () => {
  it.each(['\n', '\r\n'])('are read without the quotes: %j', async (end) => {
    const lines = [
      '"Email,""First name"",Notes"',
      '"a@x.se,""Ann"",""Hi, you"""',
      '"b@x.se,Bo,""two"',
      '"lines"""',
      '',
    ];
    const { format, cells } = await read(lines.join(end));
    expect(format).toMatchObject({ wholeQuotes: true, columns: ['Email', 'First name', 'Notes'] });
    expect(notesOn(format)).toEqual([expect.stringContaining('Each line of the file is in quotes as a whole')]);
    expect(cells).toEqual([
      ['a@x.se', 'Ann', 'Hi, you'],
      ['b@x.se', 'Bo', `two${end}lines`],
    ]);
    expect((await read(lines.join(end), { quotes: 'doubled' })).format.columns).toHaveLength(1);
  });

  it('are distinguished from a column of quoted cells', async () => {
    const { format, cells } = await read('"Email"\n"a@x.se"\n"b@x.se"\n');
    expect(format.wholeQuotes).toBeUndefined();
    expect(cells).toEqual([['a@x.se'], ['b@x.se']]);
    expect((await read('"Email","Name"\n"a@x.se","Berg, ""A"""\n')).format.wholeQuotes).toBeUndefined();
  });
});

describe('columns', () => {
  it('can start at a line far down', async () => {
    const { format, rows } = await read(`${'note\n'.repeat(9_000)}Name,Email\nAnn,a@x.se\n`, { startLine: 9_001 });
    expect(format.columns).toEqual(['Name', 'Email']);
    expect(rows).toEqual([{ line: 9_002, cells: ['Ann', 'a@x.se'] }]);
  });

  it('have unique names, composed and without invisible characters', async () => {
    const { format } = await read('Phone,Phone,Phone (2),\u200BFo\u0308rnamn ,  \n1,2,3,4,5\n1,2,3,4,5\n');
    expect(format.columns).toEqual(['Phone', 'Phone (2)', 'Phone (2) (2)', 'Förnamn', 'Column 5']);
  });

  it('that the header does not name are added if all rows have them', async () => {
    const { format, rows } = await read('Name,Email\nAnn,a@x.se,Oslo\nBo,b@x.se,\n');
    expect(format.columns).toEqual(['Name', 'Email', 'Column 3']);
    expect(rows.map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });

  it('that only some rows have get those rows rejected', async () => {
    const { rows } = await read('Name,Company,Email\nAnn,Acme, Inc.,a@x.se\nBo,Globex,b@x.se\n');
    expect(rows[0]!.problem).toContain('4 cells, but the table has 3 columns');
    expect(rows[1]!.problem).toBeUndefined();
  });

  it('are named by the next row if the header is blank', async () => {
    expect((await read(` , ,\nFirst,Last,Email\n${people}`)).format).toMatchObject({
      startLine: 2,
      columns: ['First', 'Last', 'Email'],
    });
  });

  it('are read with LF, CR LF and CR, even mixed', async () => {
    const { rows } = await read('a,b\r\na@x.se,2\rb@x.se,4\nc@x.se,6\n\r\nd@x.se,8');
    expect(rows.map(({ line, cells }) => [line, cells[1]])).toEqual([
      [2, '2'],
      [3, '4'],
      [4, '6'],
      [6, '8'],
    ]);
  });
});
