// Imports from upload to undo: real files, several at once, and crashes halfway.
import fs from 'node:fs';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { ImportId, KeyspaceId, OperationId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { csvLine } from '@/lib/export/csv';
import { undoOperation } from '@/lib/activity/commands';
import { getOperation } from '@/lib/activity/queries';
import { OPERATION_KINDS } from '@/lib/activity/kinds';
import { listUndoExceptions } from '@/lib/operations/queries';
import type { OperationStep } from '@/lib/work/kind';
import { WORK_OPTIONS } from '@/lib/work/options';
import { runOperation } from '@/lib/work/run';
import { changeProfileTags, updateProfile } from '@/lib/profiles/commands';
import { listKeyspaces } from '@/lib/profiles/queries';
import {
  createTestAccount,
  createTestSection,
  createTestTag,
  runToEnd,
  withStep,
  type TestAccount,
} from '@/testing/fixtures';
import { sheetOf, workbookOf } from '@/testing/workbooks';
import { expectInvariants } from '@/testing/invariants';
import { itOnOneServer } from '@/testing/one-server';
import { reopenImport, saveMapping, startDryRun, startImport } from './commands';
import { guessMapping, reuseMapping } from './guess';
import { listLeftOut } from './left-out';
import { readFirstRows } from './file';
import { getImport, listRejects, mappingOfSimilarFile, SAMPLE_ROWS, sampleColumns, unusedNewTags } from './queries';
import { problemsIn, type Mapping, type NotationChoice } from './schema';
import { importKind } from './kinds';
import { findNamesInFile, convertFirstRows } from './preview';
import { changeFormat, checkFile, uploadFile } from './stage';

let account: TestAccount;
let sectionId: SectionId;
beforeAll(async () => {
  account = await createTestAccount();
});
beforeEach(async () => {
  sectionId = await createTestSection(account.accountId, 'Import');
});

async function upload(content: string | Buffer): Promise<ImportId> {
  const result = await uploadFile(
    account.admin,
    { sectionId, fileName: 'people.csv', maxBytes: 50_000_000 },
    bytesOf(content),
  );
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value.id;
}

async function* bytesOf(content: string | Buffer) {
  yield Buffer.from(content);
}

/** Uploads a file and maps it as the wizard suggests. */
async function prepare(content: string | Buffer, choices: Partial<Mapping> = {}): Promise<ImportId> {
  const importId = await upload(content);
  const found = (await getImport(pool(), sectionId, importId))!;
  const guessed = guessMapping(
    sampleColumns(found.format.columns, await readFirstRows(pool(), { ...found, sectionId, importId }, SAMPLE_ROWS)),
    await listKeyspaces(pool(), account.accountId),
    await listAttributes(pool(), sectionId),
  );
  const saved = await saveMapping(account.admin, { sectionId, importId, mapping: { ...guessed, ...choices } });
  if (!saved.ok) throw new Error(saved.refusal.message);
  return importId;
}

async function begin(
  content: string | Buffer,
  choices: Partial<Mapping> = {},
): Promise<{ importId: ImportId; operationId: OperationId }> {
  const importId = await prepare(content, choices);
  const started = await startImport(account.admin, { sectionId, importId });
  if (!started.ok) throw new Error(started.refusal.message);
  return { importId, operationId: started.value.operationId };
}

async function run(content: string | Buffer, choices: Partial<Mapping> = {}) {
  const started = await begin(content, choices);
  const counts = await runToEnd(sectionId, started.operationId);
  return { ...started, counts };
}

async function undo(operationId: OperationId) {
  const result = await undoOperation(account.admin, { sectionId, operationId });
  if (!result.ok) throw new Error(result.refusal.message);
  return runToEnd(sectionId, result.value.undoId);
}

/** Everybody in the section: key → values and tags. */
async function people() {
  const found = await rows<{ key: string; attributes: Record<string, unknown>; tags: string[] }>(
    pool(),
    sql`
      select first.key, profile.attributes,
        array(select tag.name from profile_tag held join tag on tag.section_id = held.section_id and tag.id = held.tag_id
              where held.section_id = profile.section_id and held.profile_id = profile.id order by 1) as tags
      from profile
      cross join lateral (
        select min(key) as key from profile_key
        where profile_key.section_id = profile.section_id and profile_key.profile_id = profile.id
      ) first
      where profile.section_id = ${sectionId} and first.key is not null
      order by 1`,
  );
  return Object.fromEntries(found.map(({ key, attributes, tags }) => [key, { attributes, tags }]));
}

describe('an import', () => {
  it('imports us-500.csv with a tag, and keeps ZIP codes as text', async () => {
    await createAttribute(account.admin, { sectionId, name: 'Zip', type: 'text' });
    const tagId = await createTestTag(sectionId, 'Trade Show Lead');
    const { counts, importId } = await run(fs.readFileSync('testing/files/us-500.csv'), { apply: [tagId] });
    expect(counts).toMatchObject({ rows: 500, created: 500, rejected: 0, applied: 500 });
    const all = await people();
    const zip = (await listAttributes(pool(), sectionId)).find(({ name }) => name === 'Zip')!.code;
    expect(all['jbutt@gmail.com']).toMatchObject({
      attributes: { firstname: 'James', lastname: 'Butt' },
      tags: ['Trade Show Lead'],
    });
    expect(Object.values(all).map(({ attributes }) => attributes[zip])).toContain('70116');
    expect(await getImport(pool(), sectionId, importId)).toMatchObject({ status: 'done', rows: 500 });
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from import_row where section_id = ${sectionId}`,
    );
    expect(left).toBe(0);
  });

  it('keeps the leading zeros of codes', async () => {
    await createAttribute(account.admin, { sectionId, name: 'Zip', type: 'text' });
    await run('Email,Zip\na@x.se,00501\n');
    expect(Object.values((await people())['a@x.se']!.attributes)).toContain('00501');
  });

  it('rejects an invalid email in row 250, with its line and reason, and imports the others', async () => {
    const lines = Array.from({ length: 300 }, (_, index) =>
      index === 249 ? 'not an address,Row 250' : `p${index}@example.com,P${index}`,
    );
    const { counts, importId } = await run(`Email,First name\n${lines.join('\n')}\n`);
    expect(counts).toMatchObject({ rows: 300, created: 299, rejected: 1 });
    expect(await listRejects(pool(), sectionId, importId, { limit: 10 })).toEqual([
      {
        row: 250,
        line: 251,
        cells: ['not an address', 'Row 250'],
        reason: 'Email: “not an address” is not an email address',
      },
    ]);
  });

  it('uses the last row for an email with different data', async () => {
    const { counts } = await run('Email,First name,Last name\na@x.se,Old,Kept\nA@X.SE,New,\n');
    expect(counts).toMatchObject({ rows: 2, created: 1, repeated: 1 });
    expect(await people()).toMatchObject({ 'a@x.se': { attributes: { firstname: 'New', lastname: 'Kept' } } });
  });

  it('does not clear a value that another row of the same person has', async () => {
    await run('Email,First name,Last name\na@x.se,Ann,Ek\n');
    const { counts } = await run('Email,First name,Last name\na@x.se,Anna,\na@x.se,,\n', { erase: true });
    expect(counts).toMatchObject({ updated: 1, repeated: 1 });
    expect((await people())['a@x.se']!.attributes).toEqual({ email: 'a@x.se', firstname: 'Anna' });
  });

  it('updates existing profiles, leaves unchanged ones, and never clears a value by an empty cell', async () => {
    await run('Email,First name,Last name\na@x.se,A,One\nb@x.se,B,Two\n');
    const { counts } = await run('Email,First name,Last name\na@x.se,,Uno\nb@x.se,B,Two\nc@x.se,C,Three\n');
    expect(counts).toMatchObject({ created: 1, updated: 1, unchanged: 1 });
    expect(await people()).toMatchObject({ 'a@x.se': { attributes: { firstname: 'A', lastname: 'Uno' } } });
  });

  it('imports only new or only existing profiles, and tags as chosen', async () => {
    const tagId = await createTestTag(sectionId, 'Newcomer');
    await run('Email,First name\na@x.se,Ann\n');
    const file = 'Email,First name\na@x.se,Other\nb@x.se,Bo\nB@x.se,Bob\n';
    const onlyNew = await run(file, { rows: 'new', apply: [tagId] });
    expect(onlyNew.counts).toMatchObject({ created: 1, skipped: 1, updated: 0, applied: 1, already: 0 });
    expect(await people()).toMatchObject({
      'a@x.se': { attributes: { firstname: 'Ann' }, tags: [] },
      'b@x.se': { attributes: { firstname: 'Bob' }, tags: ['Newcomer'] },
    });
    const onlyThere = await run('Email,First name\na@x.se,Anna\nc@x.se,Cy\n', { rows: 'existing' });
    expect(onlyThere.counts).toMatchObject({ created: 0, skipped: 1, updated: 1 });
    expect(Object.keys(await people())).toEqual(['a@x.se', 'b@x.se']);
    const tagThere = await run('Email\na@x.se\nd@x.se\n', { tagged: 'existing', apply: [tagId] });
    expect(tagThere.counts).toMatchObject({ created: 1, applied: 1 });
    expect((await people())['d@x.se']).toMatchObject({ tags: [] });
  });

  it('treats profiles that it created itself as new in every step', async () => {
    const lines = Array.from({ length: 5_100 }, (_, index) => `p${index}@x.se,First`);
    const { counts } = await run(`Email,First name\n${lines.join('\n')}\np0@x.se,Second\n`, { rows: 'new' });
    expect(counts).toMatchObject({ created: 5_100, repeated: 1, skipped: 0 });
    expect((await people())['p0@x.se']).toMatchObject({ attributes: { firstname: 'Second' } });
  });

  it('remembers the mapping of a file with the same columns, but not its tags', async () => {
    const tagId = await createTestTag(sectionId, 'Once');
    await run('Email,Who\na@x.se,Ann\n', { rows: 'new', apply: [tagId] });
    const like = await mappingOfSimilarFile(pool(), sectionId, { header: true, columns: ['Email', 'Who'] });
    expect(like).toMatchObject({ fileName: 'people.csv', mapping: { rows: 'new', apply: [], remove: [] } });
    const others = [
      { header: true, columns: ['Who', 'Email'] },
      { header: false, columns: ['Email', 'Who'] },
    ];
    for (const other of others) expect(await mappingOfSimilarFile(pool(), sectionId, other)).toBeUndefined();
    const keyspaces = await listKeyspaces(pool(), account.accountId);
    const gone = { ...like!.mapping, columns: [like!.mapping.columns[0]!, { to: 'attribute' as const, code: 'gone' }] };
    const columns = ['Email', 'Who'].map((name) => ({ name, filled: 0, samples: [] }));
    const again = reuseMapping(gone, columns, guessMapping(columns, keyspaces, []), {
      keyspaces,
      attributes: [],
      evidence: null,
    });
    expect(again.mapping.columns).toEqual([like!.mapping.columns[0], { to: 'nothing' }]);
  });

  it('keeps existing values, or fills only empty ones, including keys', async () => {
    await run('Email,First name,Mobile\na@x.se,Ann,+46701111111\nb@x.se,,\n');
    const file = 'Email,First name,Last name,Mobile\na@x.se,Other,New,+46702222222\nb@x.se,Bo,Ny,+46703333333\n';
    expect((await run(file, { existing: 'keep' })).counts).toMatchObject({ updated: 0, unchanged: 2 });
    const { counts } = await run(file, { existing: 'fill' });
    expect(counts).toMatchObject({ updated: 2 });
    const all = await people();
    expect(Object.values(all).map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ email: 'a@x.se', firstname: 'Ann', lastname: 'New', mobile: '46701111111' }),
      expect.objectContaining({ email: 'b@x.se', firstname: 'Bo', lastname: 'Ny', mobile: '46703333333' }),
    ]);
  });

  it('changes neither of two profiles that one row would join', async () => {
    await run('Email,Mobile\na@x.se,+46701234567\n');
    const { counts, importId } = await run('Email,Mobile\nb@x.se,+46701234567\n');
    expect(counts).toMatchObject({ rejected: 1, created: 0 });
    const [reject] = await listRejects(pool(), sectionId, importId, { limit: 1 });
    expect(reject?.reason).toContain('belongs to another profile');
    expect(Object.keys(await people())).toHaveLength(1);
  });

  it('stops before the first row if a tag was hidden after mapping, and names it', async () => {
    const tagId = await createTestTag(sectionId, 'Soon gone');
    const { operationId } = await begin('Email\na@x.se\n', { apply: [tagId] });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${tagId}`);
    await expect(runToEnd(sectionId, operationId)).rejects.toThrow('“Soon gone” has been hidden');
    expect(await people()).toEqual({});
  });

  it('leaves nothing of a refused file', async () => {
    await expect(upload('Email\na@x.se\n"cut off')).rejects.toThrow('never closed');
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from import where section_id = ${sectionId}`,
    );
    expect(left).toBe(0);
  });

  it('can be started only once', async () => {
    const { importId } = await begin('Email\na@x.se\n');
    expect(await startImport(account.admin, { sectionId, importId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('names both columns that are mapped to the same target, and points to the later one', async () => {
    const importId = await upload('Email,Default Address Phone,Phone\na@x.se,+46701234567,+46701234567\n');
    const { email, mobile } = account.keyspaces;
    const columns = [email, mobile, mobile].map((keyspaceId) => ({ to: 'key', keyspaceId }));
    await saveMapping(account.admin, { sectionId, importId, mapping: { match: email, columns } });
    expect(await startDryRun(account.admin, { sectionId, importId })).toMatchObject({
      ok: false,
      refusal: {
        field: 'column:2',
        message:
          '“Default Address Phone” and “Phone” are both imported as “Mobile”. Choose something else for one of these columns.',
      },
    });
  });

  it('creates each person once if two imports of the same people run at once', async () => {
    const file = `Email,First name\n${Array.from({ length: 400 }, (_, index) => `same${index}@x.se,N${index}`).join('\n')}\n`;
    const [first, second] = [await begin(file), await begin(file)];
    const counts = await Promise.all([first, second].map(({ operationId }) => runToEnd(sectionId, operationId)));
    expect(counts[0]!.created! + counts[1]!.created!).toBe(400);
    expect(Object.keys(await people())).toHaveLength(400);
  });

  // Steps: one reads, one prepares, two merge.
  it.each([1, 2, 4])('continues after its process was killed in step %i, importing each row once', async (dieAt) => {
    const tagId = await createTestTag(sectionId, 'Once');
    const file = `Email\n${Array.from({ length: 6_000 }, (_, index) => `k${index}@x.se`).join('\n')}\n`;
    const { operationId } = await begin(file, { apply: [tagId] });
    let steps = 0;
    const inner = importKind.open();
    const dying: OperationStep = async (tx, operation) => {
      const result = await inner.step(tx, operation);
      if (++steps === dieAt) await tx.query('select pg_terminate_backend(pg_backend_pid())');
      return result;
    };
    await runOperation([withStep(importKind, dying)], sectionId, operationId, { runner: 'killed' });
    await execute(pool(), sql`update operation set next_attempt_at = null where id = ${operationId}`);
    expect(await runToEnd(sectionId, operationId)).toMatchObject({
      rows: 6_000,
      created: 6_000,
      applied: 6_000,
    });
    const { ledger } = await one<{ ledger: number }>(
      pool(),
      sql`select count(*) as ledger from tag_change where operation_id = ${operationId}`,
    );
    expect(ledger).toBe(6_000);
    await expectInvariants();
  });
});

describe('tag columns', () => {
  const file = 'Email,Add,Drop\na@x.se,VIP|Partner,\nb@x.se, vip ,Old\nc@x.se,,\n';

  async function withTagColumns(content: string, choices: Partial<Mapping> = {}) {
    const { email } = account.keyspaces;
    return {
      match: email,
      columns: [
        { to: 'key' as const, keyspaceId: email },
        { to: 'tags' as const, action: 'apply' as const },
        { to: 'tags' as const, action: 'remove' as const },
      ],
      ...choices,
      content,
    };
  }

  it('apply and remove what each row names; new names are created only if approved', async () => {
    const vip = await createTestTag(sectionId, 'VIP');
    const old = await createTestTag(sectionId, 'Old');
    await run('Email\nb@x.se\n', { apply: [old] });
    const { content, ...mapping } = await withTagColumns(file);
    const importId = await prepare(content, mapping);
    const found = (await getImport(pool(), sectionId, importId))!;
    const names = await findNamesInFile(
      pool(),
      { sectionId, accountId: account.accountId, found },
      { columns: [1, 2], separator: '|' },
    );
    expect(names).toMatchObject({ known: 2, freshCount: 1, fresh: [{ name: 'Partner', rows: 1, line: 2 }] });

    const undecided = await begin(content, mapping);
    await expect(runToEnd(sectionId, undecided.operationId)).rejects.toThrow('Line 2 has the tag “Partner”');
    expect(Object.keys(await people())).toEqual(['b@x.se']);

    const { counts } = await run(content, { ...mapping, names: { partner: { to: 'create', name: 'Partner' } } });
    expect(counts).toMatchObject({ created: 2, applied: 3, removed: 1, already: 0 });
    expect(await people()).toMatchObject({
      'a@x.se': { tags: ['Partner', 'VIP'] },
      'b@x.se': { tags: ['VIP'] },
      'c@x.se': { tags: [] },
    });
    const again = await run(content, { ...mapping, apply: [vip], remove: [], names: {} });
    expect(again.counts).toMatchObject({ applied: 1, already: 3 });
  });

  it('are counted to the end of a file with more different cells than are examined to find the separator', async () => {
    const lines = Array.from({ length: 20_010 }, (_, index) => `p${index}@x.se,${index}x;Partner ${index % 3}`);
    const importId = await prepare(`Email,Add\n${lines.join('\n')}\nlast@x.se,Partner 0\n`);
    const found = (await getImport(pool(), sectionId, importId))!;
    const names = await findNamesInFile(pool(), { sectionId, accountId: account.accountId, found }, { columns: [1] });
    expect(names).toMatchObject({ separator: { separator: ';', why: 'assumed' }, known: 0, freshCount: 20_000 });
    expect(names.fresh.slice(0, 4)).toMatchObject([
      { name: 'Partner 0', rows: 6_671, line: 2 },
      { name: 'Partner 1', rows: 6_670, line: 3 },
      { name: 'Partner 2', rows: 6_670, line: 4 },
      { rows: 1 },
    ]);
  });

  it('are split as their cells show, and a dry run counts each tag', async () => {
    const vip = await createTestTag(sectionId, 'VIP');
    const old = await createTestTag(sectionId, 'Old');
    await run('Email\na@x.se\n', { apply: [vip, old] });
    const { content, ...mapping } = await withTagColumns(
      'Email,Add,Drop\na@x.se,"VIP, Partner",Old\nb@x.se,"VIP, ""Wine, red""",\nc@x.se,Partner,\n',
    );
    const importId = await prepare(content, mapping);
    const found = (await getImport(pool(), sectionId, importId))!;
    const names = await findNamesInFile(
      pool(),
      { sectionId, accountId: account.accountId, found },
      { columns: [1, 2] },
    );
    expect(names).toMatchObject({
      separator: { separator: ',', why: 'assumed', shownBy: { line: 2, cell: 'VIP, Partner' }, undivided: null },
      fresh: [{ name: 'Partner' }, { name: 'Wine, red' }],
    });
    const decided = Object.fromEntries(names.fresh.map(({ key, name }) => [key, { to: 'create' as const, name }]));
    await saveMapping(account.admin, {
      sectionId,
      importId,
      mapping: { ...found.mapping, separator: names.separator.separator, names: decided },
    });
    const dry = await startDryRun(account.admin, { sectionId, importId });
    if (!dry.ok) throw new Error(dry.refusal.message);
    await runToEnd(sectionId, dry.value.operationId);
    expect((await getOperation(pool(), sectionId, dry.value.operationId))!.result).toMatchObject({
      tags: [
        { name: 'Old', applied: 0, already: 0, removed: 1 },
        { name: 'Partner', applied: 2, already: 0, removed: 0 },
        { name: 'VIP', applied: 1, already: 1, removed: 0 },
        { name: 'Wine, red', applied: 1, already: 0, removed: 0 },
      ],
    });
  });

  it('chosen for all rows come into being with the run, and one that is there by then is used', async () => {
    const tags = () =>
      rows<{ name: string; colour: string | null }>(
        pool(),
        sql`select name, colour from tag where section_id = ${sectionId} order by name`,
      );
    const create = [
      { name: 'Fair', colour: 'green' as const },
      { name: 'Lead', colour: null },
    ];
    const importId = await prepare('Email\nann@example.com\nbo@example.com\n', { create });
    expect(await tags()).toEqual([]);
    const dry = await startDryRun(account.admin, { sectionId, importId });
    if (!dry.ok) throw new Error(dry.refusal.message);
    expect(await runToEnd(sectionId, dry.value.operationId)).toMatchObject({ created: 2, applied: 4 });
    expect((await getOperation(pool(), sectionId, dry.value.operationId))!.result).toMatchObject({
      tags: [
        { name: 'Fair', applied: 2 },
        { name: 'Lead', applied: 2 },
      ],
    });
    expect(await tags()).toEqual([]);

    const lead = await createTestTag(sectionId, 'LEAD');
    const started = await startImport(account.admin, { sectionId, importId });
    if (!started.ok) throw new Error(started.refusal.message);
    expect(await tags()).toEqual([
      { name: 'Fair', colour: 'green' },
      { name: 'LEAD', colour: null },
    ]);
    const { mapping } = (await getImport(pool(), sectionId, importId))!;
    expect(mapping).toMatchObject({ create: [], apply: expect.arrayContaining([lead]) as number[] });
    expect(await runToEnd(sectionId, started.value.operationId)).toMatchObject({ created: 2, applied: 4 });
    expect(Object.values(await people()).map(({ tags: names }) => names)).toEqual([
      ['Fair', 'LEAD'],
      ['Fair', 'LEAD'],
    ]);
    const many = Array.from({ length: 50 }, (_, nth) => ({ name: `Tag ${nth}`, colour: null }));
    const next = await upload('Email\nann@example.com\n');
    expect(
      await saveMapping(account.admin, {
        sectionId,
        importId: next,
        mapping: { ...mapping, apply: [lead], create: many },
      }),
    ).toMatchObject({ refusal: { code: 'invalid', message: expect.stringContaining('at most 50 tags') as string } });
  });

  it('created for a rejected row are reported as tags that no profile has', async () => {
    const { content, ...mapping } = await withTagColumns('Email,Add,Drop\na@x.se,Partner,\nbad,Sponsor,\n');
    const names = {
      partner: { to: 'create' as const, name: 'Partner' },
      sponsor: { to: 'create' as const, name: 'Sponsor' },
    };
    await run(content, { ...mapping, names });
    expect(await unusedNewTags(pool(), sectionId, { names })).toMatchObject([{ name: 'Sponsor' }]);
  });

  it('use a tag with a close name instead, or leave a name out', async () => {
    const partner = await createTestTag(sectionId, 'Partners');
    const { content, ...mapping } = await withTagColumns(file);
    const names = {
      partner: { to: 'tag' as const, tagId: partner },
      vip: { to: 'leave-out' as const },
      old: { to: 'leave-out' as const },
    };
    await run(content, { ...mapping, names });
    expect(await people()).toMatchObject({ 'a@x.se': { tags: ['Partners'] }, 'b@x.se': { tags: [] } });
  });

  it('of a row take precedence over those for all, and a later row over an earlier one', async () => {
    const vip = await createTestTag(sectionId, 'VIP');
    const { content, ...mapping } = await withTagColumns(
      'Email,Add,Drop\na@x.se,,VIP\nb@x.se,,\nc@x.se,VIP,\nc@x.se,,VIP\n',
      {
        apply: [vip],
      },
    );
    await run(content, mapping);
    expect(await people()).toMatchObject({
      'a@x.se': { tags: [] },
      'b@x.se': { tags: ['VIP'] },
      'c@x.se': { tags: [] },
    });
  });

  it('with 10,000 different names create nothing', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `p${index}@x.se,Name ${index}`).join('\n');
    const importId = await prepare(`Email,Comment\n${lines}\n`);
    const found = (await getImport(pool(), sectionId, importId))!;
    const names = await findNamesInFile(
      pool(),
      { sectionId, accountId: account.accountId, found },
      { columns: [1], separator: '|' },
    );
    expect(names.freshCount).toBe(10_000);
    expect(names.fresh).toHaveLength(1_000);
    const decided = Object.fromEntries(
      Array.from({ length: 1_001 }, (_, index) => [`name ${index}`, { to: 'create', name: `Name ${index}` }]),
    );
    const mapping = { ...found.mapping, names: decided };
    expect(await saveMapping(account.admin, { sectionId, importId, mapping })).toMatchObject({
      ok: false,
      refusal: { message: 'An import can create at most 1,000 tags.' },
    });
  });

  it('reject a row that both applies and removes a tag, or has an invalid name', async () => {
    await createTestTag(sectionId, 'VIP');
    const { content, ...mapping } = await withTagColumns(
      `Email,Add,Drop\na@x.se,VIP,vip\nb@x.se,${'x'.repeat(101)},\n`,
    );
    const { importId } = await run(content, mapping);
    expect((await listRejects(pool(), sectionId, importId, { limit: 9 })).map(({ reason }) => reason)).toEqual([
      'The tag “vip” is both to be applied and to be removed',
      expect.stringContaining('Use at most 100 characters'),
    ]);
  });
});

describe('values', () => {
  it('are shortened in reports, without splitting an emoji', async () => {
    const long = `${'x'.repeat(59)}😀${'y'.repeat(200)}`;
    const amount = await createAttribute(account.admin, { sectionId, name: 'Amount', type: 'number' });
    if (!amount.ok) throw new Error(amount.refusal.message);
    const name = `${'x'.repeat(199)}😀`;
    const file = `Email,${name},Amount\na@x.se,1,${long}\n${long},2,3\nc@x.se ::: ${long},4,5\n${'d@x.se,6,7\n'.repeat(9)}`;
    const columns: Mapping['columns'] = [
      { to: 'key', keyspaceId: account.keyspaces.email },
      { to: 'attribute', code: 'firstname' },
      { to: 'attribute', code: amount.value.code },
    ];
    const { counts } = await run(file, { match: account.keyspaces.email, columns });
    expect(counts).toMatchObject({ rows: 12, created: 2, rejected: 2, left_out: 1 });
  });

  it('that only mean “no value” are left out of texts too, and reported; possible names are kept', async () => {
    await run('Email,First name,Last name\na@x.se,Ann,Ek\n');
    const { counts, importId } = await run(
      'Email,First name,Last name\na@x.se,N/A,NULL\nb@x.se,-,Null\nc@x.se,None,?\n',
      { erase: true },
    );
    expect(counts).toMatchObject({ created: 2, unchanged: 1, left_out: 4, rejected: 0 });
    const { reasons } = (await listLeftOut(pool(), { sectionId, importId }, { limit: 1 }))[0]!;
    expect(reasons).toEqual([
      'First name: “N/A” means that there is no value',
      'Last name: “NULL” means that there is no value',
    ]);
    const all = await people();
    expect(all['a@x.se']!.attributes).toMatchObject({ firstname: 'Ann', lastname: 'Ek' });
    expect(all['b@x.se']!.attributes).toEqual({ email: 'b@x.se', lastname: 'Null' });
    expect(all['c@x.se']!.attributes).toEqual({ email: 'c@x.se', firstname: 'None' });
  });

  it('clear existing ones only if chosen, and are restored by undo', async () => {
    await run('Email,First name,Last name\na@x.se,Ann,Ek\n');
    const file = 'Email,First name,Last name\na@x.se,,\n';
    expect((await run(file)).counts).toMatchObject({ unchanged: 1 });
    const { counts, operationId } = await run(file, { erase: true });
    expect(counts).toMatchObject({ updated: 1 });
    expect((await people())['a@x.se']!.attributes).toEqual({ email: 'a@x.se' });
    expect((await run(file, { erase: true })).counts).toMatchObject({ unchanged: 1 });
    await undo(operationId);
    expect((await people())['a@x.se']!.attributes).toMatchObject({ firstname: 'Ann', lastname: 'Ek' });
  });

  it('with a formula error in a workbook clear nothing, and a key reports it', async () => {
    await run('Email,First name\na@x.se,Ann\nb@x.se,Bo\n');
    const broken = sheetOf(
      {
        A1: { t: 's', v: 'Email' },
        B1: { t: 's', v: 'First name' },
        A2: { t: 's', v: 'a@x.se' },
        B2: { t: 'e', v: 0x2a },
        A3: { t: 'e', v: 0x17 },
        B3: { t: 's', v: 'Bo' },
      },
      'A1:B3',
    );
    for (const type of ['xlsx', 'biff8', 'xlsb', 'xlml'] as const) {
      const { counts, importId } = await run(Buffer.from(workbookOf({ People: broken }, { type })), { erase: true });
      expect(counts).toMatchObject({ left_out: 1, rejected: 1 });
      expect((await people())['a@x.se']!.attributes).toMatchObject({ firstname: 'Ann' });
      const [reject] = await listRejects(pool(), sectionId, importId, { limit: 10 });
      expect(reject).toMatchObject({ line: 3, reason: 'Email: “#REF!” is a spreadsheet formula error' });
    }
  });

  it('are read as the person chose: month first, decimal comma, a country for phone numbers', async () => {
    await createAttribute(account.admin, { sectionId, name: 'Since', type: 'date' });
    await createAttribute(account.admin, { sectionId, name: 'Sum', type: 'number' });
    const file = 'Email,Since,Sum,Mobile\na@x.se,03/04/2025,"1.234,5",070-123 45 67\n';
    const key = (keyspaceId: KeyspaceId) => ({ to: 'key' as const, keyspaceId });
    const attributes = await listAttributes(pool(), sectionId);
    const attribute = (name: string) => ({
      to: 'attribute' as const,
      code: attributes.find((one) => one.name === name)!.code,
    });
    const { email, mobile } = account.keyspaces;
    const columns = (since: NotationChoice, sum: NotationChoice): Mapping['columns'] => [
      key(email),
      { ...attribute('Since'), ...since },
      { ...attribute('Sum'), ...sum },
      key(mobile),
    ];
    await run(file, { columns: columns({ dates: 'mdy' }, { decimal: ',' }), country: 'SE' });
    expect(Object.values(Object.values(await people())[0]!.attributes).sort()).toEqual(
      [1234.5, '2025-03-04', '46701234567', 'a@x.se'].sort(),
    );
    const importId = await prepare(file, { columns: columns({ dates: 'dmy' }, { decimal: '.' }) });
    const found = (await getImport(pool(), sectionId, importId))!;
    const where = { sectionId, accountId: account.accountId, found };
    const converted = await convertFirstRows(pool(), where, found.mapping);
    expect(converted.columns.map(({ cells }) => cells[0]?.value ?? cells[0]?.problem)).toEqual([
      'a@x.se',
      '2025-04-03',
      'Sum: “1.234,5” is not a number with a decimal point',
      '“070-123 45 67” is not a mobile number with its country code, such as +46 70 123 45 67',
    ]);
    expect(converted.rejected).toBe(1);
  });

  it('that start like a formula are unchanged, and survive a file of rejected rows', async () => {
    const { importId } = await run('Email,First name\na@x.se,=1+1\nbad,-5% off\n');
    expect((await people())['a@x.se']!.attributes.firstname).toBe('=1+1');
    const [reject] = await listRejects(pool(), sectionId, importId, { limit: 1 });
    const safe = csvLine([...reject!.cells.with(0, 'b@x.se'), reject!.reason]);
    expect(safe).toContain("'-5% off");
    const again = await run(`\uFEFF${csvLine(['Email', 'First name', 'Error'])}${safe}`);
    expect(again.counts).toMatchObject({ created: 1, rejected: 0 });
    expect((await people())['b@x.se']!.attributes.firstname).toBe('-5% off');
  });

  it('use the first of several addresses, and report the others or everything wrong with the row', async () => {
    const { counts, importId } = await run(
      'Email,Mobile,Birth date\nBo <b@x.se>; c@x.se,+46701234568,\nbad,12,never\n,+46701234567,\n',
    );
    expect(counts).toMatchObject({ created: 1, left_out: 1, rejected: 2 });
    expect(await people()).toMatchObject({ '46701234568': { attributes: { email: 'b@x.se' } } });
    expect((await listLeftOut(pool(), { sectionId, importId }, { limit: 9 })).map(({ reasons }) => reasons)).toEqual([
      ['Email: “c@x.se” is left out, since only the first of several is used'],
    ]);
    expect((await listRejects(pool(), sectionId, importId, { limit: 9 })).map(problemsIn)).toEqual([
      [
        'Email: “bad” is not an email address',
        expect.stringMatching(/^Mobile: “12”/),
        expect.stringMatching(/^Birth ?date: “never”/),
      ],
      ['Email: the key is empty'],
    ]);
  });

  it('of the first rows show the most frequent problem', async () => {
    const importId = await prepare('Email,First name\n,Ann\nbad,Bo\n,Cy\na@x.se,Di\n');
    const found = (await getImport(pool(), sectionId, importId))!;
    const { accountId } = account;
    expect(await convertFirstRows(pool(), { sectionId, accountId, found }, found.mapping)).toMatchObject({
      rejected: 3,
      mostly: { problem: 'Email: the key is empty', rows: 2 },
    });
  });

  it('reject an address with a line break in it', async () => {
    const { counts, importId } = await run('Email\n"a@x.se\nBcc: all@x.se"\nb@x.se\n');
    expect(counts).toMatchObject({ created: 1, rejected: 1 });
    expect(await listRejects(pool(), sectionId, importId, { limit: 1 })).toMatchObject([
      { line: 2, reason: 'Email: the key has a line break or control character in it' },
    ]);
  });

  it('get the later of two rows rejected that want one key for two people', async () => {
    const { counts, importId } = await run('Email,Mobile\na@x.se,+46701234567\nb@x.se,+46701234567\n');
    expect(counts).toMatchObject({ created: 1, rejected: 1 });
    expect(await listRejects(pool(), sectionId, importId, { limit: 1 })).toMatchObject([
      { line: 3, reason: '46701234567 is also on line 2, with another key' },
    ]);
  });

  it('for one key 26,000 times create one profile, with the last one', async () => {
    const lines = Array.from({ length: 26_000 }, (_, index) => `a@x.se,N${index}`).join('\n');
    const { counts } = await run(`Email,First name\n${lines}\n`);
    expect(counts).toMatchObject({ rows: 26_000, created: 1, repeated: 25_999 });
    expect((await people())['a@x.se']!.attributes.firstname).toBe('N25999');
  });

  it('that are all rejected change nothing', async () => {
    const { counts } = await run('Email\nnot one\nnor this\n');
    expect(counts).toMatchObject({ rows: 2, rejected: 2, created: 0 });
    expect(await people()).toEqual({});
  });
});

describe('a dry run', () => {
  it('predicts what the run does, and changes nothing', async () => {
    const cell = (...values: string[]) => fc.constantFrom('', ...values);
    const line = fc.record({
      email: fc.constantFrom('', 'bad', 'u0@x.se', 'u1@x.se', 'u2@x.se', 'u3@x.se', 'U1@x.se'),
      first: cell('Ann', 'Bo'),
      phone: cell('+46701111111', '+46702222222', 'x'),
      add: cell('VIP', 'VIP|New', 'Old'),
      drop: cell('Old', 'VIP'),
    });
    const fileOf = (lines: { email: string; first: string; phone: string; add: string; drop: string }[]) =>
      `Email,First name,Mobile,Add,Drop\n${lines.map((one1) => Object.values(one1).join(',')).join('\n')}\n,x,,,\n`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 6 }),
        fc.array(line, { minLength: 1, maxLength: 10 }),
        fc.record({
          rows: fc.constantFrom('all' as const, 'new' as const, 'existing' as const),
          existing: fc.constantFrom('overwrite' as const, 'fill' as const, 'keep' as const),
          erase: fc.boolean(),
          all: fc.boolean(),
        }),
        async (before, then, { all, ...choices }) => {
          sectionId = await createTestSection(account.accountId, 'Dry');
          const vip = await createTestTag(sectionId, 'VIP');
          await createTestTag(sectionId, 'Old');
          const mapping = {
            columns: [
              { to: 'key' as const, keyspaceId: account.keyspaces.email },
              { to: 'attribute' as const, code: 'firstname' },
              { to: 'key' as const, keyspaceId: account.keyspaces.mobile },
              { to: 'tags' as const, action: 'apply' as const },
              { to: 'tags' as const, action: 'remove' as const },
            ],
            match: account.keyspaces.email,
            names: { new: { to: 'create' as const, name: 'New' } },
          };
          await run(fileOf(before), mapping);
          const state = await people();
          const importId = await prepare(fileOf(then), { ...mapping, ...choices, apply: all ? [vip] : [] });
          const dry = await startDryRun(account.admin, { sectionId, importId });
          if (!dry.ok) throw new Error(dry.refusal.message);
          const foretold = await runToEnd(sectionId, dry.value.operationId);
          expect(await people()).toEqual(state);
          const started = await startImport(account.admin, { sectionId, importId });
          if (!started.ok) throw new Error(started.refusal.message);
          const counts = await runToEnd(sectionId, started.value.operationId);
          expect(counts).toEqual(foretold);
          const { rows: seen, created, updated, unchanged, skipped, rejected, repeated } = counts;
          expect(created! + updated! + unchanged! + skipped! + rejected! + repeated!).toBe(seen);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shows the first rows of each outcome, before and after', async () => {
    const vip = await createTestTag(sectionId, 'VIP');
    await run('Email,First name\na@x.se,Ann\nc@x.se,Cy\n', { apply: [] });
    await run('Email\nc@x.se\n', { apply: [vip] });
    const importId = await prepare('Email,First name\na@x.se,Anna\nb@x.se,Bo\nc@x.se,Cy\nbad,X\nb@x.se,Bob\n', {
      apply: [vip],
    });
    const dry = await startDryRun(account.admin, { sectionId, importId });
    if (!dry.ok) throw new Error(dry.refusal.message);
    await runToEnd(sectionId, dry.value.operationId);
    expect((await getOperation(pool(), sectionId, dry.value.operationId))!.result).toMatchObject({
      created: [{ line: 3, key: 'b@x.se', after: { firstname: 'Bob' } }],
      repeated: [{ line: 6, key: 'b@x.se', reason: 'Repeats line 3. Where both have a value, this one counts' }],
      updated: [{ line: 2, key: 'a@x.se', before: { firstname: 'Ann' }, after: { firstname: 'Anna' } }],
      unchanged: [{ line: 4, key: 'c@x.se' }],
      rejected: [{ line: 5, reason: 'Email: “bad” is not an email address' }],
      applied: [
        { line: 2, tag: 'VIP' },
        { line: 3, tag: 'VIP' },
      ],
      already: [{ line: 4, key: 'c@x.se', tag: 'VIP' }],
      tags: [{ name: 'VIP', applied: 2, already: 1, removed: 0 }],
    });
    // A changed mapping makes it out of date.
    const found = (await getImport(pool(), sectionId, importId))!;
    await saveMapping(account.admin, { sectionId, importId, mapping: { ...found.mapping, apply: [] } });
    expect(await getImport(pool(), sectionId, importId)).toMatchObject({ dryOperationId: null });
  });
});

describe('while it runs', () => {
  it('stops if the person who started it loses access to the section, and can be undone', async () => {
    const other = await createTestSection(account.accountId, 'Another');
    const { operationId } = await begin(
      `Email\n${Array.from({ length: 6_000 }, (_, index) => `p${index}@x.se`).join('\n')}\n`,
    );
    let steps = 0;
    const inner = importKind.open();
    const losing: OperationStep = async (tx, operation) => {
      const result = await inner.step(tx, operation);
      if (++steps === 3)
        await execute(tx, sql`update app_user set all_sections = false where id = ${account.admin.userId}`);
      return result;
    };
    await execute(
      pool(),
      sql`insert into user_section (user_id, section_id) values (${account.admin.userId}, ${other})`,
    );
    const kinds = [withStep(importKind, losing)];
    try {
      await expect(runToEnd(sectionId, operationId, kinds)).rejects.toThrow('no longer has access to this section');
    } finally {
      await execute(pool(), sql`update app_user set all_sections = true where id = ${account.admin.userId}`);
    }
    expect(Object.keys(await people())).toHaveLength(5_000);
    expect(await undo(operationId)).toMatchObject({ profilesRemoved: 5_000 });
  });

  it('can be corrected and run again if it stopped before its first row', async () => {
    const tagId = await createTestTag(sectionId, 'Gone');
    const { importId, operationId } = await begin('Email\na@x.se\n', { apply: [tagId] });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${tagId}`);
    await expect(runToEnd(sectionId, operationId)).rejects.toThrow('“Gone” has been hidden');
    expect(await reopenImport(account.admin, { sectionId, importId })).toMatchObject({ ok: true });
    const { mapping } = (await getImport(pool(), sectionId, importId))!;
    await saveMapping(account.admin, { sectionId, importId, mapping: { ...mapping, apply: [] } });
    const started = await startImport(account.admin, { sectionId, importId });
    if (!started.ok) throw new Error(started.refusal.message);
    expect(await runToEnd(sectionId, started.value.operationId)).toMatchObject({ created: 1 });
    expect(await reopenImport(account.admin, { sectionId, importId })).toMatchObject({ ok: false });
  });

  it('yields to waiting operations', async () => {
    const long = await begin('Email\na@x.se\n');
    const short = await begin('Email\nb@x.se\n');
    const options = { ...WORK_OPTIONS, turnMs: 0 };
    await runOperation(OPERATION_KINDS, sectionId, long.operationId, { runner: 'one', options });
    const statusOf = (id: OperationId) => getOperation(pool(), sectionId, id);
    expect(await statusOf(long.operationId)).toMatchObject({ status: 'queued' });
    await runToEnd(sectionId, short.operationId);
    expect(await runToEnd(sectionId, long.operationId)).toMatchObject({ created: 1 });
  });
});

