// The upload: streams the file into the database, without temporary files. Small files are read to their end at once;
// of large ones only the beginning, so that the person can continue, and `checkFile` reads the rest.
import { z } from 'zod';
import { actorKey, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse, Refusal, type RefusalData, type Result } from '@/lib/access/refusal';
import { ImportIdSchema, SectionIdSchema, type ImportId, type SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { shortened } from '@/lib/text/shortened';
import { EvidenceCollector } from './evidence';
import { dropDryRun, lockWaiting, stopDryRun } from './commands';
import { readFile, readFileRows, writeFile } from './file';
import { EncodingEvidence } from './encoding';
import { GarbledText } from './garbled';
import { noteOnUnnamed, type Encoding, type FileFormat, type FormatChoice } from './format';
import { FileError, readRows } from './parse';
import { enterUpload, withinQuota } from './quota';
import { ChangeFormatSchema } from './schema';
import { unpack } from './unpack';
import { writeImportUses } from './uses';
import { readWorkbook, type Reader } from './workbook';

/** The maximum number of doubts stored for a file. */
const DOUBTS = 10;
/** Files up to this size are read to their end before the wizard is shown. */
const CHECK_AT_ONCE = 8 * 1_048_576;

const FileNameSchema = z
  .string()
  .transform((name) => shortened(name.replace(/\p{Cc}/gu, '').trim(), 200))
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

/**
 * Receives a file. If it is refused, with the line and what to do, nothing is left behind. `maxBytes`: the largest
 * file. `choice`, `sheet` and `named`: known parts of its format, the sheet of a workbook, and columns of its header.
 * `signal`: aborted when the client disconnects.
 */
export async function uploadFile(
  actor: Actor,
  {
    sectionId,
    fileName,
    maxBytes,
    choice = {},
    sheet,
    named = [],
    signal,
  }: {
    sectionId: SectionId;
    fileName: string;
    maxBytes: number;
    choice?: FormatChoice;
    sheet?: string;
    named?: readonly string[];
    signal?: AbortSignal;
  },
  body: AsyncIterable<Uint8Array>,
): Promise<Result<{ id: ImportId }>> {
  let leave: (() => void) | undefined;
  let id: ImportId | undefined;
  try {
    leave = enterUpload(actor);
    const created = await createImport(actor, { sectionId, fileName });
    if (!created.ok) return created;
    id = created.value.id;
    const reader = { who: actorKey(actor), signal };
    await stage({ sectionId, importId: id, maxBytes, choice, sheet, named, reader }, body);
    return { ok: true, value: { id } };
  } catch (error) {
    if (id !== undefined) await remove(sectionId, id);
    const refusal = refusalOf(error);
    if (refusal) return { ok: false, refusal: { field: 'file', ...refusal } };
    throw error;
  } finally {
    leave?.();
  }
}

async function remove(sectionId: SectionId, id: ImportId): Promise<void> {
  try {
    await execute(pool(), sql`delete from import where section_id = ${sectionId} and id = ${id}`);
  } catch {
    // Report the original error instead; leftovers are removed with the abandoned uploads.
  }
}

const DISK_FULL = '53100';

/** The message for the person, if the cause is the file, a limit or the disk. */
function refusalOf(error: unknown): RefusalData | undefined {
  if (error instanceof Refusal) return error.toData();
  if (error instanceof FileError) return { code: 'invalid', message: error.message };
  if (error instanceof Error && 'code' in error && error.code === DISK_FULL) {
    return {
      code: 'unavailable',
      message:
        'The disk of the server is full. Nothing was saved. Tell the person who runs this server, and try again later.',
    };
  }
  return undefined;
}

async function stage(
  {
    sectionId,
    importId,
    maxBytes,
    choice,
    sheet,
    named,
    reader,
  }: {
    sectionId: SectionId;
    importId: ImportId;
    maxBytes: number;
    choice: FormatChoice;
    sheet: string | undefined;
    named: readonly string[];
    reader: Reader;
  },
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const uploaded = { bytes: 0 };
  const { bytes, workbook } = await unpack(limited(body, maxBytes, uploaded), maxBytes, { sheet, ...reader });
  // In pieces, so that a slow upload holds neither a connection nor a transaction.
  const write = (original: boolean, pieces: AsyncIterable<Uint8Array>) =>
    writeFile(pool(), { sectionId, importId, original }, withinQuota(pool(), { sectionId, importId }, pieces));
  const evidence = new EncodingEvidence();
  const length = await write(false, watched(bytes, evidence));
  if (workbook) await write(true, once(workbook.original));
  await transaction(async (tx) => {
    await execute(
      tx,
      sql`
        update import set status = 'mapping', file_bytes = ${uploaded.bytes}, uploaded_at = ${new Date()}
        where section_id = ${sectionId} and id = ${importId}`,
    );
    const found = choice.encoding === undefined && length > 0 ? evidence.encoding() : undefined;
    await setFormat(tx, sectionId, importId, choice, {
      encoding: choice.encoding ?? found?.encoding,
      named,
      kept: workbook ? sheetOf(workbook) : { names: evidence.names(), encodingAssumed: found?.assumed },
    });
    if (length <= CHECK_AT_ONCE) await checkRows(tx, sectionId, importId);
  });
}

async function* watched(bytes: AsyncIterable<Uint8Array>, evidence: EncodingEvidence): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    evidence.add(piece);
    yield piece;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number, uploaded: { bytes: number }) {
  for await (const piece of body) {
    uploaded.bytes += piece.length;
    if (uploaded.bytes > maxBytes) {
      refuse(
        'invalid',
        `The file is larger than ${Math.round(maxBytes / 1_048_576)} MB. Split it into smaller files.`,
        { field: 'file' },
      );
    }
    yield piece;
  }
}

