// Correct and malformed quotes: no row is lost, and no cell absorbs others without a reason that names the line.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowParser, type FileRow } from './delimited';
import type { Delimiter, Quotes } from './format';
import { readRows } from './parse';

async function* pieces(content: string, size = 65_536) {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(content: string): Promise<FileRow[]> {
  const { rows } = await readRows(pieces(content));
  const all: FileRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

const good = (rows: readonly FileRow[]) =>
  rows.filter(({ problem }) => problem === undefined).map(({ cells }) => cells);
const bad = (rows: readonly FileRow[]) => rows.filter(({ problem }) => problem !== undefined);

describe('a stray quote', () => {
  const rows = ['ha.s3@example.com;ok;Cia', 'ha.s4@example.com;"fine; quoted";Dan', 'ha.s5@example.com;ok;Eva'];

  it('rejects its own row, with the reason, and no other', async () => {
    const all = await read(['Email;Note;Name', 'ha.s2@example.com;"MEGA SERVICE;Bo', ...rows, ''].join('\n'));
    expect(bad(all)).toEqual([
      {
        line: 2,
        cells: ['ha.s2@example.com', '"MEGA SERVICE', 'Bo'],
        problem: expect.stringContaining('MEGA SERVICE') as string,
      },
    ]);
    expect(good(all)).toEqual([
      ['ha.s3@example.com', 'ok', 'Cia'],
      ['ha.s4@example.com', 'fine; quoted', 'Dan'],
      ['ha.s5@example.com', 'ok', 'Eva'],
    ]);
  });

  it('that is closed several rows later rejects none of the rows between', async () => {
    const lines = [
      'Email;Note;Name',
      'a@example.com;"X;Ann',
      'b@example.com;ok;Bo',
      'c@example.com;Y";Cy',
      'd@example.com;ok;Di',
    ];
    const all = await read(lines.join('\n'));
    expect(good(all).map(([email]) => email)).toEqual(['b@example.com', 'c@example.com', 'd@example.com']);
    expect(bad(all).map(({ line }) => line)).toEqual([2]);
  });

  it('in the last row but one rejects that row', async () => {
    const all = await read('Email;Name\na@example.com;Ann\nb@example.com;"Bo\nc@example.com;Cy\n');
    expect(good(all)).toEqual([
      ['a@example.com', 'Ann'],
      ['c@example.com', 'Cy'],
    ]);
    expect(bad(all).map(({ line }) => line)).toEqual([3]);
  });

  it('in every row rejects every row', async () => {
    const all = await read(`Email;Name\n${'a@example.com;"Ann\n'.repeat(50)}b@example.com;Bo\n`);
    expect(bad(all)).toHaveLength(50);
    expect(good(all)).toEqual([['b@example.com', 'Bo']]);
  });

  it('that makes a row too wide rejects the joined rows, naming the lines', async () => {
    const all = await read('Email;Note;Name\na@example.com;"X\nb@example.com;ok;Bo\nmore"\nc@example.com;ok;Cy\n');
    expect(bad(all)).toMatchObject([
      { line: 2, problem: expect.stringMatching(/Lines 2 to 4 were read as one row.* 2 cells instead of 3/) as string },
    ]);
    expect(good(all)).toEqual([['c@example.com', 'ok', 'Cy']]);
  });

  it('that opens a last cell, many rows before the next quote, rejects none of them', async () => {
    const between = Array.from({ length: 12 }, (_, index) => `p${index}@example.com;Ann;ok`);
    const all = await read(
      ['Email;Name;Size', 'a@example.com;Bo;"big', ...between, 'z@example.com;Cy;15"', ''].join('\n'),
    );
    expect(bad(all).map(({ line }) => line)).toEqual([2]);
    expect(good(all).map(([email]) => email)).toEqual([...between.map((row) => row.split(';')[0]), 'z@example.com']);
  });

  it('inside an unquoted cell is text', async () => {
    expect(good(await read('Email,Size,Name\na@x.se,5" pipe,Ann\nb@x.se,7",Bo\n'))).toEqual([
      ['a@x.se', '5" pipe', 'Ann'],
      ['b@x.se', '7"', 'Bo'],
    ]);
  });

  it.each([
    ['text after a closing quote', '"Acme" Inc', '"Acme" Inc'],
    ['a quote that is not doubled', '"the "big" one"', 'the "big" one'],
  ])('%s stays in its cell', async (_name, written, text) => {
    expect(good(await read(`Email,Note,Name\na@x.se,${written},Ann\nb@x.se,ok,Bo\n`))).toEqual([
      ['a@x.se', text, 'Ann'],
      ['b@x.se', 'ok', 'Bo'],
    ]);
  });

  it('beside a delimiter rejects its row if that is ambiguous', async () => {
    const all = await read('Email,Note,Name\na@x.se,"the "big", red one",Ann\nb@x.se,ok,Bo\n');
    expect(bad(all).map(({ line }) => line)).toEqual([2]);
    expect(good(all)).toEqual([['b@x.se', 'ok', 'Bo']]);
  });
});

describe('a quoted cell of several lines that is closed', () => {
  const signature = 'Best regards,\nAnn Ek, ann@private.example, +46 70 1, Acme';
  const list = 'Fwd list:\nq@x.example,Qq,zz\nr@x.example,Rr,zz';

  it.each([
    [
      'a signature with an address',
      'First name,Email,Phone,Notes',
      `Ann,a@x.se,1,"${signature}"`,
      'Bo,b@x.se,2,n',
      signature,
    ],
    ['a list like rows of the table', 'Email,First name,Notes', `a@x.se,Ann,"${list}"`, 'b@x.se,Bo,n', list],
    ['the same in the middle', 'Email,Notes,First name', `a@x.se,"${list}",Ann`, 'b@x.se,n,Bo', list],
    ['the same at the beginning', 'Notes,Email,First name', `"${signature}",a@x.se,Ann`, 'n,b@x.se,Bo', signature],
    [
      'an address below a comma',
      'Email,First name,Notes',
      'a@x.se,Ann,"Spoke to boss, see\nboss@x.example, Boss, assistant 12\nend"',
      'b@x.se,Bo,"cc: x@x.example, y\n"',
      'Spoke to boss, see\nboss@x.example, Boss, assistant 12\nend',
    ],
    [
      'an address, before one with a quote that is not doubled',
      'Email,Notes,Size',
      `a@x.se,"${list}","the "big" one"`,
      'b@x.se,n,m',
      list,
    ],
  ])('is one cell, with %s', async (_name, header, row, other, text) => {
    for (const end of ['\n', '\r\n']) {
      const content = [header, row, other, ''].join('\n').replaceAll('\n', end);
      const all = await read(content);
      expect(bad(all)).toEqual([]);
      expect(all.map(({ cells }) => cells.find((cell) => /^\w@x\.se$/.test(cell)))).toEqual(['a@x.se', 'b@x.se']);
      expect(all[0]!.cells).toContain(text.replaceAll('\n', end));
      expect(all[0]!.cells).toHaveLength(header.split(',').length);
    }
  });

  it('gets a note that names the lines if one of them looks like a row', async () => {
    const all = await read(`Email,Notes,First name\na@x.se,"${list}",Ann\nb@x.se,"Hello,\nBo",Bo\n`);
    expect(all.map(({ note }) => note?.slice(0, 37))).toEqual(['Lines 2 to 4 were read as one row, be', undefined]);
  });

  it('in a row with too many cells rejects the whole row', async () => {
    const all = await read(`First name,Email,Notes\nBerg, Ann,a@x.se,"${signature}"\nBo,b@x.se,n\n`);
    expect(bad(all)).toMatchObject([{ line: 2, problem: expect.stringContaining('4 cells instead of 3') as string }]);
    expect(good(all)).toEqual([['Bo', 'b@x.se', 'n']]);
  });
});

describe('a cell of more than 100,000 characters', () => {
  it.each([
    ['in quotes', `"${'y'.repeat(70_000)}, ${'y'.repeat(70_000)}\nend"`],
    ['without quotes', 'z'.repeat(150_000)],
  ])('rejects its row, %s', async (_name, written) => {
    const all = await read(`Email,Note,Name\na@x.se,${written},Ann\nb@x.se,ok,Bo\n`);
    expect(bad(all)).toMatchObject([
      {
        line: 2,
        problem: expect.stringMatching(/^Column 2 has a cell of 1\d\d,\d{3} characters; at most 100,000/) as string,
      },
    ]);
    expect(bad(all)[0]!.cells[1]!.length).toBeLessThan(2_000);
    expect(good(all)).toEqual([['b@x.se', 'ok', 'Bo']]);
  });
});

describe('quotes', () => {
  it('can be escaped by a backslash, as MySQL and PHP do', async () => {
    const content =
      '"Email","Note","Name"\n"a@x.se","Text in \\"quotes\\"","Ann"\n"b@x.se","TV 50\\"","Bo"\n"c@x.se","C:\\\\","Cy"\n';
    const { format, rows } = await readRows(pieces(content));
    await rows.return(undefined);
    expect(format.quotes).toBe('backslash');
    expect(good(await read(content))).toEqual([
      ['a@x.se', 'Text in "quotes"', 'Ann'],
      ['b@x.se', 'TV 50"', 'Bo'],
      ['c@x.se', 'C:\\', 'Cy'],
    ]);
  });

  it('can be escaped by a backslash for the first time far into a file', async () => {
    const all = await read(
      `"Email","Note"\n${'"a@x.se","ok"\n'.repeat(10_000)}"b@x.se","TV 50\\""\n"c@x.se","in \\"quotes\\""\n`,
    );
    expect(bad(all)).toEqual([]);
    expect(good(all).slice(-2)).toEqual([
      ['b@x.se', 'TV 50"'],
      ['c@x.se', 'in "quotes"'],
    ]);
  });

  it('can be doubled, with literal backslashes', async () => {
    const content = '"Email","Path"\n"a@x.se","C:\\dir\\"\n"b@x.se","D:\\"\n"c@x.se","say ""x"""\n';
    expect(good(await read(content))).toEqual([
      ['a@x.se', 'C:\\dir\\'],
      ['b@x.se', 'D:\\'],
      ['c@x.se', 'say "x"'],
    ]);
  });

  it('can have spaces before and after them', async () => {
    expect(good(await read('"Email","Note","Name"\n"a@x.se","two" ,"Ann"\n"b@x.se" , "four, five","Bo" \n'))).toEqual([
      ['a@x.se', 'two', 'Ann'],
      ['b@x.se', 'four, five', 'Bo'],
    ]);
  });

  it('can surround notes of many lines with commas and addresses', async () => {
    const note = `Dear Ann,\n\nwrite to me, or to "Bo", at bo@example.com\r\n${'a long line, and another\n'.repeat(2_000)}Bye`;
    const all = await read(`Email,Note,Name\na@x.se,"${note.replaceAll('"', '""')}",Ann\nb@x.se,ok,Bo\n`);
    expect(bad(all)).toEqual([]);
    expect(good(all)[0]).toEqual(['a@x.se', note, 'Ann']);
    expect(all[1]!.line).toBe(3 + note.split('\n').length - 1);
  });

  it('can be ordinary characters', async () => {
    const { rows } = await readRows(pieces('Email\tNote\na@x.se\t"x\nb@x.se\t"y"\n'), { quotes: 'none' });
    const cells: string[][] = [];
    for await (const row of rows) cells.push(row.cells);
    expect(cells).toEqual([
      ['a@x.se', '"x'],
      ['b@x.se', '"y"'],
    ]);
  });
});

describe('correct files', () => {
  const cell = fc.oneof(
    { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
    fc.stringMatching(/^[",;\\\n\r\t |a]{0,10}$/),
  );
  const escape: Record<'doubled' | 'backslash', (text: string) => string> = {
    doubled: (text) => text.replaceAll('"', '""'),
    backslash: (text) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
  };

  it.each([
    [',', 'doubled', '\r\n'],
    [';', 'doubled', '\n'],
    ['\t', 'doubled', '\r'],
    [',', 'backslash', '\n'],
    ['|', 'backslash', '\r\n'],
  ] as [Delimiter, 'doubled' | 'backslash', string][])('with %j, quotes %s, %j', (delimiter, quotes, end) => {
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 30 }), (rows, size) => {
        const text = rows.map((row) => row.map((one) => `"${escape[quotes](one)}"`).join(delimiter)).join(end) + end;
        const parser = new RowParser({ delimiter, quotes: quotes satisfies Quotes, encoding: 'utf-8' });
        const found: FileRow[] = [];
        for (let at = 0; at < text.length; at += size) {
          parser.push(text.slice(at, at + size));
          found.push(...parser.take(false));
        }
        found.push(...parser.take(true));
        const filled = rows.filter((row) => row.some((one) => one.trim() !== ''));
        expect(found.map(({ cells }) => cells.map((one) => one.replaceAll('\uFFFD', '\0')))).toEqual(
          filled.map((row) => row.map((one) => one.replaceAll('\uFFFD', '\0'))),
        );
      }),
    );
  });
});

describe('files with malformed quotes', () => {
  const note = fc.constantFrom(
    ...['ok', '', 'two words', '"fine; quoted"', '"two\nlines"', '"say ""x"""', '"a\\"b"'],
    ...['"', '"open', 'shut"', '""', '"""', '"x" y', 'a"b', '\\"'],
  );

  it('lose no row, and absorb none without a reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(note, note), { minLength: 1, maxLength: 12 }), async (notes) => {
        const lines = notes.map(([first, second], index) => `p${index}@example.com;${first};${second};N${index}`);
        const { rows } = await readRows(pieces(`Email;Note;Other;Name\n${lines.join('\n')}\n`));
        const all: FileRow[] = [];
        try {
          for await (const row of rows) all.push(row);
        } catch (error) {
          // Refused as a whole, with the line.
          expect(String(error)).toMatch(/line \d+/i);
          return;
        }
        const text = JSON.stringify(all);
        for (const index of notes.keys()) expect(text).toContain(`p${index}@example.com`);
        // The rest of a broken row may be a row without an address, which is rejected for that.
        for (const cells of good(all.filter(({ note }) => note === undefined))) {
          expect(cells.join(' ').match(/p\d+@example\.com/g)?.length ?? 0).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('hostile text of 100,000 characters and more is read in linear time', () => {
  const body = '\na@x.se,2\nb@x.se,3\n';
  it.each([
    ['@. in the header', `${'@.'.repeat(49_990)} ,b${body}`],
    ['@ in the header', `${`${'@'.repeat(99_999)},`.repeat(3)}b${body}`],
    ['@. in a cell', `Email,b\n${'@.'.repeat(49_990)} ,1${body}`],
    ['digits and spaces', `${'1 '.repeat(49_990)}x,b${body}`],
    ['quotes', `${'"'.repeat(99_998)}x,b${body}`],
    ['quotes that open in every cell', `${'"a,'.repeat(30_000)}${body}`],
    ['quotes and commas', `${'",'.repeat(50_000)}${body}`],
    ['a quote in every line', `a,b\n${'x,"y\n'.repeat(30_000)}`],
    ['three quotes in every line', `a,b\n${'x,"""y\n'.repeat(30_000)}`],
    ['backslashes', `a,b\n1,"${'\\"'.repeat(49_000)}\n${'1,"x\\"\n'.repeat(20_000)}`],
    ['blanks after a quote', `a,b\n1,"x"${' '.repeat(99_000)}y${body}`],
    ['blanks', `${' '.repeat(99_000)}a,b${body}`],
    ['blank lines', `a,b\n1,"${'\n'.repeat(90_000)}",x${body}`],
    ['names of columns that are all the same', `${'a,'.repeat(400)}a${body}`],
    ['a long sep line', `sep=${';'.repeat(99_000)}${body}`],
  ])('%s', async (_name, content) => {
    // The work is linear: quadratic work would take minutes and hit the test's timeout.
    await read(content).catch((error: unknown) => expect(String(error)).toMatch(/Line \d|The file/));
  });
});
