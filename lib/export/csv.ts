// CSV that is safe to open in a spreadsheet: a cell that would be taken for a formula gets an apostrophe in front.

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+([.,]\d+)?$/;

/** One line of a CSV file, with its line end. Plain numbers such as -5 or +46701234567 stay as they are. */
export function csvLine(cells: readonly (string | number | Date | null | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | Date | null | undefined): string {
  const text = value instanceof Date ? value.toISOString() : String(value ?? '');
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
