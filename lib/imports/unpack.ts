// From uploads to delimited text: .gz and .zip files are unpacked, a workbook's sheet becomes CSV. The output is
// limited, so that a small file cannot become an endless one.
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Unzip, UnzipInflate, type AsyncFlateStreamHandler, type UnzipDecoder, type UnzipFile } from 'fflate';
import { FileError } from './parse';
import { recognise, START_BYTES } from './recognise';
import { readWorkbook, type Reader, type Sheet } from './workbook';

export type Unpacked = {
  bytes: AsyncIterable<Uint8Array>;
  /** For a workbook: the file itself, its sheets, and the one that was read. */
  workbook?: { original: Uint8Array } & Omit<Sheet, 'csv'>;
};

/** A workbook must be in memory as a whole, so its limit is smaller than a text file's. */
const WORKBOOK_MAX = 50 * 1_048_576;
/** Small enough that one piece cannot unpack to more than a few megabytes. */
const PIECE = 4_096;
/** The longest line. Rows are far shorter (delimited.ts); this stops text without lines early. */
const LINE_MAX = 4 * 1_048_576;
/** How many names of an archive's files are listed. */
const NAMES_SHOWN = 10;
/** Files that operating systems add to archives. */
const NOT_FILES = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)|\/$/;

/**
 * The text in a file. An archive may contain one file, which may be packed itself. `maxBytes`: of the output. `sheet`:
 * the one to read from a workbook.
 */
export async function unpack(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  { sheet, ...reader }: Reader & { sheet?: string } = {},
  depth = 0,
): Promise<Unpacked> {
  const { start, all } = await peek(bytes);
  const found = recognise(start);
  if (found.is === 'text') {
    if (sheet !== undefined) throw new FileError(`The file is not a workbook, so it has no sheet “${sheet}”.`);
    return { bytes: withLines(limited(all, maxBytes)) };
  }
  if (found.is === 'workbook') {
    const original = await collect(all);
    const { csv, ...found } = await readWorkbook(original, sheet, reader);
    return { bytes: limited(csv, maxBytes), workbook: { original, ...found } };
  }
  if (depth === 2) throw new FileError('The archive holds an archive that holds an archive. Unpack it first.');
  const inside = found.is === 'gzip' ? limited(gunzipped(all), maxBytes) : unzipped(all, maxBytes);
  return unpack(inside, maxBytes, { sheet, ...reader }, depth + 1);
}

/** The first bytes, and the whole stream including them. */
async function peek(bytes: AsyncIterable<Uint8Array>) {
  const source = bytes[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let length = 0; length < START_BYTES;) {
    const next = await source.next();
    if (next.done) break;
    first.push(next.value);
    length += next.value.length;
  }
  async function* all() {
    yield* first;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  return { start: Buffer.concat(first), all: all() };
}

async function* limited(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    yield piece;
  }
}

const [LF, CR] = [10, 13];

/** Refuses text without line breaks. Counts bytes, so that it works in every encoding. */
async function* withLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    const first = piece.indexOf(LF) >= 0 ? LF : CR;
    const [begin, end] = [piece.indexOf(first), piece.lastIndexOf(first)];
    length += begin < 0 ? piece.length : begin;
    if (length > LINE_MAX) {
      throw new FileError(
        `The file has a line of more than ${LINE_MAX / 1_048_576} MB, so it is not a table of rows. Export it as CSV with a line for each row.`,
      );
    }
    if (end >= 0) length = piece.length - end - 1;
    yield piece;
  }
}

function tooLarge(maxBytes: number): FileError {
  const megabytes = Math.round(maxBytes / 1_048_576);
  return new FileError(`The file is larger than ${megabytes} MB once it is unpacked. Split it into smaller files.`);
}

async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new FileError('The file is compressed but cannot be unpacked: it may be cut off. Compress it again.');
  } finally {
    source.destroy();
  }
}

/** A file that is not started stays in memory. */
function skip(file: UnzipFile): void {
  file.ondata = () => undefined;
  file.start();
}

function severalFiles(names: readonly string[]): FileError {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `“${name}”`);
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '';
  return new FileError(
    `The archive holds ${names.length} files: ${shown.join(', ')}${more}. Unpack it, and import each file that you need separately.`,
  );
}

/** Inflates the wanted file. Skipped files are neither kept nor inflated. */
class Inflate implements UnzipDecoder {
  static compression = 8;
  ondata: AsyncFlateStreamHandler = () => undefined;
  readonly #inflate: UnzipInflate | undefined;

  constructor(isWanted: boolean) {
    if (!isWanted) return;
    this.#inflate = new UnzipInflate();
    this.#inflate.ondata = (error, data, final) => this.ondata(error, data, final);
  }

  push(data: Uint8Array, final: boolean): void {
    this.#inflate?.push(data, final);
  }
}

/** The single file of an archive, as a stream. */
async function* unzipped(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  let length = 0;
  let name: string | null = null;
  let problem: FileError | null = null;
  const stop = (error: FileError) => (problem ??= error);
  const others: string[] = [];
  const cannot = () =>
    new FileError('The archive cannot be unpacked: it may be cut off or have a password. Unpack it first.');
  const unzip = new Unzip((file: UnzipFile) => {
    if (NOT_FILES.test(file.name)) return skip(file);
    if (name !== null) {
      others.push(file.name);
      return skip(file);
    }
    name = file.name;
    file.ondata = (error, data) => {
      if (error) return void stop(cannot());
      length += data.length;
      if (length > maxBytes) stop(tooLarge(maxBytes));
      else if (others.length === 0) out.push(data);
    };
    file.start();
  });
  unzip.register(
    class extends Inflate {
      constructor(file: string) {
        super(file === name && others.length === 0);
      }
    },
  );
  const push = (piece: Uint8Array, final: boolean) => {
    try {
      unzip.push(piece, final);
    } catch {
      stop(cannot());
    }
  };
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length && !problem; at += PIECE) {
      push(piece.subarray(at, at + PIECE), false);
      yield* out;
      out = [];
    }
    if (problem) throw problem as FileError;
  }
  push(new Uint8Array(), true);
  if (problem) throw problem as FileError;
  if (others.length > 0) throw severalFiles([name!, ...others]);
  yield* out;
  if (name === null) throw new FileError('The archive is empty. Choose a file with a header and at least one row.');
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > WORKBOOK_MAX) {
      throw new FileError(
        `The workbook is larger than ${WORKBOOK_MAX / 1_048_576} MB. Save it as CSV (UTF-8), which may be larger.`,
      );
    }
    parts.push(piece);
  }
  return Buffer.concat(parts);
}
