// Imports and exports over HTTP: announced, uploaded as a form, polled; and the downloaded file.
import { beforeEach, describe, expect, it } from 'vitest';
import * as XLSX from '@e965/xlsx';
import { parse } from 'csv-parse/sync';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { AttributeType } from '@/lib/attributes/schema';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import type { OperationId } from '@/lib/db/ids';
import {
  account,
  call,
  CRM,
  EMAIL,
  json,
  keyOf,
  makeKey,
  makeTag,
  section,
  server,
  tagsPath,
  tokenOf,
  withApi,
} from '@/testing/api';
import { createTestProfiles, runToEnd } from '@/testing/fixtures';
import { hold, untilWaiting } from '@/testing/races';
import { sheetOf, workbookOf } from '@/testing/workbooks';

withApi();
beforeEach(async () => {
  await execute(pool(), sql`delete from import_request`);
  await execute(pool(), sql`delete from api_rate`);
});

type Announced = { import_id: string; file_upload_url: string; file_upload_body: Record<string, string> };
type Status = {
  result: { status: string; counts: Record<string, number>; error: string | null; file: unknown };
};

const announce = (body: object, status = 201, more: object = {}) =>
  json<Announced>(`/v2/audience/sections/${section}/imports`, status, {
    method: 'POST',
    body: { keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Email' }, ...body },
    ...more,
  });
const poll = async (id: string) => (await json<Status>(`/audience/sections/${section}/imports/${id}`)).result;

function send(
  { file_upload_url: url, file_upload_body: fields }: Announced,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
  return fetch(url, { method: 'POST', body: form });
}

async function runImport(id: string): Promise<void> {
  const { operationId } = await one<{ operationId: OperationId }>(
    pool(),
    sql`select operation_id as "operationId" from import
        join import_request request on request.section_id = import.section_id and request.import_id = import.id
        where request.id = ${Number(id)}`,
  );
  await runToEnd(account.sectionId, operationId);
}

describe('an import', () => {
  it('is announced, uploaded and polled: keys, attributes, a tag for all rows and a tag by column', async () => {
    const [fair, vip] = [await makeTag('Fair'), await makeTag('VIP')];
    const [ann, bo, cy] = [keyOf('ann'), keyOf('bo'), keyOf('cy')];
    await json(tagsPath(cy), 204, { method: 'PATCH', body: { [vip.discriminator]: true } });
    const announced = await announce({
      attribute_mappings: [
        { field_selector: 'First', attribute_version_id: 'com.apsis1.attributes.firstname' },
        { field_selector: 'Email', attribute_version_id: 'com.apsis1.attributes.email' },
      ],
      tag_mappings: [{ field_selector: 'Is VIP', tag_version_id: String(vip.id) }],
      tags: { apply: [fair.discriminator] },
    });
    expect(await poll(announced.import_id)).toMatchObject({ status: 'waiting_for_file' });
    const file = `Email;First;Is VIP\r\n${ann};Ann;yes\r\n${bo};Bo;\r\n${cy};Cy;no\r\nnobody;X;\r\n`;
    expect((await send(announced, file)).status).toBe(204);
    expect(await poll(announced.import_id)).toMatchObject({ status: 'queued' });
    await runImport(announced.import_id);
    expect(await poll(announced.import_id)).toMatchObject({
      status: 'completed',
      counts: { created: 2, updated: 1, rejected: 1, applied: 4, removed: 1 },
    });
    expect(await json(tagsPath(ann))).toEqual({ [fair.id]: true, [vip.id]: true });
    expect(await json(tagsPath(cy))).toEqual({ [fair.id]: true });
    expect((await send(announced, file)).status).toBe(403);
  });

  it('of v1 may have several keys', async () => {
    const [email, crm] = [keyOf('v1'), keyOf('id')];
    const announced = await json<Announced>(`/audience/sections/${section}/imports`, 201, {
      method: 'POST',
      body: {
        keyspace_mappings: [
          { keyspace_discriminator: EMAIL, field_selector: 'mail', merge_profiles: false },
          { keyspace_discriminator: CRM, field_selector: 'id' },
        ],
      },
    });
    expect((await send(announced, `mail,id\n${email},${crm}\n`)).status).toBe(204);
    await runImport(announced.import_id);
    const [first, second] = await rows<{ id: number }>(
      pool(),
      sql`select profile_id as id from profile_key where key in (${email}, ${crm})`,
    );
    expect(first).toEqual(second);
  });

  it('finds the header with the wanted columns in a report of several tables, or uses the given line', async () => {
    const [host, ann, bea] = [keyOf('host'), keyOf('ann'), keyOf('bea')];
    const report = [
      'Attendee Report,,,',
      'Topic,Webinar ID,Duration,# Registered',
      'Spring demo,812 3456 7890,62,12',
      'Host Details,,,',
      'Attended,User Name,Email,Country',
      `Yes,Hanna Host,${host},Sweden`,
      'Attendee Details,,,',
      'Attended,First Name,Email,Country',
      `Yes,Ann,${ann},Sweden`,
      `No,Bea,${bea},Denmark`,
    ].join('\n');
    const first = { field_selector: 'First Name', attribute_version_id: 'com.apsis1.attributes.firstname' };
    for (const body of [{ attribute_mappings: [first] }, { file: { header_row: 8, delimiter: ',' } }]) {
      const announced = await announce(body);
      expect((await send(announced, report)).status).toBe(204);
      await runImport(announced.import_id);
      expect((await poll(announced.import_id)).counts).toMatchObject({ rows: 2, rejected: 0 });
    }
    const { hosts } = await one<{ hosts: number }>(
      pool(),
      sql`select count(*) as hosts from profile_key where key = ${host}`,
    );
    expect(hosts).toBe(0);
  });

  it('is read in the given encoding; rows with bytes that are invalid in it are rejected', async () => {
    const [lodz, krakow] = [keyOf('lodz'), keyOf('krakow')];
    const first = { field_selector: 'Imię', attribute_version_id: 'com.apsis1.attributes.firstname' };
    const announced = await announce({
      attribute_mappings: [first],
      file: { encoding: 'windows-1250', delimiter: ';' },
    });
    const file = Buffer.from(`Imi\xEA;Email\n\xA3ukasz;${lodz}\nKrak\x81w;${krakow}\n`, 'latin1');
    expect((await send(announced, file)).status).toBe(204);
    await runImport(announced.import_id);
    expect((await poll(announced.import_id)).counts).toMatchObject({ created: 1, rejected: 1 });
    const { name } = await one<{ name: string }>(
      pool(),
      sql`select attributes ->> 'firstname' as name from profile
          join profile_key key on key.section_id = profile.section_id and key.profile_id = profile.id
          where key.key = ${lodz}`,
    );
    expect(name).toBe('Łukasz');
  });

  it('without a header has numbered columns', async () => {
    const announced = await announce({
      keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Column 2' },
      file: { header_row: null },
    });
    expect((await send(announced, `Ann,${keyOf('ann')}\nBo,${keyOf('bo')}\n`)).status).toBe(204);
    await runImport(announced.import_id);
    expect((await poll(announced.import_id)).counts).toMatchObject({ rows: 2, created: 2 });
  });

  it('is read from the first sheet with the wanted columns if none is named', async () => {
    const linesOf = (...lines: string[][]) => XLSX.utils.aoa_to_sheet(lines);
    const cover = linesOf(['About', 'This file'], ['Made by', 'Ann']);
    const people = linesOf(['Email', 'Name'], [keyOf('ann'), 'Ann'], [keyOf('bo'), 'Bo']);
    const announced = await announce({});
    expect((await send(announced, Buffer.from(workbookOf({ Cover: cover, People: people })))).status).toBe(204);
    await runImport(announced.import_id);
    expect((await poll(announced.import_id)).counts).toMatchObject({ rows: 2, created: 2 });

    const without = await announce({});
    expect(
      (await send(without, Buffer.from(workbookOf({ Cover: cover, Notes: linesOf(['Note'], ['x']) })))).status,
    ).toBe(400);
    expect((await poll(without.import_id)).error).toMatch(
      /no column “Email”\. Line 1 of the sheet “Cover” has: About, This file\..* The other sheets are: Notes\./,
    );
  });

  it('is read from the named sheet, past a cover; hidden rows and formulas without a result are reported', async () => {
    const people = sheetOf(
      {
        A1: { t: 's', v: 'Members' },
        A2: { t: 's', v: 'Email' },
        B2: { t: 's', v: 'First' },
        A3: { t: 's', v: keyOf('ann') },
        B3: { t: 'n', f: '1+2' },
        A4: { t: 'n', f: 'A3' },
        B4: { t: 's', v: 'Bo' },
      },
      'A1:B4',
    );
    const book = workbookOf({
      Cover: XLSX.utils.aoa_to_sheet([['Report']]),
      People: { ...people, '!rows': [{}, {}, { hidden: true }] },
    });
    const announced = await announce({
      attribute_mappings: [{ field_selector: 'First', attribute_version_id: 'com.apsis1.attributes.firstname' }],
      file: { sheet: 'People', header_row: 2 },
    });
    expect((await send(announced, Buffer.from(book))).status).toBe(204);
    await runImport(announced.import_id);
    expect(await poll(announced.import_id)).toMatchObject({
      status: 'completed',
      counts: { created: 1, left_out: 1, rejected: 1 },
      file: {
        notes: [
          expect.stringContaining('2 cells have formulas whose result is not in the file, on row 3 first') as string,
          expect.stringContaining('1 row is hidden in the sheet; it is imported too') as string,
        ],
      },
    });
    const rowsOf = (outcome: string) =>
      json(`/audience/sections/${section}/imports/${announced.import_id}/rows?outcome=${outcome}`);
    const reason = 'the cell has a formula whose result is not in the file: open the file in Excel, save it';
    expect(await rowsOf('left_out')).toMatchObject({
      items: [{ line: 3, reasons: [expect.stringContaining(`: ${reason}`) as string] }],
    });
    expect(await rowsOf('rejected')).toMatchObject({
      items: [{ line: 4, reasons: [expect.stringContaining(`Email: ${reason}`) as string] }],
    });

    const other = await announce({ file: { sheet: 'Contacts' } });
    expect((await send(other, Buffer.from(book))).status).toBe(400);
    expect((await poll(other.import_id)).error).toContain(
      'no sheet “Contacts” that can be read. It has: Cover, People',
    );
  });

  it('with more cells in its rows than columns in its header loses none of them; rows above the header are reported', async () => {
    const mapping = [{ field_selector: 'First', attribute_version_id: 'com.apsis1.attributes.firstname' }];
    const cut = await announce({ attribute_mappings: mapping });
    expect((await send(cut, `Email,First\n${keyOf('ann')},12,50\n${keyOf('bo')},13,75\n`)).status).toBe(204);
    await runImport(cut.import_id);
    expect((await poll(cut.import_id)).counts).toMatchObject({ rows: 2, rejected: 2 });

    const lower = await announce({ attribute_mappings: [{ ...mapping[0], field_selector: 'Reason' }] });
    const tables = `Email,First\n${keyOf('ann')},Ann\n${keyOf('bo')},Bo\n\nEmail,First,Reason\n${keyOf('cy')},Cy,x\n`;
    expect((await send(lower, tables)).status).toBe(204);
    await runImport(lower.import_id);
    expect(await poll(lower.import_id)).toMatchObject({
      counts: { rows: 1, created: 1 },
      file: {
        header_row: 5,
        notes: [expect.stringContaining('2 rows above the header on line 5, from line 2 on') as string],
      },
    });
  });

  it('is refused for a missing sheet and for an unsupported encoding', async () => {
    const announced = await announce({ file: { sheet: 'Members' } });
    expect((await send(announced, 'Email\na@x.se\n')).status).toBe(400);
    expect((await poll(announced.import_id)).error).toContain('not a workbook');
    await announce({ file: { encoding: 'latin1' } }, 400);
    await announce({ file: { header_row: 0 } }, 400);
  });

  it('may use one column for the key and an attribute; dates and numbers are read as their columns show or as specified', async () => {
    const created = async (name: string, type: AttributeType) => {
      const made = await createAttribute(account.admin, { sectionId: account.sectionId, name, type });
      if (!made.ok) throw new Error(made.refusal.message);
      return (await listAttributes(pool(), account.sectionId)).find(({ code }) => code === made.value.code)!;
    };
    const [copy, since, until, sum] = [
      await created('Copy of the key', 'text'),
      await created('Since', 'date'),
      await created('Until', 'date'),
      await created('Sum', 'number'),
    ];
    const crm = keyOf('id');
    const crmId = (await listAttributes(pool(), account.sectionId)).find(({ code }) => code === 'crmid')!.id;
    const announced = await announce({
      attribute_mappings: [
        { field_selector: 'Email', attribute_version_id: copy.discriminator },
        { field_selector: 'Since', attribute_version_id: since.discriminator },
        { field_selector: 'Until', attribute_version_id: until.discriminator, date_order: 'mdy' },
        { field_selector: 'Sum', attribute_version_id: sum.discriminator, decimal_sign: '.' },
        // An attribute that follows a key, in a column that is not named after that key.
        { field_selector: 'Id', attribute_version_id: 'com.apsis1.attributes.crmid' },
      ],
    });
    const [ann, bo] = [keyOf('ann'), keyOf('bo')];
    const file = `Email;Since;Until;Sum;Id\n${ann};03/04/2024;03/04/2024;1,234;${crm}\n${bo};12/31/2024;;13.75;\n`;
    expect((await send(announced, file)).status).toBe(204);
    await runImport(announced.import_id);
    const attributesOf = (key: string) =>
      json(`/audience/keyspaces/${EMAIL}/profiles/${encodeURIComponent(key)}/sections/${section}/attributes`);
    expect(await attributesOf(ann)).toMatchObject({
      [copy.id]: ann,
      [since.id]: '2024-03-04',
      [until.id]: '2024-03-04',
      [sum.id]: 1234,
      [crmId]: crm,
    });
    expect(await attributesOf(bo)).toMatchObject({ [since.id]: '2024-12-31', [sum.id]: 13.75 });
  });

  it('reports how its file was read, reads a column of dates like the others, and national numbers of the given country', async () => {
    const made = [];
    for (const [name, type] of [
      ['Joined', 'date'],
      ['Left', 'date'],
      ['Cost', 'number'],
    ] as const) {
      const created = await createAttribute(account.admin, { sectionId: account.sectionId, name, type });
      if (!created.ok) throw new Error(created.refusal.message);
      const known = await listAttributes(pool(), account.sectionId);
      made.push(known.find(({ code }) => code === created.value.code)!);
    }
    const attribute_mappings = [
      ...made.map(({ name, discriminator }) => ({ field_selector: name, attribute_version_id: discriminator })),
      { field_selector: 'Phone', attribute_version_id: 'com.apsis1.attributes.mobile' },
    ];
    await announce({ attribute_mappings, country: 'XX' }, 400);
    const announced = await announce({ attribute_mappings, country: 'SE' });
    expect((await poll(announced.import_id)).file).toBeNull();
    const ann = keyOf('ann');
    const file = `Email;Joined;Left;Cost;Phone\n${ann};03/04/2024;;1,234;070-123 91 01\n${ann};;12/31/2024;;\n`;
    expect((await send(announced, file)).status).toBe(204);
    const read = { decimal_sign: null, date_order: null, two_digit_years: null };
    expect((await poll(announced.import_id)).file).toEqual({
      encoding: 'utf-8',
      encoding_basis: 'found',
      delimiter: ';',
      header_row: 1,
      sheet: null,
      columns: [
        { ...read, field_selector: 'Joined', date_order: 'mdy', basis: 'assumed' },
        { ...read, field_selector: 'Left', date_order: 'mdy', basis: 'found' },
        { ...read, field_selector: 'Cost', basis: 'unknown' },
      ],
      notes: [],
    });
    await runImport(announced.import_id);
    expect((await poll(announced.import_id)).counts).toMatchObject({ rejected: 1 });
    const again = await announce({ attribute_mappings, country: 'SE' });
    expect((await send(again, file.replace('1,234', '1,5'))).status).toBe(204);
    await runImport(again.import_id);
    const attributesOf = `/audience/keyspaces/${EMAIL}/profiles/${encodeURIComponent(ann)}/sections/${section}/attributes`;
    expect(await json(attributesOf)).toMatchObject({ [made[0]!.id]: '2024-03-04', [made[2]!.id]: 1.5 });
    expect(Object.values(await json<Record<string, unknown>>(attributesOf))).toContain('46701239101');
  });

  it('is refused if a name fits several columns, unless it is numbered', async () => {
    const [ann, bo] = [keyOf('ann'), keyOf('bo')];
    const file = `Email,Name,Status,Name,Email\n${ann},Ann,active,Acme AB,${bo}\n`;
    const named = (field_selector: string, column = 'Email (1)') => ({
      keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: column },
      attribute_mappings: [{ field_selector, attribute_version_id: 'com.apsis1.attributes.firstname' }],
    });
    const refused = await announce(named('Name'));
    const answer = (await (await send(refused, file)).json()) as { detail: string };
    expect(answer.detail).toContain('“Name” occurs twice on line 1: write “Name (1)”, “Name (2)” for the one you mean');
    expect(await poll(refused.import_id)).toMatchObject({ status: 'error', error: answer.detail });
    const key = await announce(named('Name (2)', 'Email'));
    expect(await (await send(key, file)).text()).toContain('“Email” occurs twice');
    const second = await announce(named('Name (2)'));
    expect((await send(second, file)).status).toBe(204);
    await runImport(second.import_id);
    const attributesOf = `/audience/keyspaces/${EMAIL}/profiles/${encodeURIComponent(ann)}/sections/${section}/attributes`;
    expect(Object.values(await json<Record<string, unknown>>(attributesOf))).toContain('Acme AB');
    const other = await announce(named('Name (1)', 'Email (2)'));
    expect((await send(other, file)).status).toBe(204);
    await runImport(other.import_id);
    expect(
      Object.values(
        await json<Record<string, unknown>>(attributesOf.replace(encodeURIComponent(ann), encodeURIComponent(bo))),
      ),
    ).toContain('Ann');
    const both = await announce({
      keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Email (1)' },
      attribute_mappings: [
        { field_selector: 'Name', attribute_version_id: 'com.apsis1.attributes.firstname' },
        { field_selector: 'Name (1)', attribute_version_id: 'com.apsis1.attributes.lastname' },
      ],
    });
    expect(await (await send(both, file)).text()).toContain('“Name” and “Name (1)” are the same column');
  });

  it('names the rows of a sheet, another sheet with the same columns, and a title that may begin another table', async () => {
    const rowsOf = (...cells: string[][]) => XLSX.utils.aoa_to_sheet(cells);
    const [ann, bo, cy] = [keyOf('ann'), keyOf('bo'), keyOf('cy')];
    const book = workbookOf({
      Januari: rowsOf(
        ['Email', 'Name'],
        [ann, 'Ann\nBerg'],
        ['not an address', 'Bo'],
        [],
        ['VIP'],
        [bo, 'Bo'],
        [cy, 'Cy'],
      ),
      Februari: rowsOf(['Email', 'Name'], [bo, 'Bo']),
    });
    const announced = await announce({
      attribute_mappings: [{ field_selector: 'Name', attribute_version_id: 'com.apsis1.attributes.firstname' }],
    });
    expect((await send(announced, new Uint8Array(book))).status).toBe(204);
    await runImport(announced.import_id);
    const { counts, file } = await poll(announced.import_id);
    expect(counts).toMatchObject({ created: 3, rejected: 2 });
    expect(file).toMatchObject({
      sheet: 'Januari',
      notes: [
        expect.stringContaining('another sheet with the same columns: “Februari”') as string,
        expect.stringContaining('“VIP” stands alone on line 5') as string,
      ],
    });
    const lines = await rows<{ line: number }>(
      pool(),
      sql`select reject.line from import_reject reject
          join import_request request on request.section_id = reject.section_id and request.import_id = reject.import_id
          where request.id = ${Number(announced.import_id)} order by 1`,
    );
    expect(lines.map(({ line }) => line)).toEqual([3, 5]);
    const attributesOf = `/audience/keyspaces/${EMAIL}/profiles/${encodeURIComponent(ann)}/sections/${section}/attributes`;
    expect(Object.values(await json<Record<string, unknown>>(attributesOf))).toContain('Ann\nBerg');
  });

  it('gives the reasons of its rejected and left out rows, page by page, to API keys of all its keyspaces', async () => {
    const announced = await announce({
      attribute_mappings: [{ field_selector: 'Born', attribute_version_id: 'com.apsis1.attributes.birthdate' }],
    });
    const rowsPath = `/audience/sections/${section}/imports/${announced.import_id}/rows`;
    type Page = { items: { line: number; reasons: string[] }[]; next: string | null };
    expect(await json<Page>(rowsPath)).toEqual({ items: [], next: null });
    expect((await send(announced, `Email,Born\nx,\n${keyOf('ann')},0/0/00\ny,\n`)).status).toBe(204);
    await runImport(announced.import_id);
    const first = await json<Page>(`${rowsPath}?limit=1`);
    expect(first).toEqual({ items: [{ line: 2, reasons: ['Email: “x” is not an email address'] }], next: '1' });
    expect(await json<Page>(`${rowsPath}?limit=1&after=${first.next}`)).toMatchObject({
      items: [{ line: 4 }],
      next: null,
    });
    expect(await json<Page>(`${rowsPath}?outcome=left_out`)).toMatchObject({
      items: [{ line: 3, reasons: [expect.stringContaining('0/0/00') as string] }],
      next: null,
    });
    const as = await tokenOf(await makeKey({ keyspaces: [account.keyspaces.crm_id] }));
    await json(rowsPath, 404, { as });
    await json(`/audience/sections/${section}/imports/999999999/rows`, 404);
  });

  it('assumes an encoding if there is no evidence, and says so', async () => {
    const announced = await announce({});
    const file = Buffer.concat([
      Buffer.from(`Email,Name\r\n${keyOf('ann')},O`),
      Buffer.from([0x92]),
      Buffer.from('Brien\r\n'),
    ]);
    expect((await send(announced, new Uint8Array(file))).status).toBe(204);
    expect((await poll(announced.import_id)).file).toMatchObject({
      encoding: 'windows-1252',
      encoding_basis: 'assumed',
    });
    const chosen = await announce({ file: { encoding: 'macintosh' } });
    expect((await send(chosen, new Uint8Array(file))).status).toBe(204);
    expect((await poll(chosen.import_id)).file).toMatchObject({ encoding: 'macintosh', encoding_basis: 'chosen' });
  });

  it('is refused at once if a column is used for several things, or several columns for one', async () => {
    const [vip, fair] = [await makeTag('VIP twice'), await makeTag('Fair twice')];
    const firstname = (column: string) => ({
      field_selector: column,
      attribute_version_id: 'com.apsis1.attributes.firstname',
    });
    const lastname = { field_selector: 'First', attribute_version_id: 'com.apsis1.attributes.lastname' };
    const tag = (column: string, { id }: { id: number }) => ({ field_selector: column, tag_version_id: String(id) });
    const email = { field_selector: 'Other', attribute_version_id: 'com.apsis1.attributes.email' };
    const bodies = [
      { attribute_mappings: [firstname('First'), lastname] },
      { attribute_mappings: [firstname('First'), firstname('Name')] },
      { attribute_mappings: [email] },
      { tag_mappings: [tag('Email', vip)] },
      { tag_mappings: [tag('VIP', vip), tag('VIP', fair)] },
      { attribute_mappings: [firstname('First')], tag_mappings: [tag('First', vip)] },
    ];
    for (const body of bodies) await announce(body, 400);
  });

  it('says what is wrong: a missing column, no table, no file, the wrong token', async () => {
    const cases = [
      ['E-mail\na@x.se\n', 'no column “Email”'],
      ['', 'empty'],
    ] as const;
    for (const [content, words] of cases) {
      const announced = await announce({});
      const answer = await send(announced, content);
      expect(answer.status).toBe(400);
      const { status, error } = await poll(announced.import_id);
      expect(status).toBe('error');
      expect(error?.toLowerCase()).toContain(words.toLowerCase());
    }
    const announced = await announce({});
    const body = { ...announced.file_upload_body, token: 'guessed' };
    expect((await send({ ...announced, file_upload_body: body }, 'Email\n')).status).toBe(403);
    const noForm = await fetch(announced.file_upload_url, { method: 'POST', body: 'Email\n' });
    expect(noForm.status).toBe(400);
    expect(await poll(announced.import_id)).toMatchObject({ status: 'waiting_for_file' });
  });

  it('whose form ends in the middle of the file is refused with the reason and can be retried; nothing stays open', async () => {
    const announced = await announce({});
    const cut = (end: string) => {
      const part = (name: string, value: string) =>
        `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const fields = Object.entries(announced.file_upload_body).map(([name, value]) => part(name, value));
      const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\nEmail\r\nann@';
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      return fetch(announced.file_upload_url, { method: 'POST', headers, body: `${fields.join('')}${file}${end}` });
    };
    // More than the number of concurrent uploads allowed.
    for (let turn = 0; turn < 6; turn++) {
      const answer = await cut('');
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('Send it again') as string });
    }
    const left = await rows(
      pool(),
      sql`select from import where section_id = ${account.sectionId} and status = 'uploading'`,
    );
    expect(left).toEqual([]);
    expect((await cut('example.com\r\n--b--\r\n')).status).toBe(204);
  });

  it('is refused with tags that may not be written, unknown names, a read-only key, and the fourth at once', async () => {
    const guarded = await makeTag('Guarded');
    await execute(
      pool(),
      sql`insert into tag_permission (section_id, tag_id, keyspace_id, can_read, can_write)
          values (${account.sectionId}, ${guarded.id}, ${account.keyspaces.email}, true, false)`,
    );
    const mapping = { field_selector: 'x', tag_version_id: guarded.discriminator };
    await announce({ tag_mappings: [mapping] }, 403);
    await announce({ tags: { apply: [guarded.discriminator] } }, 403);
    await announce({ attribute_mappings: [{ field_selector: 'x', attribute_version_id: 'none' }] }, 404);
    await announce({}, 403, { as: await tokenOf(await makeKey({ canWrite: false })) });
    for (let waiting = 0; waiting < 3; waiting++) await announce({});
    await announce({}, 429);
  });

  it('is announced for three of several concurrent calls', async () => {
    const body = { keyspace_mapping: { keyspace_discriminator: EMAIL, field_selector: 'Email' } };
    // Every call has counted pending imports by now, or waits for one that has.
    const held = await hold((tx) => execute(tx, sql`lock table import_request in exclusive mode`));
    const announced = Promise.all(
      Array.from({ length: 8 }, () =>
        call(`/v2/audience/sections/${section}/imports`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        }),
      ),
    );
    await untilWaiting(8);
    await held.commit();
    expect((await announced).map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429, 429, 429, 429]);
  });
});

describe('an export', () => {
  type Export = { export_id: string; download_url: string };
  const ask = (body: object, status = 202, more: object = {}) =>
    json<Export>('/audience/profiles/exports', status, {
      method: 'POST',
      body: { section_discriminator: section, ...body },
      ...more,
    });

  it('is a file of keys, attributes and tags that is safe for spreadsheets', async () => {
    const vip = await makeTag('Exported');
    const key = keyOf('export');
    await json(tagsPath(key), 204, { method: 'PATCH', body: { [vip.discriminator]: true } });
    const values = { 'com.apsis1.attributes.firstname': '=HYPERLINK("http://x")' };
    const path = `/audience/keyspaces/${EMAIL}/profiles/${encodeURIComponent(key)}/sections/${section}/attributes`;
    await json(path, 204, { method: 'PATCH', body: values });
    const reader = await tokenOf(await makeKey({ canWrite: false }));
    const { download_url: url } = await ask(
      {
        keyspace_discriminators: [EMAIL],
        attributes: ['com.apsis1.attributes.firstname'],
        include_tags: true,
        tags: [vip.discriminator],
      },
      202,
      { as: reader },
    );
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const lines = parse(await answer.text());
    const { name } = await one<{ name: string }>(pool(), sql`select name from tag where id = ${vip.id}`);
    expect(lines).toEqual([
      ['Email', 'First name', 'Tags'],
      [key, `'=HYPERLINK("http://x")`, name],
    ]);
    expect((await fetch(`${url}x`)).status).toBe(404);
  });

  it('has unique titles', async () => {
    const { download_url: url } = await ask({});
    const [titles] = parse(await (await fetch(url)).text());
    expect(titles).toEqual(expect.arrayContaining(['Mobile', 'Mobile (attribute)', 'First name']));
    expect(new Set(titles).size).toBe(titles!.length);
  });

  it('has every profile, page after page', async () => {
    await createTestProfiles(account.sectionId, 4_500);
    const { download_url: url } = await ask({ keyspace_discriminators: [EMAIL], attributes: [] });
    const { count } = await one<{ count: number }>(
      pool(),
      sql`select count(*) as count from profile where section_id = ${account.sectionId}`,
    );
    expect(parse(await (await fetch(url)).text()).length - 1).toBe(count);
  });

  it('is refused for unknown names', async () => {
    await ask({ section_discriminator: 'none' }, 404);
    await ask({ attributes: ['none'] }, 404);
    await ask({ tags: ['none'] }, 404);
    expect((await fetch(`${server.address}/uploads/exports/1/none`)).status).toBe(404);
  });
});
