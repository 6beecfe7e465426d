// Several tag names in one cell of a file: written by exports, read by imports.

/** What a reader could take for something else than a part of the name. */
const AMBIGUOUS = /[|,;"]|:::|^\* /;
/** One name and what ends it: in quotation marks, where a doubled one is a mark of the name, or bare. */
const NAME = /(?:\s*"((?:[^"]|"")*)"\s*|([^",;|]*))([,;|]|$)/y;

/** Names as they are written into a cell: `VIP|Partner`; all in quotation marks if one of them needs it. */
export function namesAsText(names: readonly string[]): string {
  if (!names.some((name) => AMBIGUOUS.test(name))) return names.join('|');
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('|');
}

/** The names in a cell, without those that are empty. `separator`: what stands between them, where there are no quotation marks. */
export function namesFromText(cell: string, separator: string): string[] {
  const names = quotedNames(cell.trim()) ?? cell.split(separator).map(bareName);
  return names.filter((name) => name !== '');
}

/** The names of a list such as `"VIP","Trade Show, Oslo"`; null if the cell is no such list. */
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

/** Google Contacts marks its own groups with an asterisk: `* myContacts`. */
const bareName = (text: string) => text.trim().replace(/^\* /, '').trim();
