// What an upload stores: a workbook's rows, nothing of a refused file, and no more than the quota.
import * as XLSX from '@e965/xlsx';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { actorKey, type Actor } from '@/lib/access/actor';
import type { ImportId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, sql } from '@/lib/db/sql';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { sheetOf, workbookOf } from '@/testing/workbooks';
import { peekAtFile, readFirstRows } from './file';
import { getImport } from './queries';
import { changeFormat, discardImport, uploadFile } from './stage';
import { readWorkbook } from './workbook';

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Uploads');
});
afterEach(() => vi.unstubAllEnvs());

async function* once(bytes: Uint8Array | string) {
  yield Buffer.from(bytes);
}

const send = (content: Uint8Array | string, fileName = 'people', actor: Actor = account.admin) =>
  uploadFile(actor, { sectionId, fileName, maxBytes: 50_000_000 }, once(content));

async function upload(content: Uint8Array | string, fileName?: string): Promise<ImportId> {
  const result = await send(content, fileName);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.id;
}

async function rowsOf(importId: ImportId) {
  const found = (await getImport(pool(), sectionId, importId))!;
  const rows = await readFirstRows(pool(), { ...found, sectionId, importId }, 10);
  return { columns: found.format.columns, rows: rows.map(({ cells }) => cells) };
}

const kept = () =>
  one<{ imports: number; bytes: number }>(
    pool(),
    sql`select (select count(*) from import where section_id = ${sectionId}) as imports,
          (select coalesce(sum(octet_length(bytes)), 0)::float8 from import_chunk where section_id = ${sectionId}) as bytes`,
  );

/** Connections of this database that are idle in a transaction. */
async function transactions(): Promise<number> {
  const { open } = await one<{ open: number }>(
    pool(),
    sql`select count(*) as open from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction'`,
  );
  return open;
}

it('keeps and reports text that was damaged before the file was made: lost letters, and wrongly decoded ones', async () => {
  const id = await upload('Email,Name\na@x.se,Åsa Élan\nb@x.se,V\uFFFDxjö\nc@x.se,Ã…sa\nd@x.se,BjÃ¶rn\n');
  expect((await getImport(pool(), sectionId, id))!.format).toMatchObject({
    encoding: 'utf-8',
    doubts: [
      expect.stringContaining(
        'Line 3 has “\uFFFD” for letters that were lost when the file was made: “V\uFFFDxjö”',
      ) as string,
      expect.stringContaining('2 rows, first on line 4, have text such as “Ã…sa”, which was “Åsa” before') as string,
    ],
  });
});

it('reports possible mistakes in a file: a title that may start another table, and another sheet with the same columns', async () => {
  const csv = await upload('Email,Name\na@x.se,Ann\n\nVIP\nb@x.se,Bo\n');
  expect((await getImport(pool(), sectionId, csv))!.format.doubts).toEqual([
    expect.stringContaining('“VIP” stands alone on line 4') as string,
  ]);
  const wide = await upload('Email,Amount\na@x.se,12,50\nb@x.se,13,75\n');
  expect((await getImport(pool(), sectionId, wide))!.format.doubts).toEqual([
    expect.stringContaining(
      '2 rows have something in “Column 3”, which the header does not name, first on line 2',
    ) as string,
  ]);
  const sheet = XLSX.utils.aoa_to_sheet([['Email'], ['a@x.se']]);
  const book = await upload(workbookOf({ One: sheet, Two: sheet }));
  expect((await getImport(pool(), sectionId, book))!.format.alike).toEqual({ Two: [1, 2] });
});

