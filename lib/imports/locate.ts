// Finds where the table begins in a file and how its columns are delimited, from the shape of the first rows.
import { columnKey } from './column-names';
import { canonicalText } from '@/lib/text/canonical';
import { shortened } from '@/lib/text/shortened';
import type { FileRow } from './delimited';
import { CELL_BREAK, isEmailLike, isNumberLike, RowParser, type Dialect } from './delimited';
import { DELIMITERS, type Delimiter, type Quotes } from './format';

/** The number of first rows examined. */
const ROWS = 100;
/** A longer cell is a sentence, not a column name. */
const NAME_MAX = 100;
/** Names of the address column in common languages. */
const EMAIL_NAMES = ['mail', 'e-post', 'epost', 'sähköposti', 'почт', 'メール', '邮', '郵', '메일', 'correo'];

/** Where a table begins: the index of its first row, and whether that row has the names of the columns. */
export type TableStart = { index: number; header: boolean };

/** The first rows of a text from `startLine` on. `whole`: whether the text ends where the file does. */
export function firstRows(
  text: string,
  dialect: Dialect,
  { whole, startLine, limit = ROWS }: { whole: boolean; startLine: number; limit?: number },
): { rows: FileRow[]; troubles: number } {
  const parser = new RowParser(dialect, startLine);
  parser.push(text);
  const rows: FileRow[] = [];
  for (const row of parser.take(whole)) {
    rows.push(row);
    if (rows.length === limit) break;
  }
  return { rows, troubles: parser.troubles };
}

/** The delimiter of Excel's instruction `sep=;` in the first line. Undefined if the line is something else. */
export function separatorLine(text: string): { delimiter: Delimiter | undefined } | undefined {
  const found = /^"?sep=(.)"?[,;\t| ]*(\r|\n|$)/i.exec(text.slice(0, 40));
  return found ? { delimiter: DELIMITERS.find((delimiter) => delimiter === found[1]) } : undefined;
}

