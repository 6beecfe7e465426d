// An import from upload to undo, with the files of the issue, several at once, and dying in the middle.
import fs from 'node:fs';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAttribute } from '@/lib/attributes/commands';
import { listAttributes } from '@/lib/attributes/queries';
import type { ImportId, OperationId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { undoOperation } from '@/lib/operations/commands';
import { runOperation, type OperationHandlers } from '@/lib/operations/run';
import { undoStep } from '@/lib/operations/undo';
import { updateProfile } from '@/lib/profiles/commands';
import { listKeyspaces } from '@/lib/profiles/queries';
import { createTestAccount, createTestSection, createTestTag, runToEnd, type TestAccount } from '@/testing/fixtures';
import { saveMapping, startImport } from './commands';
import { guessMapping, mappingAgain } from './guess';
import { getImport, listRejects, mappingOfLikeFile, sampleColumns } from './queries';
import type { Mapping } from './schema';
import { importStep } from './run';
import { uploadFile } from './stage';

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

/** Uploads, maps as the wizard would guess, and starts. */
async function begin(
  content: string | Buffer,
  choices: Partial<Mapping> = {},
): Promise<{ importId: ImportId; operationId: OperationId }> {
  const importId = await upload(content);
  const found = (await getImport(pool(), sectionId, importId))!;
  const columns = await sampleColumns(pool(), sectionId, importId, found.format.columns);
  const guessed = guessMapping(
    columns,
    await listKeyspaces(pool(), account.accountId),
    await listAttributes(pool(), sectionId),
  );
  const mapping = { ...guessed, ...choices };
  const saved = await saveMapping(account.admin, { sectionId, importId, mapping });
  if (!saved.ok) throw new Error(saved.refusal.message);
  const started = await startImport(account.admin, { sectionId, importId });
  if (!started.ok) throw new Error(started.refusal.message);
  return { importId, operationId: started.value.operationId };
}

async function run(content: string | Buffer, choices: Partial<Mapping> = {}) {
  const started = await begin(content, choices);
  const counts = await runToEnd(sectionId, started.operationId, { import: importStep });
  return { ...started, counts };
}

async function undo(operationId: OperationId) {
  const result = await undoOperation(account.admin, { sectionId, operationId });
  if (!result.ok) throw new Error(result.refusal.message);
  return runToEnd(sectionId, result.value.undoId, { undo: undoStep });
}

/** Everybody in the section: key → values and tags. */
async function people() {
  const found = await rows<{ key: string; attributes: Record<string, unknown>; tags: string[] }>(
    pool(),
    sql`
      select min(key.key) as key, profile.attributes,
        array(select tag.name from profile_tag held join tag on tag.section_id = held.section_id and tag.id = held.tag_id
              where held.section_id = profile.section_id and held.profile_id = profile.id order by 1) as tags
      from profile
      join profile_key key on key.section_id = profile.section_id and key.profile_id = profile.id
      where profile.section_id = ${sectionId}
      group by profile.section_id, profile.id, profile.attributes
      order by 1`,
  );
  return Object.fromEntries(found.map(({ key, attributes, tags }) => [key, { attributes, tags }]));
}

describe('an import', () => {
  it('brings in us-500.csv with a tag; ZIP codes stay text', async () => {
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

  it('rejects an invalid email in row 250, with its line and reason, and takes the others', async () => {
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

  it('takes the last of the same email with other data', async () => {
    const { counts } = await run('Email,First name,Last name\na@x.se,Old,Kept\nA@X.SE,New,\n');
    expect(counts).toMatchObject({ rows: 2, created: 1, repeated: 1 });
    expect(await people()).toMatchObject({ 'a@x.se': { attributes: { firstname: 'New', lastname: 'Kept' } } });
  });

  it('updates who is there, leaves who is the same, and never erases by an empty cell', async () => {
    await run('Email,First name,Last name\na@x.se,A,One\nb@x.se,B,Two\n');
    const { counts } = await run('Email,First name,Last name\na@x.se,,Uno\nb@x.se,B,Two\nc@x.se,C,Three\n');
    expect(counts).toMatchObject({ created: 1, updated: 1, unchanged: 1 });
    expect(await people()).toMatchObject({ 'a@x.se': { attributes: { firstname: 'A', lastname: 'Uno' } } });
  });

  it('takes only new profiles, or only those that are there, and tags as chosen', async () => {
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

  it('treats who it made itself as new in every step', async () => {
    const lines = Array.from({ length: 5_100 }, (_, index) => `p${index}@x.se,First`);
    const { counts } = await run(`Email,First name\n${lines.join('\n')}\np0@x.se,Second\n`, { rows: 'new' });
    expect(counts).toMatchObject({ created: 5_100, updated: 1, skipped: 0 });
    expect((await people())['p0@x.se']).toMatchObject({ attributes: { firstname: 'Second' } });
  });

  it('remembers how a file with the same columns was mapped, but not its tags', async () => {
    const tagId = await createTestTag(sectionId, 'Once');
    await run('Email,Who\na@x.se,Ann\n', { rows: 'new', apply: [tagId] });
    const like = await mappingOfLikeFile(pool(), sectionId, ['Email', 'Who']);
    expect(like).toMatchObject({ fileName: 'people.csv', mapping: { rows: 'new', apply: [], remove: [] } });
    expect(await mappingOfLikeFile(pool(), sectionId, ['Who', 'Email'])).toBeUndefined();
    const keyspaces = await listKeyspaces(pool(), account.accountId);
    const gone = { ...like!.mapping, columns: [like!.mapping.columns[0]!, { to: 'attribute' as const, code: 'gone' }] };
    expect(mappingAgain(gone, keyspaces, []).columns).toEqual([like!.mapping.columns[0], { to: 'nothing' }]);
  });

  it('keeps what is there, or fills only what is empty, keys too', async () => {
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

  it('touches neither of two profiles that one row would join', async () => {
    await run('Email,Mobile\na@x.se,+46701234567\n');
    const { counts, importId } = await run('Email,Mobile\nb@x.se,+46701234567\n');
    expect(counts).toMatchObject({ rejected: 1, created: 0 });
    const [reject] = await listRejects(pool(), sectionId, importId, { limit: 1 });
    expect(reject?.reason).toContain('belongs to another profile');
    expect(Object.keys(await people())).toHaveLength(1);
  });

  it('stops before the first row when a tag was hidden after mapping, and says which', async () => {
    const tagId = await createTestTag(sectionId, 'Soon gone');
    const { operationId } = await begin('Email\na@x.se\n', { apply: [tagId] });
    await execute(pool(), sql`update tag set hidden_at = now() where id = ${tagId}`);
    await expect(runToEnd(sectionId, operationId, { import: importStep })).rejects.toThrow(
      '“Soon gone” has been hidden',
    );
    expect(await people()).toEqual({});
  });

  it('leaves nothing of a file that is refused', async () => {
    await expect(upload('Email\na@x.se\n"cut off')).rejects.toThrow('never closed');
    const { left } = await one<{ left: number }>(
      pool(),
      sql`select count(*) as left from import where section_id = ${sectionId}`,
    );
    expect(left).toBe(0);
  });

  it('can be started once', async () => {
    const { importId } = await begin('Email\na@x.se\n');
    expect(await startImport(account.admin, { sectionId, importId })).toMatchObject({
      ok: false,
      refusal: { code: 'conflict' },
    });
  });

  it('makes each person once when two imports of the same people run at once', async () => {
    const file = `Email,First name\n${Array.from({ length: 400 }, (_, index) => `same${index}@x.se,N${index}`).join('\n')}\n`;
    const [first, second] = [await begin(file), await begin(file)];
    const counts = await Promise.all(
      [first, second].map(({ operationId }) => runToEnd(sectionId, operationId, { import: importStep })),
    );
    expect(counts[0]!.created! + counts[1]!.created!).toBe(400);
    expect(Object.keys(await people())).toHaveLength(400);
  });

  it('goes on after its process was killed in the middle of a step: each row once', async () => {
    const tagId = await createTestTag(sectionId, 'Once');
    const file = `Email\n${Array.from({ length: 12_000 }, (_, index) => `k${index}@x.se`).join('\n')}\n`;
    const { operationId } = await begin(file, { apply: [tagId] });
    let steps = 0;
    const killed = {
      import: async (...step: Parameters<typeof importStep>) => {
        const result = await importStep(...step);
        if (++steps === 2) await step[0].query('select pg_terminate_backend(pg_backend_pid())');
        return result;
      },
    } as unknown as OperationHandlers;
    await expect(runOperation(killed, sectionId, operationId, { runner: 'killed' })).rejects.toThrow();
    await execute(pool(), sql`update operation set heartbeat = now() - interval '1 minute' where id = ${operationId}`);
    expect(await runToEnd(sectionId, operationId, { import: importStep })).toMatchObject({
      rows: 12_000,
      created: 12_000,
      applied: 12_000,
    });
    const { ledger } = await one<{ ledger: number }>(
      pool(),
      sql`select count(*) as ledger from tag_change where operation_id = ${operationId}`,
    );
    expect(ledger).toBe(12_000);
  });
});

describe('undo of an import', () => {
  it('returns everything to what it was, whatever was imported', { timeout: 90_000 }, async () => {
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

  it('keeps a value and a profile that somebody changed since', async () => {
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
  });
});
