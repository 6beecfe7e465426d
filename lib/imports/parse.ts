// Reads a delimited file as a stream of rows. Holds one piece in memory; errors name their line.
import { setImmediate } from 'node:timers/promises';
import { decode, decodePart } from './decode';
import { CELL_BREAK, RowParser, type Dialect, type FileRow } from './delimited';
import { findEncoding } from './encoding';
import { FileError } from './file-error';
import { DELIMITERS, type Delimiter, type FileFormat, type FormatChoice } from './format';
import {
  columnsOf,
  findDelimiter,
  findHeader,
  findQuotes,
  firstRows,
  hasNames,
  locateTable,
  namesBelow,
  repeatedNames,
  rowsAbove,
  separatorLine,
  unnamedColumns,
} from './locate';
import { NextTableDetector } from './next-table';
import { hasWholeQuotes, withoutQuotesInText, withoutWholeQuotes } from './whole-quotes';

export { FileError } from './file-error';
export type { FileRow } from './delimited';

/** Bytes examined to detect a file's format. */
const SAMPLE_MIN = 64 * 1024;
const SAMPLE_MAX = 16 * 1024 * 1024;
const ONE_LINE_MAX = 2 * 1024 * 1024;
/**
 * Text parsed into rows at once; more if a row is longer, since an incomplete row is scanned again when more text
 * arrives.
 */
const SLICE = 8_192;
const LONGEST_SLICE = 131_072;
const COLUMNS_MAX = 500;

/**
 * Detects the parts of the format that are not chosen, then yields all rows (without the header) one by one. `named`: columns that
 * the header must have, if known.
 */
export async function readRows(
  bytes: AsyncIterable<Uint8Array>,
  choice: FormatChoice = {},
  named: readonly string[] = [],
): Promise<{ format: FileFormat; rows: AsyncGenerator<FileRow> }> {
  const source = bytes[Symbol.asyncIterator]();
  const found = await takeSample(source, choice);
  const format = formatOf(found, choice, named);
  return { format, rows: rowsOf(prepend(found.sample, source), format) };
}

/**
 * All rows of a file in a known format, without the header. Rows of other tables below get a problem. Refuses a file
 * without rows.
 */
export async function* rowsOf(bytes: AsyncIterable<Uint8Array>, format: FileFormat): AsyncGenerator<FileRow> {
  let count = 0;
  let header = format.header;
  let table: NextTableDetector | undefined;
  for await (const row of tableRows(bytes, format, format.columns.length)) {
    table ??= new NextTableDetector(header ? row.cells : null);
    if (header) {
      header = false;
      continue;
    }
    count++;
    for (const one of table.add(row)) yield withBreaks(one);
  }
  for (const row of table?.rest() ?? []) yield withBreaks(row);
  if (count > 0) return;
  const where = format.startLine > 1 ? ` from line ${format.startLine} on` : '';
  throw new FileError(
    format.header && !header
      ? 'The file has a header but no rows below it. Choose a file with at least one row, or another header.'
      : `The file has no rows${where}. Choose a file with a header and at least one row.`,
  );
}

/** All rows from the first line of the file on: to show where the table begins. */
export async function* allRows(bytes: AsyncIterable<Uint8Array>, format: FileFormat): AsyncGenerator<FileRow> {
  for await (const row of tableRows(bytes, { ...format, startLine: 1 }, null)) yield withBreaks(row);
}

/** With the line breaks inside the cells of a workbook. */
function withBreaks(row: FileRow): FileRow {
  if (!row.cells.some((cell) => cell.includes(CELL_BREAK))) return row;
  return { ...row, cells: row.cells.map((cell) => cell.replaceAll(CELL_BREAK, '\n')) };
}

async function* tableRows(bytes: AsyncIterable<Uint8Array>, format: FileFormat, width: number | null) {
  const parser = new RowParser(dialectOf(format), format.startLine);
  parser.width = width;
  const decoded = decode(bytes, format.encoding);
  let size = SLICE;
  for await (const text of format.wholeQuotes ? withoutWholeQuotes(decoded) : decoded) {
    for (let at = 0; at < text.length;) {
      parser.push(text.slice(at, at + size));
      let found = false;
      for (const row of parser.take(false)) {
        found = true;
        yield row;
      }
      at += size;
      size = found ? SLICE : Math.min(size * 2, LONGEST_SLICE);
      // Processing a row takes longer than reading it, and pages must not wait for thousands of them.
      await setImmediate();
    }
  }
  yield* parser.take(true);
}