describe('a workbook', () => {
  it('is read as people see it, and another sheet can be chosen', async () => {
    const people = sheetOf(
      {
        A1: { t: 's', v: 'Email' },
        B1: { t: 's', v: 'Time watched' },
        C1: { t: 's', v: 'Phone' },
        A2: { t: 's', v: 'a@x.se' },
        B2: { t: 'n', v: 1.25, z: '[h]:mm' },
        C2: { t: 'n', v: 701234501, z: '"+46 "0' },
      },
      'A1:C2',
    );
    const lookup = XLSX.utils.aoa_to_sheet([['Email'], ['hidden@x.se']]);
    const others = XLSX.utils.aoa_to_sheet([['Email'], ['b@x.se']]);
    const importId = await upload(
      workbookOf({ Lookup: lookup, People: people, Others: others }, { hidden: [2, 0, 0] }),
    );
    expect(await rowsOf(importId)).toEqual({
      columns: ['Email', 'Time watched', 'Phone'],
      rows: [['a@x.se', '30:00', '+46 701234501']],
    });
    const { delimiter, encoding, header } = (await getImport(pool(), sectionId, importId))!.format;
    const format = { delimiter, encoding, header, sheet: 'Others' };
    const changed = await changeFormat(account.admin, { sectionId, importId, format });
    expect(changed).toMatchObject({ ok: true });
    expect(await rowsOf(importId)).toEqual({ columns: ['Email'], rows: [['b@x.se']] });
  });

  it('stays unchanged if the client disconnects while another sheet is being read', async () => {
    const sheets = Object.fromEntries(
      ['First', 'Second'].map((name) => [name, XLSX.utils.aoa_to_sheet([['Email'], [`${name}@x.se`]])]),
    );
    const book = workbookOf(sheets);
    const importId = await upload(book);
    // The person's other workbook is being read, so this one waits.
    const other = await readWorkbook(book, undefined, { who: actorKey(account.admin) });
    const left = new AbortController();
    const input = { sectionId, importId, format: { sheet: 'Second' } };
    const changed = changeFormat(account.admin, input, { signal: left.signal });
    await expect.poll(transactions).toBe(1);
    left.abort();
    expect(await changed).toMatchObject({ ok: false, refusal: { code: 'invalid', field: 'format' } });
    expect(await transactions()).toBe(0);
    expect(await rowsOf(importId)).toEqual({ columns: ['Email'], rows: [['First@x.se']] });
    for await (const piece of other.csv) expect(piece.length).toBeGreaterThan(0);
    expect(await changeFormat(account.admin, input)).toMatchObject({ ok: true });
    expect(await rowsOf(importId)).toMatchObject({ rows: [['Second@x.se']] });
  });

  it('that cannot be read is refused and leaves nothing; a look at its beginning shows nothing', async () => {
    const page = '<html><body>Please sign in</body></html>';
    expect(await send(page, 'export.xls')).toMatchObject({
      ok: false,
      refusal: {
        code: 'invalid',
        field: 'file',
        message: expect.stringContaining('a web page without a table') as string,
      },
    });
    expect(await kept()).toEqual({ imports: 0, bytes: 0 });
    expect(await peekAtFile(once(page))).toBeNull();
  });

  it('is read to its end even to look at its beginning: a request whose body is not read gets no answer', async () => {
    const rows = Array.from({ length: 30_000 }, (_, index) => `p${index}@example.com,Ann`);
    const bytes = Buffer.from(['Email,Name', ...rows].join('\n'));
    let read = 0;
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 65_536) {
        const piece = bytes.subarray(at, at + 65_536);
        yield piece;
        read += piece.length;
      }
    }
    expect(await peekAtFile(pieces())).toMatchObject({ format: { columns: ['Email', 'Name'] } });
    expect([bytes.length > 600_000, read]).toEqual([true, bytes.length]);
  });
});

describe('the quota of waiting uploads', () => {
  const file = (kilobytes: number) => `Email\n${'someone@example.com\n'.repeat((kilobytes * 1_024) / 20)}`;

  it('applies to a person in a section; the refusal names what is waiting', async () => {
    vi.stubEnv('TAGWELL_UPLOADS_PER_PERSON_MB', '1');
    const first = await upload(file(700), 'first.csv');
    const refused = await send(file(700), 'second.csv');
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'too_many_requests' } });
    expect(!refused.ok && refused.refusal.message).toBe(
      'Your uploads in this section may take 1 MB while they wait, and this one does not fit. Waiting: “first.csv” (1 MB). Import or discard some of them under Imports, then upload it again.',
    );
    expect((await kept()).imports).toBe(1);
    const other = account.owner;
    expect((await send(file(700), 'theirs.csv', other)).ok).toBe(true);
    await discardImport(account.admin, { sectionId, importId: first });
    expect((await send(file(700), 'second.csv')).ok).toBe(true);
  });

  it('applies to a section, and to the installation', async () => {
    vi.stubEnv('TAGWELL_UPLOADS_PER_SECTION_MB', '1');
    await upload(file(700), 'first.csv');
    const other = account.owner;
    expect(await send(file(700), 'second.csv', other)).toMatchObject({
      refusal: { message: expect.stringContaining('The uploads in this section may take 1 MB') as string },
    });
    vi.unstubAllEnvs();
    vi.stubEnv('TAGWELL_UPLOADS_MB', '1');
    expect(await send(file(700), 'second.csv')).toMatchObject({
      refusal: { message: expect.stringContaining('TAGWELL_UPLOADS_MB') as string },
    });
  });

  it('applies to the unpacked size of an archive', async () => {
    vi.stubEnv('TAGWELL_UPLOADS_PER_PERSON_MB', '1');
    const { gzipSync } = await import('node:zlib');
    expect((await send(gzipSync(file(3_000)))).ok).toBe(false);
    expect(await kept()).toEqual({ imports: 0, bytes: 0 });
  });
});

it('a person can upload three files at once, and is refused the fourth', async () => {
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  async function* slow() {
    yield Buffer.from('Email\n');
    await held;
    yield Buffer.from('a@x.se\n');
  }
  const start = () => uploadFile(account.admin, { sectionId, fileName: 'a.csv', maxBytes: 1_000 }, slow());
  const open = [start(), start(), start()];
  expect(await start()).toMatchObject({ ok: false, refusal: { code: 'too_many_requests' } });
  release();
  expect((await Promise.all(open)).map(({ ok }) => ok)).toEqual([true, true, true]);
  expect((await send('Email\na@x.se\n')).ok).toBe(true);
});
