// Several tag names in one cell of a file: written by exports, read by imports.

/** What a reader could mistake for something other than a part of the name. */
const AMBIGUOUS = /[|,;"]|:::|^\* /;
/** A name and the separator after it: in quotation marks, doubled inside the name, or bare. */
const NAME = /(?:\s*"((?:[^"]|"")*)"\s*|([^",;|]*))([,;|]|$)/y;
/** A name in quotation marks. A line break outside them may be a separator. */
const QUOTED = /[^\S\r\n]*"((?:[^"]|"")*)"[^\S\n]*/y;

/** Names as written to a cell: `VIP|Partner`; all in quotation marks if one of them needs it. */
export function namesAsText(names: readonly string[]): string {
  if (!names.some((name) => AMBIGUOUS.test(name))) return names.join('|');
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('|');
}

/** The names in a cell, without empty ones. `separator`: what separates names without quotation marks. */
export function namesFromText(cell: string, separator: string): string[] {
  const names = quotedNames(cell.trim()) ?? splitNames(cell, separator);
  return names.filter((name) => name !== '');
}

/** Whether the names in a cell are quoted, so that any separator gives the same names. */
export function isQuotedList(cell: string): boolean {
  return quotedNames(cell.trim()) !== null;
}

/** The names of a list such as `"VIP","Trade Show, Oslo"`; null if the cell is not such a list. */
function quotedNames(cell: string): string[] | null {
  if (!cell.startsWith('"')) return null;
  const names: string[] = [];
  for (let at = 0; ;) {
    NAME.lastIndex = at;
    const found = NAME.exec(cell);
    if (!found) return null;
    const [whole, quoted, bare, end] = found;
    names.push(quoted === undefined ? bareName(bare ?? '') : quoted.replaceAll('""', '"').trim());
    if (!end) return names;
    at += whole.length;
  }
}

/**
 * Splits at each separator outside quotation marks: `VIP, "Trade Show, Oslo"`. Marks inside a name are ordinary
 * characters.
 */
function splitNames(cell: string, separator: string): string[] {
  if (!cell.includes('"')) return cell.split(separator).map(bareName);
  const names: string[] = [];
  for (let at = 0; at <= cell.length;) {
    QUOTED.lastIndex = at;
    const [whole = '', quoted = ''] = QUOTED.exec(cell) ?? [];
    const after = at + whole.length;
    const isQuoted = whole !== '' && (after === cell.length || cell.startsWith(separator, after));
    const next = isQuoted ? after : cell.indexOf(separator, at);
    const end = next < 0 ? cell.length : next;
    names.push(isQuoted ? quoted.replaceAll('""', '"').trim() : bareName(cell.slice(at, end)));
    at = end + separator.length;
  }
  return names;
}

/** Google Contacts marks its own groups with an asterisk: `* myContacts`. */
const bareName = (text: string) => text.trim().replace(/^\* /, '').trim();