type Found = {
  /** From the evidence of the whole file, unless a person chose it. */
  encoding: Encoding | undefined;
  named: readonly string[];
  kept: Pick<FileFormat, 'names' | 'encodingAssumed'> | OfSheet;
};

type OfSheet = Pick<FileFormat, 'sheets' | 'sheet' | 'alike' | 'hiddenRows' | 'noResult'>;

/** What is known about a workbook's sheet, apart from its cells. */
function sheetOf({ sheets, sheet, alike, hiddenRows, noResult }: OfSheet): OfSheet {
  return { sheets, sheet, alike, hiddenRows, noResult };
}

/** Detects the parts of the format that were not chosen, from the beginning of the file. Resets the mapping. */
async function setFormat(
  tx: Tx,
  sectionId: SectionId,
  importId: ImportId,
  chosen: FormatChoice,
  { encoding, named, kept }: Found,
): Promise<void> {
  const file = readFile(tx, { sectionId, importId, original: false });
  const { format, rows } = await readRows(file, { encoding, ...chosen }, named);
  await rows.return(undefined);
  await execute(
    tx,
    sql`
      update import
      set format = ${JSON.stringify({ ...format, chosen, ...kept })}, mapping = '{}', checked = false, rows = 0, error = null,
        evidence = null
      where section_id = ${sectionId} and id = ${importId}`,
  );
  await writeImportUses(tx, sectionId, importId, []);
}

/**
 * Reads the file to its end: counts its rows and finds its columns' notation. Throws a FileError with the line that
 * cannot be read.
 */
