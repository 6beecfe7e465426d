// Ambiguous cells: the whole column decides, in the preview, the dry run and the run.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { Attribute, AttributeType } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { ImportId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';
import { getOperation } from '@/lib/activity/queries';
import { eraseProfile } from '@/lib/people/erase';
import { createTestAccount, runToEnd, type TestAccount } from '@/testing/fixtures';
import { saveMapping, startDryRun, startImport } from './commands';
import { dateReading, decimalReading, evidenceOf, notationOf, shortYearReading } from './evidence';
import { listLeftOut } from './left-out';
import { convertFirstRows } from './preview';
import { getEvidence, getImport, listRejects } from './queries';
import { MappingSchema, type ColumnTarget, type DryRunResult, type NotationChoice } from './schema';
import { checkFile, uploadFile } from './stage';

let account: TestAccount;
let attributes: Record<AttributeType | 'birthdate', Attribute>;
beforeAll(async () => {
  account = await createTestAccount();
  const { admin, sectionId } = account;
  for (const type of ['number', 'date', 'text'] as const) await createAttribute(admin, { sectionId, name: type, type });
  const all = await listAttributes(pool(), sectionId);
  const found = all.flatMap((one) => (one.system ? [[one.code, one]] : [[one.name, one]]));
  attributes = Object.fromEntries(found) as typeof attributes;
});

let people = 0;

/** Uploads one new address per cell, with the cells mapped to the attribute. */
async function prepare(type: keyof typeof attributes, cells: readonly string[], choice: NotationChoice = {}) {
  const { admin, sectionId } = account;
  const emails = cells.map(() => `p${people++}@x.se`);
  const content = `Email,Cell\n${cells.map((cell, index) => csvLine([emails[index]!, cell])).join('')}`;
  async function* bytes() {
    yield Buffer.from(content);
  }
  const uploaded = await uploadFile(admin, { sectionId, fileName: 'cells.csv', maxBytes: 5_000_000 }, bytes());
  if (!uploaded.ok) throw new Error(uploaded.refusal.message);
  const importId = uploaded.value.id;
  const columns: ColumnTarget[] = [
    { to: 'key', keyspaceId: account.keyspaces.email },
    { to: 'attribute', code: attributes[type].code, ...choice },
  ];
  await saveMapping(admin, { sectionId, importId, mapping: { match: account.keyspaces.email, columns } });
  return { importId, emails };
}

/** The result of each cell: the value, nothing, or why the row was rejected. */
async function run(type: keyof typeof attributes, cells: readonly string[], choice: NotationChoice = {}) {
  const { importId, emails } = await prepare(type, cells, choice);
  const { sectionId } = account;
  const started = await startImport(account.admin, { sectionId, importId });
  if (!started.ok) throw new Error(started.refusal.message);
  const counts = await runToEnd(sectionId, started.value.operationId);
  const found = await rows<{ email: string; value: unknown }>(
    pool(),
    sql`select attributes ->> 'email' as email, attributes -> ${attributes[type].code} as value
        from profile where section_id = ${sectionId} and attributes ->> 'email' = any(${emails})`,
  );
  const values = new Map(found.map(({ email, value }) => [email, value]));
  const rejects = await listRejects(pool(), sectionId, importId, { limit: 10_000 });
  const reasons = new Map(rejects.map(({ cells: [email], reason }) => [email, reason]));
  const became = emails.map((email) => (values.has(email) ? values.get(email) : { rejected: reasons.get(email) }));
  return { became, counts, importId, emails };
}

async function preview(importId: ImportId) {
  const { sectionId, accountId } = account;
  const found = (await getImport(pool(), sectionId, importId))!;
  return convertFirstRows(pool(), { sectionId, accountId, found }, found.mapping);
}

const rejected = { rejected: expect.any(String) as string };

describe('a text column', () => {
  it('leaves out long numbers whose last digits a spreadsheet dropped, with a reason, and still imports the people', async () => {
    const cells = ['1.23456789012346E+18', '1234567890123456789'];
    const { columns } = await preview((await prepare('text', cells)).importId);
    expect(columns[1]!.cells[0]!.leftOut).toContain('dropped: format the column as text');
    const { became, importId } = await run('text', cells);
    expect(became).toEqual([null, '1234567890123456789']);
    const [left] = await listLeftOut(pool(), { sectionId: account.sectionId, importId }, { limit: 10 });
    expect(left!.reasons[0]).toContain('“1.23456789012346E+18” is a long number');
  });
});

