// A delimited file as a stream of rows. Never holds more than a piece of it; what is wrong is said with its line.
import { parse, CsvError, type Info } from 'csv-parse';
import { Readable } from 'node:stream';
import { DELIMITERS, type Delimiter, type Encoding, type FileFormat, type FormatChoice } from './format';

/** A row of the file. `line` is the line on which it begins, counted from 1. */
export type FileRow = { line: number; cells: string[] };

/** The file cannot be read; the message says where and what to do. */
export class FileError extends Error {}

const SAMPLE_BYTES = 64 * 1024;
const CELL_MAX = 100_000;
const COLUMNS_MAX = 500;

/** Beginnings of files that are not text, and what they are. */
const MAGIC: [number[], string][] = [
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook, or one with a password. Save it as .xlsx or CSV first'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0xff, 0xd8, 0xff], 'a picture'],
];

/** Reads the beginning to find what of the format is not chosen, then gives all rows (without the header) one by one. */
export async function readRows(
  bytes: AsyncIterable<Uint8Array>,
  choice: FormatChoice = {},
): Promise<{ format: FileFormat; rows: AsyncGenerator<FileRow> }> {
  const source = bytes[Symbol.asyncIterator]();
  const sample = await takeSample(source);
  if (sample.length === 0) throw new FileError('The file is empty. Choose a file with a header and at least one row.');
  const encoding = choice.encoding ?? findEncoding(sample);
  const text = new TextDecoder(encoding).decode(sample);
  const delimiter = choice.delimiter ?? findDelimiter(text);
  const parsed = parseRows(decode(prepend(sample, source), encoding), delimiter);
  const first = await parsed.next();
  if (first.done) throw new FileError('The file has no rows. Choose a file with a header and at least one row.');
  const header = choice.header ?? looksLikeHeader(first.value.cells);
  const columns = header
    ? nameColumns(first.value.cells)
    : first.value.cells.map((_cell, index) => `Column ${index + 1}`);
  if (columns.length > COLUMNS_MAX) {
    throw new FileError(
      `The file has ${columns.length} columns; at most ${COLUMNS_MAX} can be read. Remove those that you do not need.`,
    );
  }
  return { format: { delimiter, encoding, header, columns }, rows: rowsAfter(first.value, parsed, header) };
}

async function* rowsAfter(first: FileRow, others: AsyncGenerator<FileRow>, header: boolean): AsyncGenerator<FileRow> {
  let count = 0;
  if (!header) {
    count++;
    yield first;
  }
  for await (const row of others) {
    count++;
    yield row;
  }
  if (count === 0)
    throw new FileError('The file has a header but no rows below it. Choose a file with at least one row.');
}

async function takeSample(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < SAMPLE_BYTES) {
    const next = await source.next();
    if (next.done) break;
    pieces.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(pieces);
}

async function* prepend(sample: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield sample;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

function findEncoding(sample: Buffer): Encoding {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  for (const [magic, what] of MAGIC) {
    if (magic.every((byte, index) => sample[index] === byte))
      throw new FileError(`This is not a CSV file: it looks like ${what}.`);
  }
  const wide = findWideEncoding(sample);
  if (wide) return wide;
  if (sample.includes(0))
    throw new FileError('This is not a CSV file: it has binary data in it. Export it as CSV (UTF-8) and try again.');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** UTF-16 without a mark: nearly every second byte of Western text is zero. */
function findWideEncoding(sample: Buffer): Encoding | undefined {
  const zeros = [0, 0] as [number, number];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[(index % 2) as 0 | 1]++;
  const [even, odd] = [zeros[0] / sample.length, zeros[1] / sample.length];
  if (odd > 0.4 && even < 0.02) return 'utf-16le';
  return even > 0.4 && odd < 0.02 ? 'utf-16be' : undefined;
}

async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8' });
  let lines = 1;
  const checked = (text: string) => {
    const bad = text.indexOf('\u0000');
    if (bad >= 0) {
      const line = lines + countLines(text.slice(0, bad));
      throw new FileError(`Line ${line} has binary data (a NUL byte) in it. Export the file anew as CSV (UTF-8).`);
    }
    lines += countLines(text);
    return text;
  };
  try {
    for await (const piece of bytes) yield checked(decoder.decode(piece, { stream: true }));
    yield checked(decoder.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new FileError(
      `Near line ${lines} there are characters that are not UTF-8, as the rest is. Export the file anew as CSV (UTF-8).`,
    );
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The delimiter that splits the first lines most evenly; text in quotes does not count. */
function findDelimiter(text: string): Delimiter {
  const lines = text
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 20);
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const typical = counts[0] ?? 0;
    const even = counts.filter((count) => count === typical).length / Math.max(counts.length, 1);
    const score = typical * even;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

async function* parseRows(text: AsyncIterable<string>, delimiter: Delimiter): AsyncGenerator<FileRow> {
  const parser = parse({
    delimiter,
    info: true,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: CELL_MAX * 4,
  });
  const source = Readable.from(text);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const item of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const cells = item.record;
      const line = item.info.lines - cells.reduce((sum, cell) => sum + lineBreaks(cell), 0);
      const long = cells.findIndex((cell) => cell.length > CELL_MAX);
      if (long >= 0) throw new FileError(tooLong(line, long + 1));
      yield { line, cells };
    }
  } catch (error) {
    throw readable(error);
  } finally {
    source.destroy();
  }
}

function lineBreaks(cell: string): number {
  return cell.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function tooLong(line: number, column?: number): string {
  const where = column === undefined ? '' : `, column ${column},`;
  return `Line ${line}${where} has a cell of more than ${CELL_MAX.toLocaleString('en-GB')} characters. Shorten it, or close a quote that is open.`;
}

/** The parser's own errors in words; it says the line in its message. */
function readable(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = Number(/at line (\d+)/.exec(error.message)?.[1] ?? 1);
  if (error.code === 'CSV_MAX_RECORD_SIZE') return new FileError(tooLong(line));
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new FileError(
      `The file ends on line ${line} inside a quote that is never closed: it may be cut off. Export it anew, or close the quote.`,
    );
  }
  return new FileError(`Line ${line} cannot be read: ${error.message}`);
}

/** A first row with an email address or a bare number in it is data, not a header. */
function looksLikeHeader(cells: readonly string[]): boolean {
  return !cells.some((cell) => /^\S+@\S+\.\S+$/.test(cell.trim()) || /^[+\d][\d\s-]{4,}$/.test(cell.trim()));
}

/** Empty and repeated names are made distinct: 'Column 3', 'Phone (2)'. */
function nameColumns(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim().slice(0, 200) || `Column ${index + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