async function checkRows(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<number> {
  const { format } = await one<{ format: FileFormat }>(
    tx,
    sql`select format from import where section_id = ${sectionId} and id = ${importId}`,
  );
  let count = 0;
  const evidence = new EvidenceCollector();
  const doubts: string[] = [];
  const unnamed = { rows: 0, line: 0 };
  const garbled = format.sheet === undefined && format.encoding === 'utf-8' ? new GarbledText() : null;
  const beyond = format.columns.length - (format.sheet === undefined ? (format.unnamed ?? 0) : 0);
  for await (const { line, cells, problem, note } of readFileRows(tx, { sectionId, importId, format })) {
    count++;
    if (note !== undefined && doubts.length < DOUBTS) doubts.push(note);
    if (problem !== undefined) continue;
    evidence.add(line, cells);
    garbled?.add(line, cells);
    if (!cells.slice(beyond).some((cell) => cell.trim() !== '')) continue;
    unnamed.line ||= line;
    unnamed.rows++;
  }
  // Below a heading over several columns, the cells are in the right place.
  if (unnamed.rows > 0 && format.namesBelow === undefined)
    doubts.unshift(noteOnUnnamed(format, unnamed.rows, unnamed.line));
  doubts.push(...(garbled?.notes() ?? []));
  await execute(
    tx,
    sql`
      update import set checked = true, rows = ${count}, evidence = ${JSON.stringify(evidence.columns)},
        format = format || ${JSON.stringify(doubts.length > 0 ? { doubts } : {})}::jsonb
      where section_id = ${sectionId} and id = ${importId}`,
  );
  return count;
}

const ImportInput = z.object({ sectionId: SectionIdSchema, importId: ImportIdSchema });

/** Reads a large file to its end and stores the result: `{ rows }`, or `{ error }` with the line and what to do. */
export const checkFile = command({
  name: 'imports.check',
  scope: 'section',
  allow: 'everyone',
  input: ImportInput,
  run: async ({ tx }, { sectionId, importId }) => {
    const waiting = await lockWaiting(tx, sectionId, importId);
    if (waiting.checked) return { rows: waiting.rows, error: waiting.fileError };
    try {
      return { rows: await checkRows(tx, sectionId, importId), error: null };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      await execute(
        tx,
        sql`update import set checked = true, error = ${error.message}
            where section_id = ${sectionId} and id = ${importId}`,
      );
      return { rows: 0, error: error.message };
    }
  },
  audit: () => null,
});

/**
 * Reads the file in another format. Parts that were not chosen, now or earlier, are detected again; for another sheet,
 * all of them. Reading another sheet stops, and nothing changes, when the caller disconnects.
 */
export const changeFormat = command({
  name: 'imports.format',
  scope: 'section',
  allow: 'everyone',
  input: ChangeFormatSchema,
  run: async ({ tx, actor, signal }, { sectionId, importId, named, format: { sheet, ...choice } }) => {
    const { format, fileBytes } = await lockWaiting(tx, sectionId, importId);
    await dropDryRun(tx, sectionId, importId);
    try {
      const { names, encodingAssumed, sheets, chosen } = format;
      const kept = { names, encodingAssumed, ...sheetOf(format) };
      let found: Found = { encoding: format.encoding, named, kept };
      let before = chosen ?? {};
      if (sheet !== undefined && sheet !== format.sheet) {
        if (!sheets)
          refuse('invalid', `The file is not a workbook, so it has no sheet “${sheet}”.`, { field: 'sheet' });
        found = {
          ...found,
          kept: await readSheet(tx, { who: actorKey(actor), signal }, { sectionId, importId, sheet }),
        };
        before = {};
      }
      await setFormat(tx, sectionId, importId, { ...before, ...choice }, found);
      if (fileBytes <= CHECK_AT_ONCE) await checkRows(tx, sectionId, importId);
      return {};
    } catch (error) {
      if (error instanceof FileError) refuse('invalid', error.message, { field: 'format' });
      throw error;
    }
  },
  audit: () => null,
});

type WantedSheet = { sectionId: SectionId; importId: ImportId; sheet: string };

async function readSheet(tx: Tx, reader: Reader, { sectionId, importId, sheet: wanted }: WantedSheet) {
  const parts: Uint8Array[] = [];
  for await (const piece of readFile(tx, { sectionId, importId, original: true })) parts.push(piece);
  await execute(
    tx,
    sql`delete from import_chunk where section_id = ${sectionId} and import_id = ${importId} and not original`,
  );
  const { csv, ...found } = await readWorkbook(Buffer.concat(parts), wanted, reader);
  await writeFile(tx, { sectionId, importId, original: false }, withinQuota(tx, { sectionId, importId }, csv));
  return found;
}

/** Discards an upload that was not run. */
export const discardImport = command({
  name: 'imports.discard',
  scope: 'section',
  allow: 'everyone',
  input: ImportInput,
  run: async ({ tx }, { sectionId, importId }) => {
    await stopDryRun(tx, sectionId, importId);
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

/** Deletes abandoned uploads and what ended imports left, because it is personal data. */
export async function removeAbandonedUploads(now = new Date()): Promise<void> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  await execute(
    pool(),
    sql`
      delete from import
      where operation_id is null
        and created_at < case when status = 'uploading' then ${daysAgo(1)}::timestamptz else ${daysAgo(7)}::timestamptz end`,
  );
  // Until then, a person can fix what stopped it and run it again.
  const ended = sql`
    select import.section_id, import.id
    from import
    join operation on operation.section_id = import.section_id and operation.id = import.operation_id
    where operation.status in ('failed', 'cancelled') and operation.finished_at < ${daysAgo(7)}`;
  await execute(pool(), sql`delete from import_chunk where (section_id, import_id) in (${ended})`);
  await execute(pool(), sql`delete from import_row where (section_id, import_id) in (${ended})`);
  await execute(pool(), sql`delete from import_repeat where (section_id, import_id) in (${ended})`);
}