describe('a date column', () => {
  it('has the order that any of its cells shows', async () => {
    const open = Array.from({ length: 4_999 }, () => '03/04/1990');
    const { became, counts } = await run('birthdate', [...open, '12/31/1980']);
    expect(new Set(became)).toEqual(new Set(['1990-03-04', '1980-12-31']));
    expect(counts).toMatchObject({ created: 5_000, rejected: 0 });
    expect((await run('date', ['12/01/1986', '12/31/1980', '03/04/1990'])).became).toEqual([
      '1986-12-01',
      '1980-12-31',
      '1990-03-04',
    ]);
    expect((await run('date', ['12/01/86', '31/12/80'])).became).toEqual(['1986-01-12', '1980-12-31']);
  });

  it('is read in the same way by the preview, a dry run and the run', async () => {
    const cells = [...Array.from({ length: 300 }, () => '03/04/1990'), '12/31/1980'];
    const { importId } = await prepare('date', cells);
    const { columns } = await preview(importId);
    expect(columns[1]).toMatchObject({
      cells: [{ raw: '03/04/1990', value: '1990-03-04' }],
      dates: { way: 'mdy', why: 'told', line: 302, open: 300, against: 0 },
    });
    const dry = await startDryRun(account.admin, { sectionId: account.sectionId, importId });
    if (!dry.ok) throw new Error(dry.refusal.message);
    await runToEnd(account.sectionId, dry.value.operationId);
    const { result } = (await getOperation(pool(), account.sectionId, dry.value.operationId))!;
    const { created } = result as DryRunResult;
    expect(created?.map(({ after }) => after?.[attributes.date.code])).toEqual(Array(10).fill('1990-03-04'));
  });

  it('is assumed to have the day first without evidence, which is reported, and can be changed', async () => {
    const cells = ['03/04/1990', '05/06/1991'];
    const { importId } = await prepare('date', cells);
    expect((await preview(importId)).columns[1]!.dates).toMatchObject({ way: 'dmy', why: 'assumed', open: 2 });
    expect((await run('date', cells)).became).toEqual(['1990-04-03', '1991-06-05']);
    expect((await run('date', cells, { dates: 'mdy' })).became).toEqual(['1990-03-04', '1991-05-06']);
    expect((await run('date', ['24-03-12'], { dates: 'ymd' })).became).toEqual(['2024-03-12']);
  });

  it('that contradicts itself follows the majority; the others are rejected, and so are ambiguous cells', async () => {
    const { became } = await run('date', ['12/31/1980', '11/30/1981', '31/12/1982', '03/04/1983', '05/05/1984']);
    expect(became).toEqual(['1980-12-31', '1981-11-30', rejected, rejected, '1984-05-05']);
    const many = Array.from({ length: 10 }, () => '12/31/1980');
    expect((await run('date', [...many, '31/12/1982', '03/04/1983'])).became.slice(10)).toEqual([
      rejected,
      '1983-03-04',
    ]);
    expect((await run('date', ['12/31/1980', '31/12/1982', '03/04/1983'])).became).toEqual([
      '1980-12-31',
      '1982-12-31',
      rejected,
    ]);
  });

  it('accepts dates in words, and times after dates', async () => {
    const cells = [
      '12 Mar 2024',
      'September 12, 2008',
      '01-Sep-08',
      '9/30/85',
      '2024-03-12T10:15:00+02:00',
      '12. maj 2024',
    ];
    expect((await run('date', cells)).became).toEqual([
      '2024-03-12',
      '2008-09-12',
      '2008-09-01',
      '1985-09-30',
      '2024-03-12',
      '2024-05-12',
    ]);
  });

  it('imports people without their invalid dates, and counts and reports these', async () => {
    const cells = ['1985-02-28', ' --02-28', '0/0/00', '02/28', '00.00.0000', '0000-00-00', 'N/A', 'soon'];
    const { became, counts, importId } = await run('birthdate', cells);
    expect(became).toEqual(['1985-02-28', null, null, null, null, null, null, rejected]);
    expect(counts).toMatchObject({ created: 7, rejected: 1, left_out: 6 });
    const listed = await listLeftOut(pool(), { sectionId: account.sectionId, importId }, { limit: 2 });
    expect(listed).toMatchObject([
      { line: 3, reasons: ['Birth date: “--02-28” is only part of a date'] },
      { line: 4, reasons: ['Birth date: “0/0/00” means that there is no date'] },
    ]);
  });

  it('does not clear a profile’s value for a cell that means nothing', async () => {
    await run('date', ['1985-02-28']);
    // The same person again.
    people--;
    expect((await run('date', ['0/0/00'])).became).toEqual(['1985-02-28']);
  });
});

