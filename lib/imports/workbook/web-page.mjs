// Tables of web pages: many tools export one as .xls.
import { Parser } from 'htmlparser2';
import { LIMITS } from './limits.mjs';
import { Problem, requireSmall, tooDeep, tooLarge } from './problem.mjs';

/** Represents a line break while white space is collapsed. */
const BREAK = '\u2028';

/** The page's tables as sheets. Cells are text; numbers are not interpreted. */
export function openWebPage(/** @type {Buffer} */ bytes) {
  requireSmall(bytes, LIMITS.wholeBytes);
  const tables = [];
  const open = [];
  let cell = null;
  let silent = 0;
  let depth = 0;
  let covered = 0;
  const cover = (places) => {
    covered += places;
    if (covered > LIMITS.covered) throw tooLarge();
  };
  const endCell = () => {
    if (!cell) return;
    const { row, column, wide, tall } = cell;
    const text = cell.text
      .replace(/[ \t\r\n\f]+/g, ' ')
      .split(BREAK)
      .map((line) => line.trim())
      .join('\n')
      .replaceAll('\u00a0', ' ')
      .trim();
    if (text !== '') row.cells.push({ column, text });
    const { table } = cell;
    if (tall > 1) {
      // Columns further right cannot be read, so no positions need to be kept free there.
      const end = Math.min(column + wide, LIMITS.columns);
      cover(Math.max(0, end - column));
      for (let place = column; place < end; place++) table.spans[place] = row.number + tall - 1;
    }
    if (text !== '' && tall > 1) table.merges.set(`${column}:${row.number}`, row.number + tall - 1);
    table.column = column + wide;
    cell = null;
  };
  const parser = new Parser({
    onopentag: (name, attributes) => {
      // The parser's work per tag grows with the depth.
      if (++depth > LIMITS.depth) throw tooDeep();
      if (name === 'script' || name === 'style') silent++;
      if (name === 'table') {
        endCell();
        if (tables.length >= LIMITS.tables) throw tooLarge();
        const table = { rows: [], merges: new Map(), spans: [], column: 0, number: 0 };
        tables.push(table);
        open.push(table);
      }
      const table = open.at(-1);
      if (!table) return;
      if (name === 'tr') {
        endCell();
        table.rows.push({ number: ++table.number, hidden: isHidden(attributes), cells: [] });
        table.column = 0;
      } else if (name === 'td' || name === 'th') {
        endCell();
        if (table.rows.length === 0) table.rows.push({ number: ++table.number, cells: [] });
        let { column } = table;
        while (table.spans[column] >= table.number) column++;
        cover(column - table.column);
        const [wide, tall] = [span(attributes.colspan, 1_000), span(attributes.rowspan, 65_534)];
        cell = { table, row: table.rows.at(-1), column, wide, tall, text: '' };
      } else if (cell && (name === 'br' || name === 'p' || name === 'div')) cell.text += cell.text === '' ? '' : BREAK;
    },
    ontext: (text) => {
      if (cell && silent === 0) cell.text += text;
    },
    onclosetag: (name) => {
      depth--;
      if (name === 'script' || name === 'style') silent = Math.max(0, silent - 1);
      if (name === 'td' || name === 'th' || name === 'tr' || name === 'table') endCell();
      if (name === 'table') open.pop();
    },
  });
  parser.end(decoded(bytes));
  if (tables.length === 0)
    throw new Problem('This is a web page without a table. Export the table as CSV (UTF-8) or .xlsx.');
  const most = tables.reduce((longest, { rows }) => Math.max(longest, rows.length), 0);
  // Pages often have a table with a title above the one with the rows.
  return tables.map(({ rows, merges }, index) => ({
    preferred: rows.length === most,
    name: `Table ${index + 1}`,
    hidden: false,
    merges,
    rows: async function* () {
      yield rows.filter(({ cells }) => cells.length > 0);
    },
  }));
}

function isHidden({ hidden, style = '' }) {
  return hidden !== undefined || /\bdisplay\s*:\s*none\b/i.test(style);
}

function span(value, most) {
  const number = Number.parseInt(value ?? '1', 10);
  return number > 0 ? Math.min(number, most) : 1;
}

/** Decoded by the byte order mark, the charset that the page declares, or UTF-8 if it is valid. */
function decoded(bytes) {
  const declared = /charset\s*=\s*["']?([\w-]{1,40})/i.exec(bytes.subarray(0, 4_096).toString('latin1'))?.[1];
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  if (mark) return new TextDecoder(mark).decode(bytes);
  for (const encoding of [declared, 'utf-8', 'windows-1252']) {
    try {
      if (encoding) return new TextDecoder(encoding, { fatal: encoding !== 'windows-1252' }).decode(bytes);
    } catch {
      // Not in the declared charset.
    }
  }
  return '';
}