describe('an upload', () => {
  it('that is interrupted leaves nothing', async () => {
    async function* broken() {
      yield Buffer.from('Email\na@x.se\n'.repeat(200_000));
      throw new Error('aborted');
    }
    const broke = uploadFile(account.admin, { sectionId, fileName: 'a.csv', maxBytes: 1e9 }, broken());
    await expect(broke).rejects.toThrow('aborted');
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from import_chunk where section_id = ${sectionId}`,
    );
    expect(left).toBe(0);
  });

  itOnOneServer(
    'a test cannot add a trigger there',
    'to a full disk is refused with the reason, and leaves nothing',
    async () => {
      await execute(
        pool(),
        sql`create function disk_full() returns trigger language plpgsql as
          $$ begin raise exception using errcode = '53100', message = 'no space left'; end $$`,
      );
      await execute(
        pool(),
        sql`create trigger disk_full before insert on import_chunk for each row execute function disk_full()`,
      );
      try {
        await expect(upload('Email\na@x.se\n')).rejects.toThrow('The disk of the server is full. Nothing was saved');
      } finally {
        await execute(pool(), sql`drop trigger disk_full on import_chunk`);
      }
    },
  );

  it('that is large is checked afterwards, and its mistake is reported', async () => {
    const importId = await upload(`Email,Name\n${`a@x.se,${'Ann '.repeat(250)}\n`.repeat(9_000)}"cut off`);
    expect(await getImport(pool(), sectionId, importId)).toMatchObject({ checked: false });
    const checked = await checkFile(account.admin, { sectionId, importId });
    expect(checked).toMatchObject({
      ok: true,
      value: { error: expect.stringContaining('ends on line 9002') as string },
    });
    const found = (await getImport(pool(), sectionId, importId))!;
    const mapping = {
      ...found.mapping,
      match: account.keyspaces.email,
      columns: [{ to: 'key', keyspaceId: account.keyspaces.email }],
    };
    await saveMapping(account.admin, { sectionId, importId, mapping });
    expect(await startImport(account.admin, { sectionId, importId })).toMatchObject({
      ok: false,
      refusal: { field: 'file' },
    });
  });

  it('can be read in another format', async () => {
    const importId = await upload('Namn;Epost\nAnna, Ek;a@x.se\n');
    const change = (format: object) => changeFormat(account.admin, { sectionId, importId, format });
    await change({ delimiter: ',', encoding: 'utf-8', header: false });
    expect(await getImport(pool(), sectionId, importId)).toMatchObject({
      rows: 2,
      format: { delimiter: ',', header: false, columns: ['Column 1'] },
    });
    expect(await change({ delimiter: ';', encoding: 'utf-16le', header: true })).toMatchObject({ ok: false });
    await change({ delimiter: ';', encoding: 'utf-8', header: true });
    expect(await getImport(pool(), sectionId, importId)).toMatchObject({
      rows: 1,
      format: { columns: ['Namn', 'Epost'] },
    });
  });
});

