// Files in which each whole line is in quotes: a spreadsheet saves them so after reading each line as one cell.
import { DELIMITERS } from './format';

/** The number of first lines examined. */
const LINES = 100;
/** What may follow the closing quote of a line. */
const AFTER_QUOTES = ',;\t| ';

/**
 * Whether the lines of a text are quoted as a whole, with a delimiter inside. `whole`: whether the text ends where the
 * file does.
 */
export function hasWholeQuotes(text: string, whole: boolean): boolean {
  const lines = text.split(/\r\n|\n|\r/, LINES + 1);
  if (!whole || lines.length > LINES) lines.pop();
  const quoted = lines.filter((line) => withoutQuotes(line) !== line);
  if (lines.some((line) => line.includes('"') && !quoted.includes(line))) return false;
  return DELIMITERS.some((delimiter) => {
    const divided = quoted.filter((line) => withoutQuotes(line).includes(delimiter));
    // A cell that continues has lines without a closing quote.
    return divided.length >= Math.max(2, quoted.length / 2) && divided[0] === quoted[0];
  });
}

/** The lines without the quotes around each. */
export async function* withoutWholeQuotes(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of text) {
    const all = rest + piece;
    // A CR at the end may belong to an LF that follows.
    const end = Math.max(all.lastIndexOf('\n'), all.lastIndexOf('\r', all.length - 2)) + 1;
    rest = all.slice(end);
    if (end > 0) yield withoutQuotesInText(all.slice(0, end));
  }
  yield withoutQuotesInText(rest);
}

/** The same for a text in memory. */
export function withoutQuotesInText(text: string): string {
  return text.replace(/[^\r\n]+/g, withoutQuotes);
}

/**
 * A line without the quotes around it, or the line itself if it has none. Linear, which a regular expression for its
 * end would not be.
 */
function withoutQuotes(line: string): string {
  if (!line.startsWith('"')) return line;
  let end = line.length;
  while (AFTER_QUOTES.includes(line[end - 1]!)) end--;
  if (end < 2 || line[end - 1] !== '"') return line;
  const inside = line.slice(1, end - 1);
  return inside.replaceAll('""', '').includes('"') ? line : inside.replaceAll('""', '"');
}
