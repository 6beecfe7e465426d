// Excel workbooks (.xlsx, .xlsm, .xltx, and strict ones), read as a stream: only the shared strings are kept in memory.
import path from 'node:path/posix';
import { SSF } from '@e965/xlsx';
import { NO_RESULT } from './formula.mjs';
import { LIMITS } from './limits.mjs';
import { isoDate, plain, writerOf } from './number-format.mjs';
import { damaged, Problem, tooLarge } from './problem.mjs';
import { Texts } from './texts.mjs';
import { readAll, readWhole, readXml } from './xml.mjs';

/** The main part of a package, such as xl/workbook.xml. */
export async function mainPart(book) {
  const relations = await relationsOf(book, '');
  const main = relations.find(({ type }) => type === 'officedocument')?.target;
  return main ?? ['xl/workbook.xml', 'xl/workbook.bin'].find((name) => book.has(name));
}

/** The sheets with cells, in order; not charts and macros. */
export async function openXlsx(book, main) {
  const sheets = [];
  let date1904 = false;
  const relations = await relationsOf(book, main);
  let inSheets = false;
  let tag = '';
  await readWhole((await book.whole(main)) ?? new Uint8Array(), {
    open: (name) => {
      tag = name;
      if (name === 'sheets') inSheets = true;
      if (name === 'sheet' && inSheets) sheets.push({ name: '', hidden: false, id: '' });
    },
    attribute: (name, value) => {
      if (tag === 'workbookPr' && name === 'date1904') date1904 = isTrue(value);
      if (tag !== 'sheet' || !inSheets) return;
      const sheet = sheets.at(-1);
      if (name === 'name') sheet.name = value;
      if (name === 'state') sheet.hidden = value !== 'visible';
      if (name === 'id') sheet.id = value;
    },
    close: (name) => {
      if (name === 'sheets') inSheets = false;
    },
  });
  if (sheets.length === 0) throw damaged();
  const partOf = (type) => relations.find((relation) => relation.type === type && book.has(relation.target))?.target;
  const [strings, styles] = [partOf('sharedstrings'), partOf('styles')];
  const writers = styles ? await readStyles(await book.whole(styles)) : [];
  let texts;
  const shared = async () => (texts ??= await readSharedStrings(book, strings));
  return sheets.flatMap(({ name, hidden, id }) => {
    const relation = relations.find((one) => one.id === id);
    if (relation?.type !== 'worksheet') return [];
    const merges = new Map();
    return [
      {
        name,
        hidden,
        merges,
        rows: () => readSheet({ book, part: relation.target, shared, writers, date1904, merges }),
      },
    ];
  });
}

/** The relations of a part: `{ id, type, target }`, with the last word of the type in lower case. */
async function relationsOf(book, part) {
  const folder = path.dirname(part);
  const relations = [];
  const bytes = await book.whole(path.join(folder, '_rels', `${path.basename(part)}.rels`));
  let external = false;
  let tag = '';
  if (!bytes) return relations;
  await readWhole(bytes, {
    open: (name) => {
      tag = name;
      external = false;
      if (name === 'Relationship') relations.push({ id: '', type: '', target: '' });
    },
    attribute: (name, value) => {
      if (tag !== 'Relationship') return;
      const relation = relations.at(-1);
      if (name === 'Id') relation.id = value;
      if (name === 'Type') relation.type = value.split('/').at(-1).toLowerCase();
      if (name === 'TargetMode') external = value === 'External';
      if (name === 'Target') relation.target = value.replaceAll('\\', '/');
    },
    close: (name) => {
      if (name !== 'Relationship') return;
      const relation = relations.at(-1);
      if (external) relations.pop();
      else
        relation.target = path.join(relation.target.startsWith('/') ? '' : folder, relation.target).replace(/^\/+/, '');
    },
  });
  return relations;
}

