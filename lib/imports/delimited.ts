// Reads delimited text as rows. A quoted cell that is closed where a cell ends is one cell, whatever its lines look like. Malformed
// quotes never swallow other rows: the line that has them is read by itself, or rejected with the reason. Linear in the text: a
// quoted cell that is not closed properly ends at the next lone quote, and no cell of the lines between continues on another line.
import { shortened } from '@/lib/text/shortened';
import { UNREADABLE } from './decode';
import { FileError } from './file-error';
import { ENCODING_NAMES, type Delimiter, type Encoding, type Quotes } from './format';
import { utf8Reader, type ReadAsUtf8 } from './mixed-encodings';

/**
 * A row of the file. `line`: the line on which it begins, from 1; of a workbook, the row of its sheet. `problem`: why it is rejected.
 * `note`: what may be wrong with it, though it is imported.
 */
export type FileRow = { line: number; cells: string[]; problem?: string; note?: string };

/** A line break inside a cell of a workbook, so that each row of the sheet is one line (workbook/sheet-csv.mjs). A noncharacter. */
export const CELL_BREAK = '\uFDD2';

export const CELL_MAX = 100_000;
const RECORD_MAX = CELL_MAX * 4;
/** How much is stored of a cell that is too long. */
const CELL_KEPT = 1_000;
/** So many lines in a last cell that are all rows of the table are not a list pasted into a note. */
const PASTED_ROWS_MAX = 10;

const [LF, CR, QUOTE, BACKSLASH, SPACE, TAB] = [10, 13, 34, 92, 32, 9] as const;

export type Dialect = {
  delimiter: Delimiter;
  quotes: Quotes;
  encoding: Encoding;
};

type Scanned =
  | { kind: 'row'; cells: string[]; end: number }
  /** The text ended first. */
  | { kind: 'more' }
  | Malformed;

/** A quoted cell, from `start` on, is not closed, or continues after its closing quote. */
type Malformed = { kind: 'open' | 'broken'; column: number; start: number; at: number };

type Cell = { kind: 'cell'; text: string; next: number } | { kind: 'more' } | { kind: 'open' | 'broken'; at: number };

export class RowParser {
  /** The number of columns, once it is known. */
  width: number | null = null;
  /** The number of records that do not follow the dialect. */
  troubles = 0;
  private text = '';
  private at = 0;
  private line = 1;
  private skip: number;
  private marked = false;
  private lastGood: string[] | null = null;
  private next = { lf: -1, cr: -1, quote: -1 };
  private readonly delimiter: number;
  private readonly asUtf8: ReadAsUtf8 | undefined;

  /** `startLine`: lines before it are skipped. */
  constructor(
    private readonly dialect: Dialect,
    startLine = 1,
  ) {
    this.skip = startLine - 1;
    this.delimiter = dialect.delimiter.charCodeAt(0);
    this.asUtf8 = utf8Reader(dialect.encoding);
  }

  /** Adds a piece of the text. */
  push(piece: string): void {
    this.text = this.at === 0 ? this.text + piece : this.text.slice(this.at) + piece;
    this.at = 0;
    this.next = { lf: -1, cr: -1, quote: -1 };
    this.marked ||= piece.includes(UNREADABLE) || piece.includes('\0');
  }

  /** The complete rows. `whole`: the text has ended. Empty rows are left out. */
  *take(whole: boolean): Generator<FileRow> {
    while (this.at < this.text.length) {
      const { at, line } = this;
      const lineEnd = this.endOfLine(at, whole);
      if (this.skip > 0) {
        if (lineEnd < 0) {
          if (whole) this.at = this.text.length;
          // Skipped lines need not be kept, except a CR that an LF may follow.
          else this.at = this.text.length - (this.text.endsWith('\r') ? 1 : 0);
          return;
        }
        this.moveTo(lineEnd);
        this.skip--;
        continue;
      }
      if (lineEnd < 0 && !whole && this.text.length - at > RECORD_MAX) throw new FileError(tooLong(line));
      const row = this.read(lineEnd < 0 ? this.text.length : lineEnd, lineEnd >= 0 || whole, whole);
      if (row === null) return;
      if (row.cells.some((cell) => cell.trim() !== '')) yield this.checked(row);
    }
  }

  private moveTo(end: number): void {
    this.at = end;
    this.line++;
  }