describe('a text column', () => {
  it("has no value for a database's null, leaves out formula errors, and accepts a person called Null", async () => {
    const { became, counts, importId } = await run('text', ['Ann', '\\N', '#N/A', 'Null', '#nofilter']);
    expect(became).toEqual(['Ann', null, null, 'Null', '#nofilter']);
    expect(counts).toMatchObject({ created: 5, rejected: 0, left_out: 1 });
    const listed = await listLeftOut(pool(), { sectionId: account.sectionId, importId }, { limit: 2 });
    expect(listed).toMatchObject([{ line: 4, reasons: ['text: “#N/A” is a spreadsheet formula error'] }]);
    expect((await run('number', ['7', '\\N', '#REF!', 'NULL'])).became).toEqual([7, null, null, null]);
  });
});

describe('a number column', () => {
  it('has the decimal sign that any of its cells shows', async () => {
    expect((await run('number', ['0,123', '0,250', '1.234.567'])).became).toEqual([0.123, 0.25, 1_234_567]);
    const open = Array.from({ length: 4_999 }, () => '1,234');
    expect(new Set((await run('number', [...open, '0,5'])).became)).toEqual(new Set([1.234, 0.5]));
    expect((await run('number', ['1,234', '1,234.5'])).became).toEqual([1234, 1234.5]);
  });

  it('rejects another notation: 13.75 among decimal commas is not 1375', async () => {
    const commas = Array.from({ length: 250 }, (_, index) => `${index},5`);
    const { became } = await run('number', [...commas, '13.75']);
    expect(became.at(-1)).toEqual(rejected);
    expect(became[7]).toBe(7.5);
    expect((await run('number', ['13.75'], { decimal: ',' })).became).toEqual([rejected]);
  });

  it('rejects ambiguous numbers without evidence, reports them, and reads them if somebody chooses', async () => {
    const cells = ['1,234', '12'];
    const { importId } = await prepare('number', cells);
    const { columns, rejected: rejectedRows } = await preview(importId);
    expect(columns[1]!.decimals).toMatchObject({ way: null, why: 'unknown', open: 1 });
    expect(rejectedRows).toBe(1);
    expect((await run('number', cells)).became).toEqual([rejected, 12]);
    expect((await run('number', cells, { decimal: '.' })).became).toEqual([1234, 12]);
    expect((await run('number', cells, { decimal: ',' })).became).toEqual([1.234, 12]);
  });

  it('that contradicts itself follows the majority', async () => {
    expect((await run('number', ['1,5', '2,5', '3.5', '1,234'])).became).toEqual([1.5, 2.5, rejected, rejected]);
  });

  it('rejects more digits than a number can store', async () => {
    const { became } = await run('number', ['1234567890123456789', '0.30000000000000004']);
    expect(became).toEqual([{ rejected: expect.stringContaining('more digits') as string }, 0.1 + 0.2]);
  });

  it('accepts percentages if all cells have them, and none if only some do', async () => {
    expect((await run('number', ['12 %', '7,5 %', '3%'])).became).toEqual([12, 7.5, 3]);
    expect((await run('number', ['12 %', '0.12'])).became).toEqual([rejected, 0.12]);
  });

  it('has one currency: amounts in a minority currency are rejected, and all if none has the majority', async () => {
    expect((await run('number', ['100 kr', '250 SEK', '7', '9 EUR'])).became).toEqual([100, 250, 7, rejected]);
    expect((await run('number', ['100 SEK', '100 EUR', '7'])).became).toEqual([rejected, rejected, 7]);
    expect((await run('number', ['$5', '10 USD', '5 US$'])).became).toEqual([5, 10, 5]);
  });

  it('is read exactly or rejected in any notation, and never becomes another number', () => {
    const { number } = attributes;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 9_999 })), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.constantFrom<['.' | ',', string]>(
          ['.', ','],
          ['.', ''],
          ['.', ' '],
          ['.', "'"],
          [',', '.'],
          [',', ''],
          [',', ' '],
        ),
        (numbers, [sign, group]) => {
          const meant = numbers.map(([whole, part]) => Number(`${whole}.${part}`) + 0);
          const cells = numbers.map(([whole, part]) => {
            const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, group);
            return part === 0 ? grouped : `${grouped}${sign}${part}`;
          });
          const evidence = evidenceOf(cells.map((cell, line) => ({ line, cells: [cell] })));
          const notation = notationOf(evidence[0], {});
          for (const [index, cell] of cells.entries()) {
            const parsed = parseAttributeValue(number, cell, notation);
            if (parsed.ok) expect(parsed.value).toBe(meant[index]);
            else expect(notation.decimal).toBeNull();
          }
        },
      ),
    );
  });
});

