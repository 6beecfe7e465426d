// Reads delimited text as rows. Malformed quotes never swallow other rows: the line that has them is read by itself, or rejected
// with the reason. Linear in the text: a quoted cell that is not closed properly ends at the next lone quote, and no cell of the
// lines between continues on another line.
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
  /** A quoted cell is not closed, or continues after its closing quote. */
  | { kind: 'open' | 'broken'; column: number; at: number };

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
          // Nothing of a skipped line needs to be kept, except a CR that an LF may follow.
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
    if (found.kind === 'row' && this.isSafe(found, lineEnd)) return this.accept(found);
    this.troubles++;
    // A file may use both ways to escape quotes: try the other one.
    const other = this.dialect.quotes === 'doubled' ? 'backslash' : 'doubled';
    const again = text.indexOf('\\', at) < 0 ? found : scan(text, at, this.delimiter, other, whole);
    if (again !== found && again.kind === 'more') return null;
    if (again !== found && again.kind === 'row' && this.fits(again.cells) && this.isSafe(again, lineEnd)) {
      return this.accept(again);
    }
    if (!lineIsWhole) return null;
    return found.kind === 'row' ? this.runsOver(found, lineEnd) : this.byItself(found, lineEnd, whole);
  }

  private accept({ cells, end }: { cells: string[]; end: number }): FileRow {
    const { line } = this;
    this.line += countBreaks(this.text, this.at, end);
    this.at = end;
    return { line, cells };
  }

  /** Whether a record over several lines is certainly one row: of the right width, with no rows inside. */
  private isSafe({ cells, end }: { cells: string[]; end: number }, lineEnd: number): boolean {
    if (end <= lineEnd || this.width === null) return true;
    return cells.length >= this.width && this.fits(cells) && !this.linesFrom(lineEnd, end).some(this.looksLikeRow);
  }

  /** A record over several lines that could be several rows. */
  private runsOver({ cells, end }: { cells: string[]; end: number }, lineEnd: number): FileRow {
    const { line } = this;
    if (this.linesFrom(lineEnd, end).every(this.looksLikeRow)) return this.rejectedLine(lineEnd);
    const row = this.accept({ cells, end });
    const lines = `Lines ${line} to ${this.line - 1} were read as one row, because of a quote that is opened on line ${line}`;
    const problem =
      cells.length === this.width
        ? `${lines}. Close the quote where its cell ends, or take out what is in the cell`
        : `${lines}: that gives ${countOf(cells.length, 'cell')} instead of ${this.width}. Close the quote where its cell ends`;
    return { ...row, problem };
  }

  /** A record with a malformed quote: reads its first line by itself. */
  private byItself(found: { kind: 'open' | 'broken'; column: number; at: number }, lineEnd: number, whole: boolean) {
    const { line, at, text } = this;
    if (found.kind === 'open' && this.width !== null) {
      const end = whole ? text.length : found.at;
      if (!this.linesFrom(lineEnd, end).some(this.looksLikeRow)) {
        // The other lines are not rows: the open cell is the end of the file, or too long.
        if (found.at - at > CELL_MAX) throw new FileError(tooLong(line, found.column));
        throw new FileError(
          `The file ends on line ${line + countBreaks(text, at, end)} inside a quote that is never closed: it may be cut off. Export it again, or close the quote on line ${line}.`,
        );
      }
    }
    if (found.kind === 'open' || found.at >= lineEnd) return this.rejectedLine(lineEnd);
    const content = withoutBreak(text.slice(at, lineEnd));
    const readings = [lenient(content, this.delimiter, this.dialect.quotes), this.literal(content)];
    const cells = readings.find((reading) => reading !== null && this.isWide(reading));
    if (!cells) return this.rejectedLine(lineEnd);
    this.moveTo(lineEnd);
    return { line, cells };
  }

  private rejectedLine(lineEnd: number): FileRow {
    const { line } = this;
    const cells = this.literal(withoutBreak(this.text.slice(this.at, lineEnd)));
    this.moveTo(lineEnd);
    if (this.width === null) return { line, cells };
    const quoted = cells.find((cell) => cell.trimStart().startsWith('"')) ?? '"';
    return {
      line,
      cells,
      problem: `A quote is opened before “${quoted.trim().slice(1, 40)}” and is not closed where the cell ends. Close it, or take it out`,
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
   * Whether a line inside a quoted cell is a row of the table by itself: as wide, with an address or number in its
   * column. One that is not as wide may have a cell that goes on: then it is told by an address.
   */
  private looksLikeRow = (content: string): boolean => {
    const { width, lastGood } = this;
    if (width === null || width < 2 || content.length > RECORD_MAX) return false;
    const cells = this.literal(content);
    // The header says nothing about its columns: judge by the row itself.
    const known = [lastGood ?? [], this.literal(this.firstLine())].map((row) => row.map(shapeOf));
    const shapes = known.find((row) => row.some((shape) => shape !== null));
    if (!shapes) return cells.length === width && width >= 4;
    const alike = shapes.filter((shape, index) => shape !== null && shape === shapeOf(cells[index] ?? ''));
    return cells.length === width ? alike.length > 0 : cells.length > 1 && alike.includes('email');
  };

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
      const shown = [cell, read].map((text) => text.trim().slice(0, 40));
      return `“${shown[0]}” is “${shown[1]}” in UTF-8, but the file is read as ${ENCODING_NAMES[this.dialect.encoding]}. Write the row in the encoding of the others, or choose another encoding`;
    }
    return undefined;
  }

  private checked(row: FileRow): FileRow {
    const { line, cells } = row;
    const long = cells.findIndex((cell) => cell.length > CELL_MAX);
    if (long >= 0) throw new FileError(tooLong(line, long + 1));
    const bad = this.marked ? cells.find((cell) => cell.includes(UNREADABLE) || cell.includes('\0')) : undefined;
    if (bad !== undefined) {
      const why = bad.includes(UNREADABLE)
        ? `A byte in “${around(bad, UNREADABLE)}” is not ${ENCODING_NAMES[this.dialect.encoding]}`
        : `There is binary data (a NUL byte) in “${around(bad, '\0')}”`;
      return { line, cells: cells.map(readable), problem: `${why}. Write the cell again, or choose another encoding` };
    }
    if (row.problem !== undefined) return row;
    const mixed = this.asUtf8 && this.inUtf8(cells);
    if (mixed !== undefined) return { line, cells, problem: mixed };
    if (!this.fits(cells)) {
      const problem = `The row has ${countOf(cells.length, 'cell')}, but the table has ${countOf(this.width!, 'column')}. Put a cell with the delimiter in it in quotes`;
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

function scan(text: string, start: number, delimiter: number, quotes: Quotes, whole: boolean): Scanned {
  const cells: string[] = [];
  for (let at = start; ;) {
    const cell = scanCell(text, at, delimiter, quotes, whole);
    if (cell.kind === 'more') return cell;
    if (cell.kind !== 'cell') return { ...cell, column: cells.length + 1 };
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
function scanCell(text: string, start: number, delimiter: number, quotes: Quotes, whole: boolean, lax = false): Cell {
  const opening = afterBlanks(text, start, delimiter);
  if (quotes === 'none' || text.charCodeAt(opening) !== QUOTE) {
    const next = endOfCell(text, start, delimiter);
    if (next >= text.length && !whole) return { kind: 'more' };
    return { kind: 'cell', text: text.slice(start, next), next };
  }
  const limit = opening + CELL_MAX + 1;
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
    const cell = scanCell(content, at, delimiter, quotes, true, true);
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
