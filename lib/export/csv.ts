// CSV that is safe to open in a spreadsheet, whatever delimiter the spreadsheet expects.
import { protectedFromFormulas } from './formulas';

/** One line of a CSV file, with its line end. Text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvLine(cells: readonly (string | number | Date | null | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | Date | null | undefined): string {
  const text = value instanceof Date ? value.toISOString() : String(value ?? '');
  const safe = protectedFromFormulas(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
