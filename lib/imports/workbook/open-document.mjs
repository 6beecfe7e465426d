// OpenDocument spreadsheets (LibreOffice, Google Sheets), read as a stream.
import { NO_RESULT } from './formula.mjs';
import { LIMITS } from './limits.mjs';
import { isoDate, plain } from './number-format.mjs';
import { Problem } from './problem.mjs';
import { readAll, readXml } from './xml.mjs';

/** The sheets of a document; `read` returns its content's bytes from the beginning each time. */
export async function openDocument(read) {
  const sheets = [];
  const hidden = new Set();
  const styles = new Map();
  let style = '';
  let tag = '';
  let repeat = 1;
  let filled = false;
  await readAll(read(), {
    open: (name) => {
      tag = name;
      if (name === 'table') sheets.push({ name: '', filledRows: 0 });
      if (name === 'table-row') [repeat, filled] = [1, false];
      if (sheets.length > LIMITS.parts)
        throw new Problem('The document has too many sheets. Save the one you need as CSV (UTF-8).');
    },
    attribute: (name, value) => {
      if (tag === 'style' && name === 'name') style = value;
      if (tag === 'table-properties' && name === 'display' && value === 'false') hidden.add(style);
      if (tag === 'table-row' && name === 'number-rows-repeated') repeat = count(value);
      if (CELLS.has(tag) && (name === 'value-type' || name === 'formula') && sheets.length > 0 && !filled) {
        filled = true;
        sheets.at(-1).filledRows += repeat;
      }
      if (tag !== 'table') return;
      if (name === 'name') sheets.at(-1).name = value;
      if (name === 'style-name') styles.set(sheets.length - 1, value);
    },
  });
  return sheets.map(({ name, filledRows }, index) => ({
    filledRows,
    name: name || `Sheet ${index + 1}`,
    hidden: hidden.has(styles.get(index)),
    merges: new Map(),
    rows: () => readTable(read, index),
  }));
}

async function* readTable(read, wanted) {
  let table = -1;
  let rows = [];
  let number = 1;
  let row = null;
  let column = 0;
  let cell = null;
  let paragraphs = 0;
  let inParagraph = false;
  let aside = 0;
  let tag = '';
  const here = () => table === wanted;
  yield* readXml(read(), {
    open: (name) => {
      tag = name;
      if (name === 'table') table++;
      if (!here()) return;
      if (name === 'table-row') {
        row = { number, repeat: 1, hidden: false, cells: [] };
        column = 0;
      } else if (CELLS.has(name)) {
        cell = { type: '', value: '', hasFormula: false, repeat: 1, shown: '' };
        paragraphs = 0;
      } else if (name === 'annotation') aside++;
      else if (cell && !aside && name === 'p') {
        if (paragraphs++ > 0) cell.shown += '\n';
        inParagraph = true;
      } else if (cell && !aside && (name === 's' || name === 'tab')) cell.shown += ' ';
      else if (cell && !aside && name === 'line-break') cell.shown += '\n';
    },
    attribute: (name, value) => {
      if (!here()) return;
      if (tag === 'table-row' && name === 'number-rows-repeated') row.repeat = count(value);
      if (tag === 'table-row' && name === 'visibility') row.hidden = value !== 'visible';
      if (!cell || !CELLS.has(tag)) return;
      if (name === 'value-type') cell.type ||= value;
      else if (name === 'number-columns-repeated') cell.repeat = count(value);
      else if (name === 'formula') cell.hasFormula = true;
      else if (VALUES.has(name)) cell.value = value;
    },
    text: (value) => {
      if (cell && inParagraph && !aside) cell.shown += value;
    },
    close: (name) => {
      if (name === 'annotation') aside = Math.max(0, aside - 1);
      if (!here()) return;
      if (name === 'p' && !aside) inParagraph = false;
      if (CELLS.has(name) && cell) {
        // Content under a merged cell is not visible.
        const text = name === 'table-cell' ? textOf(cell) : '';
        if (text !== '') row?.cells.push({ column, text, repeat: cell.repeat });
        column += cell.repeat;
        cell = null;
      } else if (name === 'table-row' && row) {
        if (row.cells.length > 0) rows.push(row);
        number += row.repeat;
        row = null;
      }
    },
    found: () => {
      if (rows.length === 0) return undefined;
      const batch = rows;
      rows = [];
      return batch;
    },
    done: () => table > wanted,
  });
}

const CELLS = new Set(['table-cell', 'covered-table-cell']);
const VALUES = new Set(['value', 'date-value', 'time-value', 'boolean-value', 'string-value']);

function count(value) {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : 1;
}

/** The text as displayed, but dates as ISO and quantities as plain numbers. */
function textOf({ type, value, hasFormula, shown }) {
  // A formula's empty text is a result; no value and nothing displayed is not.
  if (value === '' && shown.trim() === '' && hasFormula && type !== 'string') return NO_RESULT;
  if (value === '') return type === '' || type === 'string' ? shown : shown.trim();
  switch (type) {
    case 'float':
      return isCode(shown) ? shown.trim() : plain(value);
    case 'currency':
      return plain(value);
    case 'percentage':
      return `${plain(Number((Number(value) * 100).toPrecision(15)))}%`;
    case 'date':
      return isoDate(value);
    case 'time':
      return shown.trim() || value;
    case 'boolean':
      return value === 'true' ? 'TRUE' : 'FALSE';
    default:
      return shown || value;
  }
}

/**
 * Whether a number is displayed with text of its own, or with zeros or separators that belong to it: +46 70, 00123,
 * 012-345.
 */
function isCode(shown) {
  const text = shown.trim();
  return /^0\d/.test(text) || /^\+|\p{L}/u.test(text.replace(/E[+-]?\d+$/, '')) || /\d[-/]\d/.test(text);
}
