// Detects where a table ends because another one begins below it, as in webinar reports: those rows do not belong to the first.
import { isEmailLike, isNumberLike, type FileRow } from './delimited';
import { columnName, gapAbove, looksLikeNames, namesEmail } from './locate';

const NAMES_SHOWN = 4;

/** Passes on the rows of one table, and marks rows of tables below it with a problem that names the line. */
export class OneTable {
  private above: FileRow | undefined;
  private row: FileRow | undefined;
  private problem: string | undefined;

  /** `header`: the cells of the table's header, if it has one. */
  constructor(private header: readonly string[] | null) {}

  /** The rows that can be assigned to a table now that `next` is known. */
  *add(next: FileRow): Generator<FileRow> {
    yield* this.pass(next);
    this.row = next;
  }

  /** The rows that are left at the end of the file. */
  *rest(): Generator<FileRow> {
    yield* this.pass(undefined);
    if (this.above) yield this.above;
  }

  private *pass(next: FileRow | undefined): Generator<FileRow> {
    const { above, row } = this;
    const begins = row !== undefined && this.begins(row, next);
    if (begins) {
      this.problem = anotherTable(row);
      this.header = row.cells;
    }
    if (above) yield begins && isTitle(above) ? { ...above, problem: this.problem! } : above;
    this.above = row && this.problem !== undefined ? { ...row, problem: this.problem } : row;
  }

  /** Whether the row is the header of another table: the same names again, or other names including an address column. */
  private begins(row: FileRow, next: FileRow | undefined): boolean {
    if (this.isRepeated(row.cells)) return true;
    const { above } = this;
    if (!above || !next || !(isTitle(above) || gapAbove(above, row)) || !looksLikeNames(row.cells)) return false;
    // A person without an address has none below the column name either.
    return row.cells.some((cell, column) => namesEmail([cell]) && isEmailLike(next.cells[column] ?? ''));
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
}

function isSame(one: string, other: string): boolean {
  return one === other || columnName(one) === columnName(other);
}

/** One cell at the beginning that is neither an address nor a number. */
function isTitle({ cells: [first = '', ...others] }: FileRow): boolean {
  return (
    first.trim() !== '' && others.every((cell) => cell.trim() === '') && !isEmailLike(first) && !isNumberLike(first)
  );
}

function anotherTable({ line, cells }: FileRow): string {
  const names = cells.map(columnName).filter((name) => name !== '');
  const shown = names.slice(0, NAMES_SHOWN).map((name) => name.slice(0, 40));
  const more = names.length > NAMES_SHOWN ? ', …' : '';
  return `Line ${line} begins another table (${shown.join(', ')}${more}): choose its header as the beginning of the table to import it`;
}