describe('undo of an import', () => {
  it('restores everything, whatever was imported', async () => {
    const row = fc.record({
      key: fc.integer({ min: 0, max: 5 }),
      first: fc.constantFrom('', 'Ann', 'Bo'),
      last: fc.constantFrom('', 'Ek', 'Å'),
      phone: fc.constantFrom('', '+46701111111', '+46702222222'),
    });
    const fileOf = (data: { key: number; first: string; last: string; phone: string }[]) =>
      `Email,First name,Last name,Mobile\n${data.map((one1) => `u${one1.key}@x.se,${one1.first},${one1.last},${one1.phone}`).join('\n')}\n`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.array(row, { minLength: 1, maxLength: 8 }),
        async (before, then) => {
          sectionId = await createTestSection(account.accountId, 'Undo');
          const tagId = await createTestTag(sectionId, 'Imported');
          await run(fileOf(before));
          const state = await people();
          const keysOf = () =>
            rows(
              pool(),
              sql`select keyspace_id, key, profile_id from profile_key where section_id = ${sectionId} order by 1, 2`,
            );
          const keys = await keysOf();
          const { operationId } = await run(fileOf(then), { apply: [tagId] });
          await undo(operationId);
          expect(await people()).toEqual(state);
          expect(await keysOf()).toEqual(keys);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps values and profiles that somebody has changed since', async () => {
    await run('Email,First name\na@x.se,Before\n');
    const { operationId } = await run('Email,First name\na@x.se,Imported\nb@x.se,New\nc@x.se,New\n');
    const idOf = async (email: string) =>
      (
        await one<{ id: number }>(
          pool(),
          sql`select profile_id as id from profile_key where section_id = ${sectionId} and key = ${email}`,
        )
      ).id;
    for (const [email, firstname] of [
      ['a@x.se', 'By hand'],
      ['b@x.se', 'By hand'],
    ] as const) {
      await updateProfile(account.admin, {
        sectionId,
        profileId: await idOf(email),
        keys: [],
        attributes: { firstname },
      });
    }
    expect(await undo(operationId)).toMatchObject({ profilesRemoved: 1, profilesRestored: 0, profilesKept: 2 });
    expect(await people()).toMatchObject({
      'a@x.se': { attributes: { firstname: 'By hand' } },
      'b@x.se': { attributes: { firstname: 'By hand' } },
    });
    expect(Object.keys(await people())).toEqual(['a@x.se', 'b@x.se']);
    const [{ id: undoId }] = (await rows<{ id: OperationId }>(
      pool(),
      sql`select max(id) as id from operation where section_id = ${sectionId} and kind = 'undo'`,
    )) as [{ id: OperationId }];
    expect(await listUndoExceptions(pool(), sectionId, undoId, { limit: 9 })).toMatchObject([
      { profileKey: 'a@x.se', tag: null, reason: 'changed_since' },
      { profileKey: 'b@x.se', tag: null, reason: 'changed_since' },
    ]);
  });

  it('lists the tags that it left, with the reason', async () => {
    const [kept, hidden] = [await createTestTag(sectionId, 'Kept'), await createTestTag(sectionId, 'Hidden')];
    const { operationId } = await run('Email\na@x.se\n', { apply: [kept, hidden] });
    const { id: profileId } = await one<{ id: ProfileId }>(
      pool(),
      sql`select id from profile where section_id = ${sectionId}`,
    );
    for (const change of [
      { remove: [kept], apply: [] },
      { apply: [kept], remove: [] },
    ])
      await changeProfileTags(account.admin, { sectionId, profileId, ...change });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${hidden}`);
    expect(await undo(operationId)).toMatchObject({ undone: 0, kept: 1, impossible: 1, profilesKept: 1 });
    const { id: undoId } = await one<{ id: OperationId }>(
      pool(),
      sql`select max(id) as id from operation where section_id = ${sectionId}`,
    );
    const left = await listUndoExceptions(pool(), sectionId, undoId, { limit: 9 });
    expect(left.map(({ tag, reason }) => [tag, reason])).toEqual([
      ['Kept', 'changed_since'],
      ['Hidden', 'hidden'],
      [null, 'changed_since'],
    ]);
  });
});