/** The number writer of each cell style. */
async function readStyles(bytes) {
  const formats = new Map();
  const styles = [];
  let inCells = false;
  let tag = '';
  let id = '';
  await readWhole(bytes, {
    open: (name) => {
      tag = name;
      if (name === 'cellXfs') inCells = true;
      if (name === 'xf' && inCells) styles.push('0');
    },
    attribute: (name, value) => {
      if (tag === 'numFmt' && name === 'numFmtId') id = value;
      if (tag === 'numFmt' && name === 'formatCode') formats.set(id, value);
      if (tag === 'xf' && inCells && name === 'numFmtId') styles[styles.length - 1] = value;
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  const writers = new Map();
  return styles.map((number) => {
    if (!writers.has(number)) writers.set(number, writerOf(formats.get(number) ?? builtInFormat(Number(number))));
    return writers.get(number);
  });
}

/** Formats 27 to 58 are East Asian dates and times, and depend on the language. */
function builtInFormat(number) {
  if (number >= 32 && number <= 35) return 'h:mm:ss';
  if ((number >= 27 && number <= 36) || (number >= 50 && number <= 58)) return 'yyyy-mm-dd';
  return SSF.get_table()[number];
}

async function readSharedStrings(book, part) {
  const texts = new Texts(LIMITS.sharedBytes);
  if (!part) return texts;
  const text = new RichText();
  await readAll(book.read(part), {
    open: (name) => (name === 'si' ? text.start() : text.open(name)),
    text: (value) => text.add(value),
    close: (name) => (name === 'si' ? texts.push(text.take()) : text.close(name)),
  });
  return texts;
}

/** The runs of a rich text, without the reading aids (furigana). */
class RichText {
  #text = '';
  #inText = false;
  #aside = false;
  start() {
    this.#text = '';
  }
  open(name) {
    if (name === 'rPh') this.#aside = true;
    if (name === 't') this.#inText = true;
  }
  close(name) {
    if (name === 'rPh') this.#aside = false;
    if (name === 't') this.#inText = false;
  }
  add(value) {
    if (!this.#inText || this.#aside) return;
    this.#text += value;
    if (this.#text.length > LIMITS.cell * 8) throw tooLarge();
  }
  take() {
    return unescaped(this.#text);
  }
}

/** `_x000D_` represents a character that XML cannot contain. */
function unescaped(text) {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([\dA-Fa-f]{4})_/g, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

async function* readSheet({ book, part, shared, writers, date1904, merges }) {
  const texts = await shared();
  let rows = [];
  let row = { number: 0, hidden: false, cells: [] };
  let column = -1;
  let inData = false;
  let tag = '';
  let cell = newCell();
  let inValue = false;
  const rich = new RichText();
  const textOf = () => {
    const { type, style, value, hasFormula, hasValue } = cell;
    if (type === 'inlineStr') return rich.take();
    // A formula's empty text is a result, though its value is empty.
    if (value === '') return hasFormula && !(type === 'str' && hasValue) ? NO_RESULT : '';
    if (type === 's') return texts.at(Number(value)) ?? damage();
    if (type === 'str') return unescaped(value);
    if (type === 'b') return isTrue(value.trim()) ? 'TRUE' : 'FALSE';
    // The same as in CSV: the cell is not empty, its formula has failed.
    if (type === 'e') return ERRORS.has(value.trim()) ? value.trim() : '#N/A';
    if (type === 'd') return isoDate(value);
    return Number.isFinite(Number(value)) ? (writers[style] ?? plain)(value.trim(), date1904) : value;
  };
  yield* readXml(book.read(part), {
    open: (name) => {
      tag = name;
      if (name === 'sheetData') inData = true;
      if (!inData) return;
      if (name === 'row') {
        row = { number: row.number + 1, hidden: false, cells: [] };
        column = -1;
      } else if (name === 'c') {
        column++;
        cell = newCell();
        rich.start();
      } else if (name === 'v') inValue = cell.hasValue = true;
      else if (name === 'f') cell.hasFormula = true;
      else rich.open(name);
    },
    attribute: (name, value) => {
      if (tag === 'mergeCell' && name === 'ref') return addMerge(merges, value);
      if (!inData) return;
      if (tag === 'c') {
        if (name === 'r') column = columnOf(value);
        else if (name === 't') cell.type = value;
        else if (name === 's') cell.style = Number(value);
      } else if (tag === 'row' && name === 'hidden') row.hidden = isTrue(value);
      else if (tag === 'row' && name === 'r') {
        // `row.number` continues from the previous row already.
        const number = Number(value);
        if (!Number.isInteger(number) || number < row.number) throw damaged();
        row.number = number;
      }
    },
    text: (value) => {
      if (!inData) return;
      if (inValue) cell.value += value;
      else rich.add(value);
    },
    close: (name) => {
      if (!inData) return;
      if (name === 'v') inValue = false;
      else if (name === 'c') {
        const text = textOf();
        if (text !== '') row.cells.push({ column, text });
      } else if (name === 'row') {
        if (row.cells.length > 0) rows.push(row);
      } else if (name === 'sheetData') inData = false;
      else rich.close(name);
    },
    found: () => {
      if (rows.length === 0) return undefined;
      const batch = rows;
      rows = [];
      return batch;
    },
  });
}

const newCell = () => ({ type: 'n', style: 0, value: '', hasFormula: false, hasValue: false });

const ERRORS = new Set(['#NULL!', '#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!', '#SPILL!', '#CALC!', '#FIELD!']);

function damage() {
  throw damaged();
}

/** `BC12` is column 54, counted from 0. */
export function columnOf(reference) {
  let column = 0;
  for (let at = 0; at < reference.length; at++) {
    const letter = reference.charCodeAt(at) & ~32;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
    if (column > 16_384) throw damaged();
  }
  if (column === 0) throw damaged();
  return column - 1;
}

/** Records cells merged over several rows: the last row, by first cell. */
function addMerge(merges, reference) {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})$/i.exec(reference);
  if (!match) return;
  const [first, last] = [Number(match[2]), Number(match[3])];
  if (last <= first) return;
  if (merges.size >= LIMITS.merges)
    throw new Problem('The sheet has too many merged cells. Save it as CSV (UTF-8), and import that.');
  merges.set(`${columnOf(match[1])}:${first}`, last);
}

function isTrue(value) {
  return value === '1' || value.toLowerCase() === 'true' || value === 'on';
}