  /** The position after the line break, or -1 if it has not arrived yet. */
  private endOfLine(at: number, whole: boolean): number {
    const { next, text } = this;
    if (next.lf < at) next.lf = indexOr(text, '\n', at);
    if (next.cr < at) next.cr = indexOr(text, '\r', at);
    if (next.cr < next.lf) {
      if (next.cr === text.length - 1) return whole ? text.length : -1;
      return next.cr + (next.lf === next.cr + 1 ? 2 : 1);
    }
    return next.lf === Infinity ? -1 : next.lf + 1;
  }

  /** The next record, or null if more text is needed. `lineEnd`: the position after the break of its first line. */
  private read(lineEnd: number, lineIsWhole: boolean, whole: boolean): FileRow | null {
    const { at, line, text, next } = this;
    if (next.quote < at) next.quote = indexOr(text, '"', at);
    if (this.dialect.quotes === 'none' || next.quote >= lineEnd) {
      if (!lineIsWhole) return null;
      const cells = withoutBreak(text.slice(at, lineEnd)).split(this.dialect.delimiter);
      this.moveTo(lineEnd);
      return { line, cells };
    }
    const found = scan(text, at, this.delimiter, this.dialect.quotes, whole);
    if (found.kind === 'more') {
      if (text.length - at > RECORD_MAX) throw new FileError(tooLong(line));
      return null;
    }
    if (found.kind === 'row' && this.isOneRow(found, lineEnd)) return this.accept(found);
    if (found.kind === 'open' && found.at < text.length && this.width !== null) {
      // The cell may be closed but too long.
      const long = scan(text, at, this.delimiter, this.dialect.quotes, whole, RECORD_MAX);
      if (long.kind === 'more' && text.length - at <= RECORD_MAX) return null;
      if (long.kind === 'row' && this.isOneRow(long, lineEnd)) return this.accept(long);
    }
    this.troubles++;
    // A file may use both ways to escape quotes: try the other one.
    const other = this.dialect.quotes === 'doubled' ? 'backslash' : 'doubled';
    const again = text.indexOf('\\', at) < 0 ? found : scan(text, at, this.delimiter, other, whole);
    if (again !== found && again.kind === 'more') return null;
    if (again !== found && again.kind === 'row' && this.fits(again.cells) && this.isOneRow(again, lineEnd)) {
      return this.accept(again);
    }
    if (!lineIsWhole) return null;
    return found.kind === 'row' ? this.overLines(found) : this.byItself(found, lineEnd, whole);
  }

  private accept({ cells, end }: { cells: string[]; end: number }): FileRow {
    const { line } = this;
    this.line += countBreaks(this.text, this.at, end);
    this.at = end;
    return { line, cells };
  }

  /** Whether a record is certainly one row: on one line, or of the right width with no rows inside. */
  private isOneRow({ cells, end }: { cells: string[]; end: number }, lineEnd: number): boolean {
    if (end <= lineEnd || this.width === null) return true;
    return this.isWide(cells) && !this.linesFrom(lineEnd, end).some(this.rowTest());
  }

  /**
   * A record over several lines that could be several rows, though each of its quotes is closed at the end of a cell.
   */
  private overLines({ cells, end }: { cells: string[]; end: number }): FileRow {
    const { line } = this;
    const isWide = this.isWide(cells);
    const stray = this.strayQuote(end);
    if (stray && !(isWide && stray.mayBeNote)) return this.rejected(stray.lineEnd);
    const row = this.accept({ cells, end });
    const lines = `Lines ${line} to ${this.line - 1} were read as one row, because a quote opens on line ${line}`;
    if (isWide) {
      return {
        ...row,
        note: `${lines}. A line inside looks like a row: if it is one, close the quote where its cell ends`,
      };
    }
    const problem = `${lines}: that gives ${countOf(cells.length, 'cell')} instead of ${this.width}. Close the quote where its cell ends`;
    return { ...row, problem };
  }

  /**
   * A quote in a record over several lines that seems to be stray: without it the line on which it is opened is a whole row, and
   * so is each line below. `lineEnd`: the end of that line. `mayBeNote`: it opens the last cell, where any line is a whole row,
   * and the lines may be a short list inside of it.
   */
  private strayQuote(end: number): { lineEnd: number; mayBeNote: boolean } | undefined {
    const { text, delimiter, dialect } = this;
    const isRow = this.rowTest();
    const isWholeRow = (cells: readonly string[]) => this.isWide(cells) && isRow(cells);
    const before: string[] = [];
    for (let at = this.at; at < end;) {
      const cell = scanCell(text, at, delimiter, dialect.quotes, true);
      if (cell.kind !== 'cell') return undefined;
      const lineBreak = breakFrom(text, at);
      if (cell.next > lineBreak) {
        const first = [...before, ...this.literal(text.slice(at, lineBreak))];
        if (isWholeRow(first)) {
          const lineEnd = afterBreak(text, lineBreak);
          const rows = this.rowsBetween(lineEnd, end, isWholeRow);
          if (rows === undefined) return undefined;
          return { lineEnd, mayBeNote: before.length + 1 === this.width && rows < PASTED_ROWS_MAX };
        }
      }
      before.push(cell.text);
      at = cell.next + 1;
    }
    return undefined;
  }