describe('two-digit years', () => {
  const soon = String(new Date().getUTCFullYear() + 8).slice(2);

  it('are assumed for the whole column, shown, and can be changed', async () => {
    const cells = [`03.04.${soon}`, '12.11.60'];
    const { importId } = await prepare('date', cells);
    expect(await preview(importId)).toMatchObject({
      columns: [{}, { dates: { way: 'dmy' }, shortYears: { way: 'past', why: 'assumed', open: 1 } }],
    });
    expect((await run('date', cells)).became).toEqual([`19${soon}-04-03`, '1960-11-12']);
    expect((await run('date', cells, { shortYears: 'future' })).became).toEqual([`20${soon}-04-03`, '1960-11-12']);
  });

  it('of a date of birth are never in the future, and nothing is assumed', async () => {
    const { importId } = await prepare('birthdate', [`03.04.${soon}`]);
    expect(await preview(importId)).toMatchObject({ columns: [{}, { shortYears: null }] });
  });
});

describe('evidence', () => {
  const tell = (...cells: string[]) => evidenceOf(cells.map((cell, index) => ({ line: index + 1, cells: [cell] })))[0];

  it('of dates is the line that leaves only one order', () => {
    expect(dateReading(tell('01/02/2020', '2020-01-02', '12/31/2020 10:15'), {})).toMatchObject({
      way: 'mdy',
      line: 3,
    });
    expect(dateReading(tell('Fri 31/12/2021', '01/02/2020'), {})).toMatchObject({ way: 'dmy', why: 'told', line: 1 });
    expect(dateReading(tell('85-12-31', '08-09-12'), {})).toMatchObject({ way: 'ymd', why: 'told' });
    expect(dateReading(tell('24-12-31', '25-01-02', '99-11-10'), {})).toMatchObject({
      way: 'ymd',
      why: 'told',
      line: 3,
    });
    expect(dateReading(tell('3/4/2024 10:15 AM'), {})).toMatchObject({ way: 'mdy', why: 'assumed' });
    expect(dateReading(tell('3/4/2024 10:15 AM', '30/4/2024 1:00 pm'), {}).way).not.toBe('mdy');
    expect(dateReading(tell('3.4.2024 10:15 AM'), {}, 'mdy')).toMatchObject({ way: 'dmy' });
    expect(dateReading(tell('3/4/2024'), {}, 'mdy')).toMatchObject({ way: 'mdy', why: 'assumed' });
    expect(dateReading(tell('13/4/2024'), {}, 'mdy')).toMatchObject({ way: 'dmy', why: 'told' });
    expect(dateReading(tell('2020-01-02', '12 Mar 2020', '05/05/2020'), {})).toMatchObject({ why: 'plain' });
    expect(dateReading(tell('12/31/2020'), { dates: 'dmy' })).toMatchObject({ why: 'chosen', against: 1 });
  });

  it('of two-digit years is whether they are mostly near, and none is old', () => {
    const reading = (...cells: string[]) => shortYearReading(tell(...cells), {}, '2026-11-26');
    // Dates of birth, and a member since 1939.
    expect(reading('03.04.45', '31.12.46', '12.11.47')).toEqual({
      way: 'past',
      why: 'assumed',
      sure: true,
      line: null,
      open: 2,
      against: 0,
    });
    expect(reading('31.12.28', '12-Mar-85')).toMatchObject({ way: 'past', why: 'assumed', open: 1 });
    expect(reading('31.12.39')).toMatchObject({ way: 'past', open: 1 });
    // Deadlines.
    expect(reading('31.12.27', '30.06.24', '1 Feb 29', '31/12/39')).toMatchObject({ way: 'future', open: 3 });
    // Nothing to assume: this year or before, or with four digits.
    expect(reading('31.12.26', '01.01.99', '01.01.2039')).toMatchObject({ why: 'plain' });
    expect(shortYearReading(tell('31.12.39'), { shortYears: 'future' })).toMatchObject({
      way: 'future',
      why: 'chosen',
    });
  });

  it('of numbers is the line that leaves only one decimal sign', () => {
    expect(decimalReading(tell('1,234', '7', '$2.50'), {})).toMatchObject({ way: '.', why: 'told', line: 3 });
    expect(decimalReading(tell("'-0,5"), {})).toMatchObject({ way: ',' });
    expect(decimalReading(tell('7', '1 234'), {})).toMatchObject({ way: null, why: 'plain' });
    expect(decimalReading(tell('1,5 ::: 2,5'), {})).toMatchObject({ way: ',' });
  });

  it('of a large file is complete once it has been read to its end', async () => {
    const { importId } = await prepare('number', ['0,5']);
    const { sectionId } = account;
    await execute(
      pool(),
      sql`update import set checked = false, evidence = null where section_id = ${sectionId} and id = ${importId}`,
    );
    expect(await preview(importId)).toMatchObject({ whole: false, columns: [{}, { decimals: { way: ',' } }] });
    await checkFile(account.admin, { sectionId, importId });
    expect(await getEvidence(pool(), sectionId, importId)).toMatchObject([null, { numbers: 1 }]);
    expect(await preview(importId)).toMatchObject({ whole: true });
  });
});

