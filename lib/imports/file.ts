// The uploaded file, stored in the database in chunks, so that any process can read it and a broken upload leaves nothing behind.
import { setImmediate } from 'node:timers/promises';
import type { ImportId, SectionId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Db } from '@/lib/db/sql';
import { shortened } from '@/lib/text/shortened';
import { storedFormat, type FileFormat } from './format';
import { allRows, FileError, readRows, rowsOf, type FileRow } from './parse';
import { recognise } from './recognise';

const PIECE = 1_048_576;
/** Bytes parsed at once: some milliseconds of work. */
const SLICE = 65_536;

/** The file to read (`original: false`), or the workbook that it was made from. */
export type FilePart = { sectionId: SectionId; importId: ImportId; original: boolean };

/** Stores the bytes as they arrive. Returns their number. */
export async function writeFile(db: Db, part: FilePart, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  let seq = 0;
  let waiting: Uint8Array[] = [];
  let waitingLength = 0;
  const flush = async () => {
    if (waitingLength === 0) return;
    await execute(
      db,
      sql`
        insert into import_chunk (section_id, import_id, original, seq, bytes)
        values (${part.sectionId}, ${part.importId}, ${part.original}, ${seq++}, ${Buffer.concat(waiting)})`,
    );
    waiting = [];
    waitingLength = 0;
  };
  for await (const piece of bytes) {
    waiting.push(piece);
    waitingLength += piece.length;
    length += piece.length;
    if (waitingLength >= PIECE) await flush();
  }
  await flush();
  return length;
}

/** Reads the bytes in slices, as far as the consumer reads. Between slices the process can answer other requests. */
export async function* readFile(db: Db, part: FilePart): AsyncGenerator<Uint8Array> {
  for (let seq = 0; ; seq++) {
    const piece = await maybeOne<{ bytes: Buffer }>(
      db,
      sql`
        select bytes from import_chunk
        where section_id = ${part.sectionId} and import_id = ${part.importId} and original = ${part.original} and seq = ${seq}`,
    );
    if (!piece) return;
    for (let at = 0; at < piece.bytes.length; at += SLICE) {
      yield piece.bytes.subarray(at, at + SLICE);
      await setImmediate();
    }
  }
}

/** The file's rows from the first on, read in the given format. */
export async function* readFileRows(
  db: Db,
  file: { sectionId: SectionId; importId: ImportId; format: FileFormat },
): AsyncGenerator<FileRow> {
  yield* rowsOf(readFile(db, { ...file, original: false }), storedFormat(file.format));
}

/** The first rows, up to `limit` or the first error. */
export async function readFirstRows(
  db: Db,
  file: { sectionId: SectionId; importId: ImportId; format: FileFormat },
  limit: number,
): Promise<FileRow[]> {
  return firstOf(readFileRows(db, file), limit);
}

async function firstOf(rows: AsyncGenerator<FileRow>, limit: number): Promise<FileRow[]> {
  const first: FileRow[] = [];
  try {
    for await (const row of rows) {
      first.push(row);
      if (first.length === limit) break;
    }
  } catch (error) {
    // The check of the whole file reports the error.
    if (!(error instanceof FileError)) throw error;
  }
  return first;
}

const SHOWN_ROWS = 60;
const SHOWN_TEXT = 120;

/** The first rows of the file, including those above the table, with shortened cells: to show where the table begins. */
export async function readTop(
  db: Db,
  file: { sectionId: SectionId; importId: ImportId; format: FileFormat },
): Promise<FileRow[]> {
  const rows = await firstOf(
    allRows(readFile(db, { ...file, original: false }), storedFormat(file.format)),
    SHOWN_ROWS,
  );
  return rows.map(({ line, cells }) => ({ line, cells: cells.map((cell) => shortened(cell, SHOWN_TEXT)) }));
}

const PEEK_BYTES = 262_144;
const PEEK_ROWS = 20;

/**
 * A file's format as detected from its beginning. Null if that is not enough: archives, workbooks, errors. Reads the bytes to their
 * end, because a request whose body is not read gets no answer.
 */
export async function peekAtFile(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ format: FileFormat; rows: FileRow[] } | null> {
  const start: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    if (length < PEEK_BYTES) start.push(piece);
    length += piece.length;
  }
  async function* pieces() {
    yield* start;
  }
  try {
    if (recognise(Buffer.concat(start)).is !== 'text') return null;
    const { format, rows } = await readRows(pieces());
    return { format, rows: await firstOf(rows, PEEK_ROWS) };
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}