  /** The number of rows from one position to another, or undefined if a line is not (the beginning of) a row. */
  private rowsBetween(from: number, to: number, isRow: (cells: readonly string[]) => boolean): number | undefined {
    const { text, delimiter, dialect } = this;
    let rows = 0;
    for (let at = from; at < to; rows++) {
      const lineBreak = breakFrom(text, at);
      const content = text.slice(at, lineBreak);
      if (isRow(this.literal(content)) || isRow(content.split(dialect.delimiter))) {
        at = afterBreak(text, lineBreak);
        continue;
      }
      const record = scan(text, at, delimiter, dialect.quotes, true);
      if (record.kind !== 'row' || record.end > to || !isRow(record.cells)) return undefined;
      at = record.end;
    }
    return rows;
  }

  /** A record with a malformed quote: reads it up to the end of the line on which that cell begins. */
  private byItself(found: Malformed, lineEnd: number, whole: boolean): FileRow {
    const { line, at, text } = this;
    if (found.kind === 'open' && this.width !== null) {
      const end = whole ? text.length : found.at;
      if (!this.linesFrom(lineEnd, end).some(this.rowTest())) {
        // The other lines are not rows: the open cell runs to the end of the file, or is too long.
        if (found.at - at > CELL_MAX) throw new FileError(tooLong(line, found.column));
        throw new FileError(
          `The file ends on line ${line + countBreaks(text, at, end)} inside a quote that is never closed: it may be cut off. Export it again, or close the quote on line ${line}.`,
        );
      }
    }
    const end = found.start < lineEnd ? lineEnd : afterBreak(text, breakFrom(text, found.start));
    const stray = end > lineEnd ? this.strayQuote(end) : undefined;
    if (stray) return this.rejected(stray.lineEnd);
    if (found.kind === 'open' || found.at >= end) return this.rejected(end);
    const content = withoutBreak(text.slice(at, end));
    const readings = [lenient(content, this.delimiter, this.dialect.quotes), this.literal(content)];
    const cells = readings.find((reading) => reading !== null && this.isWide(reading));
    return cells ? this.accept({ cells, end }) : this.rejected(end);
  }

  /** The lines up to `end`, whose quotes cannot be read. */
  private rejected(end: number): FileRow {
    const { line, cells } = this.accept({ cells: this.literal(withoutBreak(this.text.slice(this.at, end))), end });
    if (this.width === null) return { line, cells };
    const quoted = cells.find((cell) => cell.trimStart().startsWith('"')) ?? '"';
    return {
      line,
      cells,
      problem: `A quote is opened before “${quoted.trim().slice(1, 40)}” and is not closed where the cell ends. Close it, or remove it`,
    };
  }

  /** The cells of one line; cells with malformed quotes are kept literally. */
  private literal(content: string): string[] {
    const cells: string[] = [];
    for (let at = 0; ;) {
      const cell = scanCell(content, at, this.delimiter, this.dialect.quotes, true);
      const next = cell.kind === 'cell' ? cell.next : endOfCell(content, at, this.delimiter);
      cells.push(cell.kind === 'cell' ? cell.text : content.slice(at, next));
      if (next >= content.length) return cells;
      at = next + 1;
    }
  }

  private linesFrom(from: number, to: number): string[] {
    return withoutBreak(this.text.slice(from, to)).split(/\r\n|\n|\r/);
  }

  /**
   * Returns a test for whether a line, or its cells, is a row of the table: as wide, with an address or number in the
   * right column. A line that is not as wide may have a cell that continues; then an address decides.
   */
  private rowTest(): (line: string | readonly string[]) => boolean {
    const { width, lastGood } = this;
    if (width === null || width < 2) return () => false;
    // The header says nothing about its columns: judge by the row itself.
    const known = [lastGood ?? [], this.literal(this.firstLine())].map((row) => row.map(shapeOf));
    const shapes = known.find((row) => row.some((shape) => shape !== null));
    return (line) => {
      if (typeof line === 'string' && line.length > RECORD_MAX) return false;
      const cells = typeof line === 'string' ? this.literal(line) : line;
      if (!shapes) return cells.length === width && width >= 4;
      const alike = shapes.filter((shape, index) => shape !== null && shape === shapeOf(cells[index] ?? ''));
      return cells.length === width ? alike.length > 0 : cells.length > 1 && alike.includes('email');
    };
  }