/** The delimiter that gives the most regular table. `rowsBy`: the first rows as split by a delimiter. */
export function findDelimiter(rowsBy: (delimiter: Delimiter) => FileRow[]): Delimiter {
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const score = evenness(rowsBy(delimiter), delimiter);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** Scores rows: equal widths count more, cells that contain another delimiter less. */
function evenness(rows: readonly FileRow[], delimiter: Delimiter): number {
  const widths = new Map<number, number>();
  let clean = 0;
  let all = 0;
  for (const { cells } of rows) {
    widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
    for (const cell of cells) {
      all++;
      if (!DELIMITERS.some((other) => other !== delimiter && cell.includes(other))) clean++;
    }
  }
  let pattern = 0;
  for (const [width, count] of widths) pattern += (count * (width - 1)) / width;
  return all === 0 ? 0 : (pattern / widths.size) * (0.2 + 0.8 * (clean / all));
}

/** The style of escaping quotes that leaves fewer malformed rows. */
export function findQuotes(troublesOf: (quotes: Quotes) => number): Quotes {
  const doubled = troublesOf('doubled');
  return doubled > 0 && troublesOf('backslash') < doubled ? 'backslash' : 'doubled';
}

/** Finds the table among the first rows. Titles, notes, blank rows and other tables may precede it. */
export function locateTable(rows: readonly FileRow[]): TableStart {
  const first = topOf(rows, 0);
  const place = first ?? { index: 0, header: looksLikeNames(rows[0]?.cells ?? []) };
  if (!place.header || hasEmails(rows, place.index + 1, nextTable(rows, place.index))) return place;
  // A report may have other tables before the one with people.
  for (let at = nextTable(rows, place.index); at < rows.length; at = nextTable(rows, at)) {
    if (looksLikeNames(rows[at]!.cells) && hasEmails(rows, at + 1, nextTable(rows, at)))
      return { index: at, header: true };
  }
  return place;
}

/** The first row with all these column names. */
export function findHeader(rows: readonly FileRow[], names: readonly string[]): TableStart | undefined {
  const index = rows.findIndex(({ cells }) => hasNames(cells, names));
  return index < 0 ? undefined : { index, header: true };
}

/** Whether a header has all these names of columns. */
export function hasNames(cells: readonly string[], names: readonly string[]): boolean {
  const [columns, repeated] = [nameColumns(cells), repeatedNames(cells)];
  return names.every((name) => columnAt({ columns, repeated }, name) >= 0);
}

/**
 * The rows above a table's header that look like rows of another table: their number, and the line of the first. These
 * have an address below a column name or another address, or follow a header with names of this table.
 */
export function rowsAbove(rows: readonly FileRow[], index: number): { rows: number; line: number } | undefined {
  const names = new Set(rows[index]!.cells.map(columnKey).filter((name) => name !== ''));
  const above = rows.slice(0, index);
  let inTable = false;
  const found = above.filter(({ cells }, at) => {
    const isHeader = looksLikeNames(cells) && cells.filter((cell) => names.has(columnKey(cell))).length >= 2;
    if (isHeader || filled(cells) < 2) inTable = isHeader;
    if (isHeader) return false;
    const isPerson = cells.some(
      (cell, column) =>
        isEmailLike(cell) &&
        above.some((other, place) => {
          const text = other.cells[column] ?? '';
          return (place < at && namesEmail([text])) || (place !== at && isEmailLike(text));
        }),
    );
    return isPerson || inTable;
  });
  return found.length > 0 ? { rows: found.length, line: found[0]!.line } : undefined;
}

function topOf(rows: readonly FileRow[], from: number): TableStart | null {
  for (let index = from; index < rows.length; index++) {
    const below = rows.slice(index + 1, index + 30);
    const body = usualFill(below);
    if (isData(rows[index]!, below)) return { index, header: false };
    if (!couldBeHeader(rows[index]!, body)) continue;
    return { index: betterHeader(rows, index), header: true };
  }
  return null;
}

/** A note above the header can look like a header; the real one then follows a gap, or names the address column. */
function betterHeader(rows: readonly FileRow[], index: number): number {
  const emails = rows.findIndex((row, at) => at > index && row.cells.some(isEmailLike));
  const last = emails < 0 ? Math.min(rows.length - 1, index + 10) : emails;
  for (let at = index + 1; at < last; at++) {
    const body = usualFill(rows.slice(at + 1, at + 30));
    if (!couldBeHeader(rows[at]!, body)) continue;
    const named = namesEmail(rows[at]!.cells) && !namesEmail(rows[index]!.cells);
    const apart =
      gapAbove(rows[at - 1], rows[at]!) && rows.slice(index + 1, at).every((row) => !couldBeHeader(row, body));
    if (named || (apart && filled(rows[index]!.cells) < filled(rows[at]!.cells))) return at;
  }
  return index;
}

/** The row of the next header after a title or a blank line, or the end. */
function nextTable(rows: readonly FileRow[], index: number): number {
  const width = filled(rows[index]!.cells);
  for (let at = index + 2; at < rows.length; at++) {
    const above = rows[at - 1]!.cells;
    const title = filled(above) === 1 && above[0]!.trim() !== '' && !above.some(isEmailLike) && width >= 3;
    if ((title || gapAbove(rows[at - 1], rows[at]!)) && looksLikeNames(rows[at]!.cells) && filled(rows[at]!.cells) >= 2)
      return at;
  }
  return rows.length;
}

/** Whether there are blank lines between two consecutive rows. */
export function gapAbove(above: FileRow | undefined, row: FileRow): boolean {
  if (!above || row.line <= above.line + 1) return false;
  const breaks = above.cells.reduce((sum, cell) => sum + (cell.split(/\r\n|\n|\r/).length - 1), 0);
  return row.line > above.line + breaks + 1;
}

/** Whether a row consists of names, about as many as the rows below have cells. */
function couldBeHeader({ cells }: FileRow, body: number): boolean {
  return looksLikeNames(cells) && filled(cells) >= Math.min(2, body) && filled(cells) >= body * 0.6;
}

/** Whether a row has an address or number in the same column as the rows below. */
function isData({ cells }: FileRow, below: readonly FileRow[]): boolean {
  return cells.some((cell, column) => {
    for (const is of [isEmailLike, isNumberLike]) {
      if (!is(cell)) continue;
      const others = below.map((row) => row.cells[column]?.trim() ?? '').filter((text) => text !== '');
      return below.length === 0 || others.filter(is).length * 2 > others.length;
    }
    return false;
  });
}

/** A row with an email address or a bare number in it is data, not names; a sentence is neither. */
export function looksLikeNames(cells: readonly string[]): boolean {
  return !cells.some((cell) => isEmailLike(cell) || isNumberLike(cell) || cell.length > NAME_MAX);
}

/** Whether one of the names is that of an address column. */
export function namesEmail(cells: readonly string[]): boolean {
  return cells.some((cell) => {
    const name = cell.length > 60 ? '' : cell.toLowerCase();
    return EMAIL_NAMES.some((part) => name.includes(part)) && !/[.!?:]$/.test(name);
  });
}

function hasEmails(rows: readonly FileRow[], from: number, to: number): boolean {
  return rows.slice(from, to).some(({ cells }) => cells.some(isEmailLike));
}

function filled(cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + (cell.trim() === '' ? 0 : 1), 0);
}

