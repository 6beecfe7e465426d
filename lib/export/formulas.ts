// Keeps spreadsheets from running text as a formula, and removes the protection when the file is imported again.

/** Characters at which a spreadsheet may start a new cell inside a text, depending on its delimiter. */
const FORMULA_INSIDE = /([,;\t|\r\n"][^\S\t\r\n]*)('*)([=+\-@＝＋－＠][^,;\t|\r\n"]*)/g;
const FORMULA_AT_START = /^'*(\s*[=+\-@＝＋－＠]|[\t\r])/;
/** A quick test: text without these characters is harmless. */
const SUSPECT = /^['\s=+\-@＝＋－＠]|[,;\t|\r\n"]/;
/** -5, 1.5, +46 70 123 45 67: harmless. */
const HARMLESS = /^([+-]?\d+([.,]\d+)?|\+\d[\d ]*)$/;
const PROTECTED_INSIDE = /([,;\t|\r\n"][^\S\t\r\n]*)'('*[=+\-@＝＋－＠])/g;
/** Prefixes that other programs use to protect text. */
const PROTECTED_BY_OTHERS = /^'([=+\-@]|\d[\d\s.,/-]*$)/;

/** A formula that only contains a text, which keeps Excel from changing it: ="00124". */
const GUARDED = /^="((?:[^"]|"")*)"$/;

/**
 * Prefixes an apostrophe wherever a spreadsheet would start a formula: at the start, and after each character that may separate
 * cells. If there is one inside, there is also one at the start, so that `unprotected` can recognise it. Plain numbers are
 * unchanged.
 */
export function protectedFromFormulas(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const inside = text.replace(FORMULA_INSIDE, (whole, before: string, apostrophes: string, field: string) =>
    apostrophes === '' && HARMLESS.test(field.trim()) ? whole : `${before}'${apostrophes}${field}`,
  );
  // Text that already looks protected gets one more apostrophe, so that its own survives reading it back.
  const atStart = (FORMULA_AT_START.test(text) && !HARMLESS.test(text)) || PROTECTED_BY_OTHERS.test(text);
  return atStart || inside !== text ? `'${inside}` : text;
}

/** The text of a cell without protection, ours or another program's. */
export function unprotected(cell: string): string {
  // Exports never begin with =.
  const guarded = cell.startsWith('=') ? GUARDED.exec(cell) : null;
  if (guarded) return guarded[1]!.replaceAll('""', '"');
  if (!cell.startsWith("'")) return cell;
  const text = cell.slice(1).replace(PROTECTED_INSIDE, '$1$2');
  if (protectedFromFormulas(text) === cell) return text;
  return PROTECTED_BY_OTHERS.test(cell) ? cell.slice(1) : cell;
}