  private firstLine(): string {
    return withoutBreak(this.text.slice(this.at, this.next.lf < this.next.cr ? this.next.lf : this.next.cr));
  }

  private isWide(cells: readonly string[]): boolean {
    return this.width === null || (cells.length >= this.width && this.fits(cells));
  }

  /** Whether cells beyond the table's columns are empty. */
  private fits(cells: readonly string[]): boolean {
    const { width } = this;
    return width === null || cells.length <= width || cells.slice(width).every((cell) => cell.trim() === '');
  }

  /** Why a row is rejected that has UTF-8 in a file of another encoding. */
  private inUtf8(cells: readonly string[]): string | undefined {
    for (const cell of cells) {
      const read = this.asUtf8!(cell);
      if (read === undefined) continue;
      const shown = [cell, read].map((text) => shortened(text.trim(), 40));
      return `“${shown[0]}” is “${shown[1]}” in UTF-8, but the file is read as ${ENCODING_NAMES[this.dialect.encoding]}. Save the row in the same encoding as the others, or choose another encoding`;
    }
    return undefined;
  }

  private checked(row: FileRow): FileRow {
    const { line, cells } = row;
    const long = cells.findIndex((cell) => cell.length > CELL_MAX);
    if (long >= 0) {
      const problem = `Column ${long + 1} has a cell of ${cells[long]!.length.toLocaleString('en-GB')} characters; at most ${CELL_MAX.toLocaleString('en-GB')} can be read. Shorten it in the file`;
      return {
        line,
        cells: cells.map((cell) => (cell.length > CELL_MAX ? `${shortened(cell, CELL_KEPT)}…` : cell)),
        problem,
      };
    }
    const bad = this.marked ? cells.find((cell) => cell.includes(UNREADABLE) || cell.includes('\0')) : undefined;
    if (bad !== undefined) {
      const why = bad.includes(UNREADABLE)
        ? `A byte in “${around(bad, UNREADABLE)}” is not ${ENCODING_NAMES[this.dialect.encoding]}`
        : `There is binary data (a NUL byte) in “${around(bad, '\0')}”`;
      return { line, cells: cells.map(readable), problem: `${why}. Type the cell again, or choose another encoding` };
    }
    if (row.problem !== undefined) return row;
    const mixed = this.asUtf8 && this.inUtf8(cells);
    if (mixed !== undefined) return { line, cells, problem: mixed };
    if (!this.fits(cells)) {
      const problem = `The row has ${countOf(cells.length, 'cell')}, but the table has ${countOf(this.width!, 'column')}. Put cells that contain the delimiter in quotes`;
      return { line, cells, problem };
    }
    this.lastGood = cells;
    return row;
  }
}

function indexOr(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index < 0 ? Infinity : index;
}

/** Reads a record from `start`. `most`: the characters of a quoted cell after which it counts as open. */
function scan(
  text: string,
  start: number,
  delimiter: number,
  quotes: Quotes,
  whole: boolean,
  most = CELL_MAX,
): Scanned {
  const cells: string[] = [];
  for (let at = start; ;) {
    const cell = scanCell(text, at, delimiter, quotes, whole, most);
    if (cell.kind === 'more') return cell;
    if (cell.kind !== 'cell') return { ...cell, column: cells.length + 1, start: at };
    cells.push(cell.text);
    const code = text.charCodeAt(cell.next);
    if (cell.next >= text.length) return whole ? { kind: 'row', cells, end: text.length } : { kind: 'more' };
    if (code === delimiter) {
      at = cell.next + 1;
      continue;
    }
    if (code === CR && cell.next + 1 === text.length && !whole) return { kind: 'more' };
    const both = code === CR && text.charCodeAt(cell.next + 1) === LF;
    return { kind: 'row', cells, end: cell.next + (both ? 2 : 1) };
  }
}

