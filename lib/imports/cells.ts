// The text of a cell, before it is parsed by type.
import { unprotected } from '@/lib/export/formulas';
import { normaliseKey, type EnteredKind } from '@/lib/profiles/keys';

/** '01234 and '+46 70 123 45 67, as Shopify and others write them. */
const PROTECTED_DIGITS = /^'(?=\+?\d[\d\s.-]*$)/;

/** MySQL and PostgreSQL export null like this. */
const DATABASE_NULL = '\\N';

/**
 * A cell's text without surrounding spaces and without spreadsheet protection (an apostrophe, or ="…"). Empty if it is
 * a database's null.
 */
export function cellText(cell: string): string {
  const text = cell.trim();
  if (text.startsWith("'")) return unprotected(text).replace(PROTECTED_DIGITS, '');
  if (text.startsWith('=')) return unprotected(text).trim();
  return text === DATABASE_NULL ? '' : text;
}

const BETWEEN_VALUES = /\s:::\s/;

/**
 * The values of a cell with several, as Google Contacts writes them: `a@x.se ::: b@x.se`. The first is the main one.
 */
export function valuesIn(text: string): string[] {
  if (!text.includes(':::')) return [text];
  return text
    .split(BETWEEN_VALUES)
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** Characters that a bare address never contains. */
const MORE_THAN_AN_ADDRESS = /[\s,;/<>()"]/;
const QUOTED_NAME_OR_REMARK = /"[^"]*"|\([^()]*\)/g;

/**
 * The addresses in a cell, whatever separates them: `a@x.se; b@x.se`, `Bo Ask <b@x.se>`, `c@x.se (work)`. Returns the
 * cell itself if some part is neither an address, a person's name nor a remark.
 */
function addressesIn(text: string): string[] {
  if (!MORE_THAN_AN_ADDRESS.test(text) || isAddress(text)) return [text];
  const plain = text.replace(QUOTED_NAME_OR_REMARK, ' ');
  const hasNames = plain.includes('<');
  const parts = plain.split(/[,;/\r\n]/).flatMap((part) => /<([^<>]*)>/.exec(part)?.[1] ?? part.split(/\s/));
  const found = parts.map((part) => part.trim()).filter((part) => part !== '' && (!hasNames || part.includes('@')));
  return found.length > 0 && found.every(isAddress) ? found : [text];
}

const isAddress = (text: string) => normaliseKey('email', text, 'unknown').ok;

/** The keys of one kind in a cell, in order. */
export function keysIn(kind: EnteredKind, text: string): string[] {
  const values = valuesIn(text);
  return kind === 'email' ? values.flatMap(addressesIn) : values;
}

/** The first of the cell's values. */
export function mainValueIn(text: string): string {
  return text.includes(':::') ? (valuesIn(text)[0] ?? '') : text;
}