function dialectOf({ delimiter, quotes, encoding }: Pick<FileFormat, 'delimiter' | 'quotes' | 'encoding'>): Dialect {
  return { delimiter, quotes, encoding };
}

type Sample = { sample: Buffer; whole: boolean };

/** The first bytes: more if the first lines are long, or the chosen line is far down. */
async function takeSample(source: AsyncIterator<Uint8Array>, { startLine = 1 }: FormatChoice): Promise<Sample> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let breaks = 0;
  let enough = startLine > 1 ? SAMPLE_MAX : ONE_LINE_MAX;
  while (length < enough) {
    const next = await source.next();
    if (next.done) return { sample: Buffer.concat(pieces), whole: true };
    pieces.push(next.value);
    length += next.value.length;
    for (const byte of next.value) if (byte === 10 || byte === 13) breaks++;
    // A line ends with CR, LF or both.
    if (breaks >= (startLine + 1) * 2) enough = Math.min(enough, length + SAMPLE_MIN);
  }
  return { sample: Buffer.concat(pieces), whole: false };
}

async function* prepend(sample: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield sample;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

function formatOf({ sample, whole }: Sample, choice: FormatChoice, named: readonly string[]): FileFormat {
  if (sample.length === 0) throw new FileError('The file is empty. Choose a file with a header and at least one row.');
  const { encoding, assumed } = choice.encoding ? { encoding: choice.encoding, assumed: false } : findEncoding(sample);
  const written = decodePart(sample, encoding, whole);
  const wholeQuotes = choice.quotes === undefined && hasWholeQuotes(written, whole);
  const text = wholeQuotes ? withoutQuotesInText(written) : written;
  const separator = separatorLine(text);
  const top = Math.max(choice.startLine ?? 1, separator ? 2 : 1);
  const read = (dialect: Pick<FileFormat, 'delimiter' | 'quotes'>) =>
    firstRows(text, dialectOf({ ...dialect, encoding }), { whole, startLine: top });
  const rowsBy = (delimiter: Delimiter) => read({ delimiter, quotes: choice.quotes ?? 'doubled' }).rows;
  const delimiter =
    choice.delimiter ??
    separator?.delimiter ??
    (named.length > 0 ? DELIMITERS.find((one) => findHeader(rowsBy(one), named)) : undefined) ??
    findDelimiter(rowsBy);
  const quotes = choice.quotes ?? findQuotes((one) => read({ delimiter, quotes: one }).troubles);
  let { rows } = read({ delimiter, quotes });
  // One row that is longer than the sample: return what there is.
  if (rows.length === 0 && !whole) {
    rows = firstRows(text, dialectOf({ delimiter, quotes, encoding }), { whole: true, startLine: top }).rows;
  }
  if (rows.length === 0) {
    const where = top > 1 && choice.startLine ? ` from line ${top} on` : '';
    throw new FileError(`The file has no rows${where}. Choose a file with a header and at least one row.`);
  }
  const found =
    (named.length > 0 && choice.header !== false ? findHeader(rows, named) : undefined) ?? locateTable(rows);
  const chosen = choice.startLine !== undefined || choice.header === false;
  const place = chosen
    ? { index: 0, header: choice.header ?? true }
    : { ...found, header: choice.header ?? found.header };
  const first = rows[place.index]!;
  // If the columns are known, more cells than names are a mistake.
  const complete = named.length > 0 && place.header && hasNames(first.cells, named);
  const columns = columnsOf(rows, place, complete);
  if (columns.length > COLUMNS_MAX) {
    throw new FileError(
      `The file has ${columns.length} columns; at most ${COLUMNS_MAX} can be read. Remove those that you do not need.`,
    );
  }
  const repeated = place.header ? repeatedNames(first.cells) : [];
  const unnamed = place.header ? unnamedColumns(first.cells, columns.length) : 0;
  const below = place.header ? namesBelow(rows, place.index) : undefined;
  const above = chosen ? undefined : rowsAbove(rows, place.index);
  return {
    delimiter,
    encoding,
    ...(assumed && { encodingAssumed: true }),
    quotes,
    ...(wholeQuotes && { wholeQuotes }),
    header: place.header,
    startLine: first.line,
    columns,
    ...(repeated.length > 0 && { repeated }),
    ...(unnamed > 0 && { unnamed }),
    ...(below !== undefined && { namesBelow: below }),
    ...(above && { above }),
  };
}
