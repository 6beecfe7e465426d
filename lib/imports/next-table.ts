// Detects where another table starts below the first, as in webinar reports: those rows do not belong to the first.
import { shortened } from '@/lib/text/shortened';
import { columnKey, KEY_NAMES } from './column-names';
import { isEmailLike, isNumberLike, type FileRow } from './delimited';
import { columnName, gapAbove, looksLikeNames, namesEmail } from './locate';

const NAMES_SHOWN = 4;
const SHOWN = 40;
/** The number of rows from which the contents of a table's columns are learned. */
const ROWS = 500;

/**
 * Passes on the rows of one table. Rows of tables below it get a problem that names the line; if it is uncertain
 * whether another table starts, the first row gets a note.
 */
export class NextTableDetector {
  private above: FileRow | undefined;
  private row: FileRow | undefined;
  private problem: string | undefined;
  /** Whether `above` follows a blank line. */
  private apart = false;
  private kinds = new ColumnKinds();
  private keys: KeyColumn[];

  /** `header`: the cells of the table's header, if it has one. */
  constructor(private header: readonly string[] | null) {
    this.keys = keyColumns(header);
  }

  /** The rows that can be assigned to a table now that `next` is known. */
  *add(next: FileRow): Generator<FileRow> {
    yield* this.pass(next);
    this.row = next;
  }

  /** The remaining rows at the end of the file. */
  *rest(): Generator<FileRow> {
    yield* this.pass(undefined);
    if (this.above) yield this.above;
  }

  private *pass(next: FileRow | undefined): Generator<FileRow> {
    const { above, row } = this;
    const problem = row && this.begins(row, next);
    const note = row && problem === undefined ? this.doubt(row) : undefined;
    if (above) yield problem !== undefined && isTitle(above) ? { ...above, problem } : above;
    if (!row) return;
    this.problem = problem ?? this.problem;
    this.apart = gapAbove(above, row);
    if (!isTitle(row)) this.kinds.add(row.cells);
    this.above = { ...row, ...(this.problem !== undefined && { problem: this.problem }), ...(note && { note }) };
  }

  /** Why the rows from here on are not imported, if another table starts with this row. */
  private begins(row: FileRow, next: FileRow | undefined): string | undefined {
    if (this.isRepeated(row.cells) || this.repeatsKeyName(row.cells) || this.isOtherHeader(row, next)) {
      this.startTable(row.cells);
      return anotherTable(row);
    }
    const { above } = this;
    if (!above || !this.followsTitle() || !this.kinds.rulesOut(row.cells)) return undefined;
    this.startTable(null);
    return `Line ${above.line} (“${shown(above.cells[0]!)}”) begins another table, whose cells are of other kinds: import it from line ${row.line} on to have its rows`;
  }

  private startTable(header: readonly string[] | null): void {
    this.header = header;
    this.keys = keyColumns(header);
    this.kinds = new ColumnKinds();
  }

  /** Names other than those of this table, including an address column. */
  private isOtherHeader(row: FileRow, next: FileRow | undefined): boolean {
    const { above } = this;
    if (!above || !next || !(isTitle(above) || gapAbove(above, row)) || !looksLikeNames(row.cells)) return false;
    // A person without an address has none below the column name either.
    if (row.cells.some((cell, column) => namesEmail([cell]) && isEmailLike(next.cells[column] ?? ''))) return true;
    // Below a separate title, the first row may lack the address.
    const named = row.cells.some((cell) => KEY_NAMES.email.sure.has(columnKey(cell)));
    return named && this.followsTitle() && !looksLikeNames(next.cells);
  }

  /** Whether the row before stands alone after a blank line, such as "Cancelled". */
  private followsTitle(): boolean {
    return this.above !== undefined && this.apart && isTitle(this.above);
  }

