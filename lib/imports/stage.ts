// The upload: the file streams through the parser into staging rows by COPY. Nothing on a disk, nothing half-done left.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse, Refusal, type Result } from '@/lib/access/refusal';
import { ImportIdSchema, SectionIdSchema, type ImportId, type SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql } from '@/lib/db/sql';
import { FileError, readRows, type FileFormat, type FileRow } from './parse';

const FileNameSchema = z
  .string()
  .transform((name) =>
    name
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 200),
  )
  .refine((name) => name !== '', 'The file has no name.');

const createImport = command({
  name: 'imports.create',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, fileName: FileNameSchema }),
  run: ({ tx, actor }, { sectionId, fileName }) =>
    one<{ id: ImportId }>(
      tx,
      sql`insert into import (section_id, file_name, user_id)
          values (${sectionId}, ${fileName}, ${actorUserId(actor)}) returning id`,
    ),
  audit: ({ fileName }, { id }) => ({ summary: `Uploaded “${fileName}”`, subject: `import:${id}` }),
});

/** Takes in a file. Refused, with the line and what to do, it leaves nothing behind. `maxBytes`: the largest file. */
export async function uploadFile(
  actor: Actor,
  { sectionId, fileName, maxBytes }: { sectionId: SectionId; fileName: string; maxBytes: number },
  body: AsyncIterable<Uint8Array>,
): Promise<Result<{ id: ImportId }>> {
  const created = await createImport(actor, { sectionId, fileName });
  if (!created.ok) return created;
  const { id } = created.value;
  try {
    await stage(sectionId, id, body, maxBytes);
    return { ok: true, value: { id } };
  } catch (error) {
    await execute(pool(), sql`delete from import where section_id = ${sectionId} and id = ${id}`);
    if (error instanceof FileError)
      return { ok: false, refusal: { code: 'invalid', message: error.message, field: 'file' } };
    if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
    throw error;
  }
}

async function stage(
  sectionId: SectionId,
  id: ImportId,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<void> {
  const counter = { bytes: 0, rows: 0 };
  const { format, rows } = await readRows(limited(body, maxBytes, counter));
  await transaction(async (tx) => {
    const copy = tx.query(copyFrom('copy import_row (section_id, import_id, row, line, cells) from stdin'));
    await pipeline(Readable.from(copyLines(sectionId, id, rows, format, counter)), copy);
    await execute(
      tx,
      sql`
        update import
        set status = 'mapping', rows = ${counter.rows}, file_bytes = ${counter.bytes}, uploaded_at = now(),
            format = ${JSON.stringify(format)}
        where section_id = ${sectionId} and id = ${id}`,
    );
  });
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number, counter: { bytes: number }) {
  for await (const piece of body) {
    counter.bytes += piece.length;
    if (counter.bytes > maxBytes) {
      refuse(
        'invalid',
        `The file is larger than ${Math.round(maxBytes / 1_048_576)} MB. Split it into smaller files.`,
        { field: 'file' },
      );
    }
    yield piece;
  }
}

const LINES_A_PIECE = 500;

/** Rows in COPY's text format, several lines a piece. */
async function* copyLines(
  sectionId: SectionId,
  id: ImportId,
  rows: AsyncGenerator<FileRow>,
  format: FileFormat,
  counter: { rows: number },
): AsyncGenerator<string> {
  let piece = '';
  let lines = 0;
  for await (const { line, cells } of rows) {
    counter.rows++;
    lines++;
    piece += `${sectionId}\t${id}\t${counter.rows}\t${line}\t${arrayLiteral(cells.slice(0, format.columns.length))}\n`;
    if (lines < LINES_A_PIECE) continue;
    yield piece;
    piece = '';
    lines = 0;
  }
  if (piece) yield piece;
}

/** A text[] literal, escaped for the array and then for COPY. */
function arrayLiteral(cells: readonly string[]): string {
  const items = cells.map((cell) => `"${cell.replace(/["\\]/g, '\\$&')}"`);
  return `{${items.join(',')}}`.replace(/[\\\n\r\t]/g, (character) => COPY_ESCAPES[character]!);
}

const COPY_ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Throws away an upload that was not run. */
export const discardImport = command({
  name: 'imports.discard',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, importId: ImportIdSchema }),
  run: async ({ tx }, { sectionId, importId }) => {
    const discarded = await maybeOne<{ fileName: string }>(
      tx,
      sql`
        delete from import
        where section_id = ${sectionId} and id = ${importId} and operation_id is null
        returning file_name as "fileName"`,
    );
    return discarded ?? refuse('conflict', 'This import has been run or discarded already.');
  },
  audit: ({ importId }, { fileName }) => ({ summary: `Discarded “${fileName}”`, subject: `import:${importId}` }),
});

/** Removes uploads that nobody went on with: they hold people's data. */
export async function removeAbandonedUploads(): Promise<void> {
  await execute(pool(), sql`delete from import where operation_id is null and created_at < now() - interval '7 days'`);
}
