// The text of a cell, before its type matters.
import { unprotected } from '@/lib/export/formulas';

/** '01234 and '+46 70 123 45 67, as Shopify and others write them. */
const PROTECTED_DIGITS = /^'(?=\+?\d[\d\s.-]*$)/;

/** How the exports of MySQL and PostgreSQL write that there is no value. */
const DATABASE_NULL = '\\N';

/**
 * A cell's text without surrounding spaces and without protection against spreadsheets (an apostrophe, or ="…"). Empty if it is a
 * database's mark for no value.
 */
export function cellText(cell: string): string {
  const text = cell.trim();
  if (text.startsWith("'")) return unprotected(text).replace(PROTECTED_DIGITS, '');
  if (text.startsWith('=')) return unprotected(text).trim();
  return text === DATABASE_NULL ? '' : text;
}

const BETWEEN_VALUES = /\s:::\s/;

/** The values of a cell that has several, as Google Contacts writes them: `a@x.se ::: b@x.se`. The first is the main one. */
export function valuesIn(text: string): string[] {
  if (!text.includes(':::')) return [text];
  return text
    .split(BETWEEN_VALUES)
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** The first of the cell's values. */
export function mainValueIn(text: string): string {
  return text.includes(':::') ? (valuesIn(text)[0] ?? '') : text;
}