  /** A title above rows that might still belong to this table. */
  private doubt({ cells, problem }: FileRow): string | undefined {
    if (this.problem !== undefined || problem !== undefined || !this.followsTitle()) return undefined;
    if (cells.filter((cell) => cell.trim() !== '').length < 2) return undefined;
    const { line, cells: title } = this.above!;
    return `“${shown(title[0]!)}” stands alone on line ${line}: if it begins another table, the rows below it were read as part of the first one`;
  }

  private isRepeated(cells: readonly string[]): boolean {
    const { header } = this;
    if (!header || !isSame(cells[0] ?? '', header[0] ?? '')) return false;
    const names = header.filter((name) => name.trim() !== '');
    return (
      (names.length > 1 || namesEmail(names)) &&
      looksLikeNames(header) &&
      header.every((name, column) => isSame(name, cells[column] ?? ''))
    );
  }

  /** Whether a key column that had keys above has its own name in this row: "Email" below addresses. */
  private repeatsKeyName(cells: readonly string[]): boolean {
    return this.keys.some(({ index, name }) => {
      const cell = cells[index] ?? '';
      if (cell === '' || /[@\d]/.test(cell) || !this.kinds.hasKeys(index)) return false;
      return columnName(cell) === name && looksLikeNames(cells);
    });
  }
}

type KeyColumn = { index: number; name: string };

/** The columns whose names are those of email addresses, mobile numbers or customer numbers. */
function keyColumns(header: readonly string[] | null): KeyColumn[] {
  return (header ?? []).flatMap((cell, index) => {
    const [name, key] = [columnName(cell), columnKey(cell)];
    return namesEmail([cell]) || Object.values(KEY_NAMES).some(({ sure }) => sure.has(key)) ? [{ index, name }] : [];
  });
}

type Kind = 'email' | 'digits' | 'text';

/** The kinds of cells in each column, learned from the first rows of a table. */
class ColumnKinds {
  private columns: Record<Kind, number>[] = [];
  private rows = 0;
  private hasEmails = false;

  add(cells: readonly string[]): void {
    if (this.rows === ROWS) return;
    this.rows++;
    const kinds = cells.map(kindOf);
    // Totals have no address, and their cells say nothing about those of people.
    if (this.hasEmails && !kinds.includes('email')) return;
    this.hasEmails ||= kinds.includes('email');
    for (const [index, kind] of kinds.entries()) {
      const column = (this.columns[index] ??= { email: 0, digits: 0, text: 0 });
      if (kind) column[kind]++;
    }
  }

  hasKeys(index: number): boolean {
    const column = this.columns[index];
    return column !== undefined && column.email + column.digits > 0;
  }

  /** Whether these cells cannot belong to this table: a date where all others have words. Words may be anywhere. */
  rulesOut(cells: readonly string[]): boolean {
    return cells.some((cell, index) => {
      const kind = kindOf(cell);
      const { email, digits, text } = this.columns[index] ?? { email: 0, digits: 0, text: 0 };
      if (kind === 'digits') return email + text >= 2 && digits === 0;
      return kind === 'email' && digits + text >= 2 && email === 0;
    });
  }
}

function kindOf(cell: string): Kind | null {
  const text = cell.trim();
  if (text === '') return null;
  if (isEmailLike(text)) return 'email';
  return text.length <= SHOWN && /^[^\p{L}]*\d[^\p{L}]*$/u.test(text) ? 'digits' : 'text';
}

function isSame(one: string, other: string): boolean {
  return one === other || columnName(one) === columnName(other);
}

/** A single first cell that is neither an address nor a number. */
function isTitle({ cells: [first = '', ...others] }: FileRow): boolean {
  return (
    first.trim() !== '' && others.every((cell) => cell.trim() === '') && !isEmailLike(first) && !isNumberLike(first)
  );
}

const shown = (cell: string) => shortened(columnName(cell), SHOWN);

function anotherTable({ line, cells }: FileRow): string {
  const names = cells.map(shown).filter((name) => name !== '');
  const more = names.length > NAMES_SHOWN ? ', …' : '';
  return `Line ${line} begins another table (${names.slice(0, NAMES_SHOWN).join(', ')}${more}): choose its header as the beginning of the table to import it`;
}