/** The median number of filled cells per row. */
function usualFill(rows: readonly FileRow[]): number {
  const counts = rows.map(({ cells }) => filled(cells)).sort((left, right) => left - right);
  return counts[Math.floor(counts.length / 2)] ?? 1;
}

/**
 * The names of a table's columns: from the header, or numbered if unnamed. `complete`: whether the header is known to
 * name all of them.
 */
export function columnsOf(rows: readonly FileRow[], { index, header }: TableStart, complete: boolean): string[] {
  const first = rows[index]?.cells ?? [];
  const below = rows.slice(index + 1).map(({ cells }) => cells);
  const width = below[0]?.length ?? 0;
  // If all rows continue beyond the header in the same way, they have unnamed columns.
  const wider = !complete && width > first.length && below.length > 1 && below.every((cells) => cells.length === width);
  const names = wider ? [...first, ...Array<string>(width - first.length).fill('')] : first;
  return nameColumns(header ? names : names.map(() => ''));
}

/** The number of trailing columns that a header with these cells does not name. */
export function unnamedColumns(header: readonly string[], columns: number): number {
  let named = Math.min(header.length, columns);
  while (named > 0 && columnName(header[named - 1]!) === '') named--;
  return columns - named;
}

/**
 * The line below a header, if it seems to have the column names, as in surveys with a heading over several columns: it
 * names columns that the header does not, and is followed by addresses or numbers.
 */
export function namesBelow(rows: readonly FileRow[], index: number): number | undefined {
  const [header, next, ...below] = rows.slice(index);
  if (!header || !next || !looksLikeNames(next.cells)) return undefined;
  const isNamed = (cells: readonly string[], column: number) => (cells[column] ?? '').trim() !== '';
  const named = next.cells.filter((_cell, column) => isNamed(next.cells, column) && !isNamed(header.cells, column));
  const standsAboveData = next.cells.some((cell, column) => {
    const values = below.map(({ cells }) => cells[column] ?? '').filter((value) => value.trim() !== '');
    return (
      cell.trim() !== '' && values.length > 0 && values.every((value) => isEmailLike(value) || isNumberLike(value))
    );
  });
  return named.length >= 2 && standsAboveData ? next.line : undefined;
}

/** Makes empty and repeated names distinct: 'Column 3', 'Phone (2)'. */
function nameColumns(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  const times = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = columnName(cell) || `Column ${index + 1}`;
    let distinct = name;
    for (let again = times.get(name) ?? 2; taken.has(distinct); again++) {
      distinct = `${name} (${again})`;
      times.set(name, again + 1);
    }
    taken.add(distinct);
    return distinct;
  });
}

/** The names that occur in several of these cells. */
export function repeatedNames(cells: readonly string[]): string[] {
  const names = cells.map(columnName).filter((name) => name !== '');
  return [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
}

/** The index of a column by its name, or -1. "Email (1)" is the first of several named "Email". */
export function columnAt(
  { columns, repeated = [] }: { columns: readonly string[]; repeated?: readonly string[] },
  wanted: string,
): number {
  const name = columnName(wanted);
  const index = columns.indexOf(name);
  const first = / \(1\)$/.test(name) ? name.slice(0, -' (1)'.length) : '';
  return index < 0 && repeated.includes(first) ? columns.indexOf(first) : index;
}

/** A column's name: composed, without invisible characters, at most 200 characters. */
export function columnName(cell: string): string {
  const text = canonicalText(shortened(cell, 1_000).replaceAll(CELL_BREAK, ' '));
  return shortened(text.replace(/\s+/g, ' ').trim(), 200);
}
