// Runs in a thread of its own (workbook.ts): SheetJS reads the workbook, this turns a sheet into CSV.
import { parentPort, workerData } from 'node:worker_threads';
import * as XLSX from '@e965/xlsx';

const CANNOT = 'The workbook cannot be read: it may be damaged or have a password. Save it as CSV (UTF-8) instead.';

/** Formats such as 00000 or 000-000: the zeros belong to what the person sees. */
const MASK = /^"?[0\s()\-.+/]*0{2,}[0\s()\-+/]*"?$/;

/** Text of a cell: dates as ISO, numbers in full, masked codes with their zeros, the value of a formula. */
function textOf(cell, date1904) {
  if (!cell || cell.t === 'z' || cell.t === 'e') return '';
  if (cell.t === 'd') return isoDate(cell.v);
  if (cell.t === 'b') return cell.v ? 'TRUE' : 'FALSE';
  if (cell.t !== 'n') return String(cell.v ?? '');
  if (typeof cell.z === 'string' && MASK.test(cell.z)) return XLSX.SSF.format(cell.z, cell.v);
  if (typeof cell.z === 'string' && XLSX.SSF.is_date(cell.z)) return dateOf(cell.v, date1904);
  // Up to 15 digits are exact in a spreadsheet; more than a rounding error is not to be seen.
  const plain = Number.isInteger(cell.v) ? cell.v : Number(cell.v.toPrecision(15));
  return plain.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 15 });
}

/** A serial date by the parts that a person sees, so that no time zone can move it. */
function dateOf(serial, date1904) {
  const parts = XLSX.SSF.parse_date_code(serial, { date1904 });
  if (!parts) return String(serial);
  const two = (number) => String(number).padStart(2, '0');
  const time = `${two(parts.H)}:${two(parts.M)}:${two(Math.floor(parts.S))}`;
  if (serial < 1) return time;
  const date = `${String(parts.y).padStart(4, '0')}-${two(parts.m)}-${two(parts.d)}`;
  return time === '00:00:00' ? date : `${date} ${time}`;
}

function isoDate(value) {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}

/** What has been filled in, not what has only been formatted. Lines are those of the sheet. */
function csvOf(sheet, date1904) {
  const rows = Array.from(sheet['!data'], (cells) => Array.from(cells ?? [], (cell) => textOf(cell, date1904)));
  const filled = (text) => text !== '';
  const [start, end] = rows.reduce(
    ([left, right], texts) => {
      const first = texts.findIndex(filled);
      return first < 0 ? [left, right] : [Math.min(left, first), Math.max(right, texts.findLastIndex(filled))];
    },
    [Infinity, -1],
  );
  if (end < 0) return null;
  const columns = Array.from({ length: end - start + 1 }, (_, index) => start + index);
  return rows.map((texts) => columns.map((column) => quoted(texts[column] ?? '')).join(',')).join('\n');
}

function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function read({ workbook, sheet: wanted }) {
  let book;
  try {
    // Macros and formulas are not read; only what the cells show is.
    book = XLSX.read(workbook, { type: 'array', dense: true, cellFormula: false, cellHTML: false, cellNF: true });
  } catch {
    return { problem: CANNOT };
  }
  const date1904 = Boolean(book.Workbook?.WBProps?.date1904);
  const texts = new Map();
  const textsOf = (name) => {
    if (!texts.has(name)) texts.set(name, book.Sheets[name]?.['!data'] ? csvOf(book.Sheets[name], date1904) : null);
    return texts.get(name);
  };
  const sheets = book.SheetNames.filter((name) => textsOf(name) !== null);
  const sheet = sheets.includes(wanted) ? wanted : sheets[0];
  if (sheet === undefined)
    return { problem: 'The workbook has no rows. Choose a file with a header and at least one row.' };
  return { csv: new TextEncoder().encode(textsOf(sheet)), sheets, sheet };
}

parentPort.postMessage(read(workerData));