describe('a cell with several values', () => {
  it('gives the first to a key and a typed attribute, and all to a text; values left out are reported', async () => {
    const { sectionId, admin } = account;
    const [first, second] = [`p${people++}@x.se`, `home${people++}@x.se`];
    async function* bytes() {
      yield Buffer.from(`Email,Number,Text\n${first} ::: ${second},1.5 ::: 2.5,a ::: b\n`);
    }
    const uploaded = await uploadFile(admin, { sectionId, fileName: 'google.csv', maxBytes: 1_000 }, bytes());
    if (!uploaded.ok) throw new Error(uploaded.refusal.message);
    const importId = uploaded.value.id;
    const columns: ColumnTarget[] = [
      { to: 'key', keyspaceId: account.keyspaces.email },
      { to: 'attribute', code: attributes.number.code },
      { to: 'attribute', code: attributes.text.code },
    ];
    await saveMapping(admin, { sectionId, importId, mapping: { match: account.keyspaces.email, columns } });
    const started = await startImport(admin, { sectionId, importId });
    if (!started.ok) throw new Error(started.refusal.message);
    const counts = await runToEnd(sectionId, started.value.operationId);
    expect(counts).toMatchObject({ created: 1, left_out: 2 });
    const found = await one<{ id: number; attributes: Record<string, unknown> }>(
      pool(),
      sql`select id, attributes from profile where section_id = ${sectionId} and attributes ->> 'email' = ${first}`,
    );
    expect(found.attributes).toMatchObject({ [attributes.number.code]: 1.5, [attributes.text.code]: 'a ::: b' });
    // It is personal data: erased people are not in it.
    expect(await listLeftOut(pool(), { sectionId, importId }, { limit: 10 })).toHaveLength(1);
    await eraseProfile(admin, { sectionId, profileId: found.id });
    expect(await listLeftOut(pool(), { sectionId, importId }, { limit: 10 })).toEqual([]);
  });
});

it('an old mapping with one notation for the file applies it to each attribute', () => {
  const earlier = {
    columns: [
      { to: 'key', keyspaceId: 1 },
      { to: 'attribute', code: 'a' },
      { to: 'attribute', code: 'b', dates: 'dmy' },
    ],
    dates: 'mdy',
    decimal: ',',
  };
  expect(MappingSchema.parse(earlier).columns).toEqual([
    { to: 'key', keyspaceId: 1 },
    { to: 'attribute', code: 'a', dates: 'mdy', decimal: ',' },
    { to: 'attribute', code: 'b', dates: 'dmy', decimal: ',' },
  ]);
  expect(MappingSchema.parse({ ...earlier, dates: 'auto', decimal: 'auto' }).columns[1]).toEqual({
    to: 'attribute',
    code: 'a',
  });
});