/** One cell from `start`. `next`: the position of its delimiter or line break, or the end. */
function scanCell(
  text: string,
  start: number,
  delimiter: number,
  quotes: Quotes,
  whole: boolean,
  most = CELL_MAX,
  lax = false,
): Cell {
  const opening = afterBlanks(text, start, delimiter);
  if (quotes === 'none' || text.charCodeAt(opening) !== QUOTE) {
    const next = endOfCell(text, start, delimiter);
    if (next >= text.length && !whole) return { kind: 'more' };
    return { kind: 'cell', text: text.slice(start, next), next };
  }
  const limit = opening + most + 1;
  let content = '';
  let from = opening + 1;
  for (let at = from; ;) {
    if (at > limit) return { kind: 'open', at };
    if (at >= text.length) return whole ? { kind: 'open', at } : { kind: 'more' };
    const code = text.charCodeAt(at);
    const following = text.charCodeAt(at + 1);
    if (code === BACKSLASH && quotes === 'backslash') {
      if (at + 1 >= text.length && !whole) return { kind: 'more' };
      if (following === QUOTE || following === BACKSLASH) {
        content += text.slice(from, at);
        from = at + 1;
        at += 2;
      } else at++;
      continue;
    }
    if (code !== QUOTE) {
      at++;
      continue;
    }
    if (following === QUOTE) {
      content += text.slice(from, at + 1);
      at += 2;
      from = at;
      continue;
    }
    const next = afterBlanks(text, at + 1, delimiter);
    if (next >= text.length && !whole) return { kind: 'more' };
    const end = text.charCodeAt(next);
    if (next >= text.length || end === delimiter || end === LF || end === CR) {
      return { kind: 'cell', text: content + text.slice(from, at), next };
    }
    if (!lax) return { kind: 'broken', at };
    at++;
  }
}

/** Reads a line in which a quote inside a quoted cell is text unless the cell ends there: "the "big" one". */
function lenient(content: string, delimiter: number, quotes: Quotes): string[] | null {
  const cells: string[] = [];
  for (let at = 0; ;) {
    const cell = scanCell(content, at, delimiter, quotes, true, CELL_MAX, true);
    if (cell.kind !== 'cell') return null;
    cells.push(cell.text);
    if (cell.next >= content.length) return cells;
    at = cell.next + 1;
  }
}

function afterBlanks(text: string, at: number, delimiter: number): number {
  for (let next = at; ; next++) {
    const code = text.charCodeAt(next);
    if ((code !== SPACE && code !== TAB) || code === delimiter) return next;
  }
}

function endOfCell(text: string, start: number, delimiter: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === delimiter || code === LF || code === CR) break;
  }
  return at;
}

/** The position of the next line break, or the end. */
function breakFrom(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== LF && text.charCodeAt(at) !== CR) at++;
  return at;
}

/** The position after a line break. */
function afterBreak(text: string, at: number): number {
  return Math.min(text.length, at + (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? 2 : 1));
}

function withoutBreak(line: string): string {
  let end = line.length;
  if (line.charCodeAt(end - 1) === LF) end--;
  if (line.charCodeAt(end - 1) === CR) end--;
  return line.slice(0, end);
}

/** Counts the line breaks between two positions: LF, CR LF and CR. */
function countBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) count++;
  }
  return count;
}

function shapeOf(cell: string): 'email' | 'number' | null {
  if (isEmailLike(cell)) return 'email';
  return cell.length <= 40 && /^\s*[+\d][\d\s.,/-]*$/.test(cell) ? 'number' : null;
}

/** Whether a cell looks like an email address. Linear in its length. */
export function isEmailLike(cell: string): boolean {
  const text = cell.trim();
  if (text.length > 320) return false;
  const at = text.indexOf('@');
  return at > 0 && text.indexOf('.', at + 2) > 0 && !text.endsWith('.') && !/\s/.test(text);
}

/** Whether a cell looks like a bare number of five digits or more, or a phone number. */
export function isNumberLike(cell: string): boolean {
  const text = cell.trim();
  return text.length >= 5 && text.length <= 40 && /^[+\d][\d\s-]+$/.test(text);
}

function readable(cell: string): string {
  return cell.replaceAll(UNREADABLE, '\uFFFD').replaceAll('\0', '\uFFFD');
}

function around(cell: string, what: string): string {
  const at = cell.indexOf(what);
  return readable(cell.slice(Math.max(0, at - 20), at + 20)).trim();
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function tooLong(line: number, column?: number): string {
  const where = column === undefined ? '' : `, column ${column},`;
  return `Line ${line}${where} has a cell of more than ${CELL_MAX.toLocaleString('en-GB')} characters. Shorten it, or close a quote that is open.`;
}
