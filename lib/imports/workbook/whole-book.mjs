// Workbooks that SheetJS reads as a whole: old Excel files (.xls), .xlsb and XML spreadsheets of 2003. Their size is
// limited.
import * as XLSX from '@e965/xlsx';
import { LIMITS } from './limits.mjs';
import { plain, writerOf } from './number-format.mjs';
import { Problem, requireSmall, tooLarge } from './problem.mjs';

/** The sheets of such a workbook. `unpackedBytes`: of its package, if it is one. */
export function openWhole(bytes, unpackedBytes = 0) {
  requireSmall(bytes, LIMITS.wholeBytes);
  if (unpackedBytes > LIMITS.wholeUnpackedBytes) throw tooLarge();
  let book;
  try {
    // Macros and formulas are not read, only the displayed values.
    book = XLSX.read(bytes, {
      type: 'buffer',
      dense: true,
      cellFormula: false,
      cellHTML: false,
      cellNF: true,
      cellDates: false,
    });
  } catch (error) {
    if (/password-protected|ECMA-376|Encryption(Info| scheme| Flags)/.test(String(error))) {
      throw new Problem('The workbook has a password. Remove the password, save it, and upload it again.');
    }
    throw new Problem(
      'No workbook can be read from this file: it is damaged, or of another kind. Save it as .xlsx or CSV (UTF-8).',
    );
  }
  const date1904 = Boolean(book.Workbook?.WBProps?.date1904);
  return book.SheetNames.flatMap((name, index) => {
    const sheet = book.Sheets[name];
    if (!sheet?.['!data']) return [];
    const merges = new Map();
    for (const { s: first, e: last } of sheet['!merges'] ?? []) {
      if (last.r > first.r) merges.set(`${first.c}:${first.r + 1}`, last.r + 1);
    }
    const hidden = Boolean(book.Workbook?.Sheets?.[index]?.Hidden);
    return [{ name, hidden, merges, rows: () => rowsOf(sheet, date1904) }];
  });
}

async function* rowsOf({ '!data': data, '!rows': formats = [] }, date1904) {
  let rows = [];
  // Only existing rows and cells, so that a single cell far away costs nothing.
  for (const index of Object.keys(data)) {
    const cells = Object.entries(data[index] ?? []).flatMap(([column, cell]) => {
      const text = textOf(cell, date1904);
      return text === '' ? [] : [{ column: Number(column), text }];
    });
    if (cells.length > 0) rows.push({ number: Number(index) + 1, hidden: Boolean(formats[index]?.hidden), cells });
    if (rows.length < 1_000) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

/** The same as in CSV: the cell is not empty, its formula has failed. */
const ERRORS = new Map([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
]);

const writers = new Map();

function textOf(cell, date1904) {
  if (!cell || cell.t === 'z') return '';
  if (cell.t === 'e') return ERRORS.get(cell.v) ?? '#N/A';
  if (cell.t === 'b') return cell.v ? 'TRUE' : 'FALSE';
  if (cell.t === 'd') return cell.v instanceof Date ? cell.v.toISOString().slice(0, 10) : String(cell.v);
  if (cell.t !== 'n') return String(cell.v ?? '');
  if (typeof cell.z !== 'string') return plain(cell.v);
  if (!writers.has(cell.z)) writers.set(cell.z, writerOf(cell.z));
  return writers.get(cell.z)(cell.v, date1904);
}
