// Runs in a separate thread (workbook.ts): reports the sheets and which one is read, then sends its CSV piece by piece
// on request.
import { parentPort, workerData } from 'node:worker_threads';
import { LIMITS } from './limits.mjs';
import { openDocument } from './open-document.mjs';
import { openPackage } from './package.mjs';
import { damaged, Problem, tooLarge } from './problem.mjs';
import { boundsOf, csvOf } from './sheet-csv.mjs';
import { openWebPage } from './web-page.mjs';
import { openWhole } from './whole-book.mjs';
import { mainPart, openXlsx } from './xlsx.mjs';
import { slices } from './xml.mjs';

/** Packages that are not spreadsheets, by the names of their parts. */
const OTHERS = [
  [/\.iwa$/, 'an Apple Numbers document. In Numbers choose File → Export To → CSV or Excel'],
  [/^word\//, 'a Word document. Copy its table into a spreadsheet, and save that as .xlsx or CSV'],
  [/^ppt\//, 'a presentation. Copy its table into a spreadsheet, and save that as .xlsx or CSV'],
];

async function openZip(bytes, noteSize) {
  const book = await openPackage(bytes);
  noteSize(book.unpackedBytes);
  if (book.has('mimetype') || (book.has('content.xml') && book.has('META-INF/manifest.xml'))) {
    const manifest = String(await book.whole('META-INF/manifest.xml'));
    if (manifest.includes('encryption-data')) {
      throw new Problem('The document has a password. Remove the password, save it, and upload it again.');
    }
    if (book.has('content.xml')) return openDocument(() => book.read('content.xml'));
  }
  const main = await mainPart(book);
  if (main?.toLowerCase().endsWith('.bin')) return openWhole(bytes, book.unpackedBytes);
  for (const [part, what] of OTHERS) {
    if (book.names().some((name) => part.test(name))) throw new Problem(`This is not a spreadsheet: it is ${what}.`);
  }
  if (!main || !book.has(main)) throw damaged();
  return openXlsx(book, main);
}

async function openBook(kind, bytes, noteSize) {
  switch (kind) {
    case 'zip':
      return openZip(bytes, noteSize);
    case 'web-page':
      return openWebPage(bytes);
    case 'flat-document':
      return openDocument(() => slices(bytes));
    default:
      return openWhole(bytes);
  }
}

/**
 * The sheets with cells, and the one to read with its bounds: the wanted one, the one that the file type prefers, the
 * first with several rows (a cover may have one), or the first. Hidden sheets are not offered, since they are seldom
 * what people want to import.
 */
async function choose(sheets, wanted, most) {
  const filled = [];
  const tables = [];
  for (const sheet of sheets) {
    const rows = sheet.hidden ? 0 : await rowsIn(sheet);
    if (rows > 0) filled.push(sheet);
    if (rows > 1) tables.push(sheet);
  }
  if (wanted !== undefined && filled.length > 0 && !filled.some(({ name }) => name === wanted)) {
    const names = filled.map(({ name }) => name).join(', ');
    throw new Problem(`The workbook has no sheet “${wanted}” that can be read. It has: ${names}.`);
  }
  const sheet =
    filled.find(({ name }) => name === wanted) ?? filled.find(({ preferred }) => preferred) ?? tables[0] ?? filled[0];
  if (sheet) return { filled, sheet, bounds: await boundsOf(sheet, most) };
  for (const { hidden, name } of sheets) {
    if (!hidden) continue;
    throw new Problem(
      `The sheets that can be seen have no rows; “${name}” is hidden. Show it in your spreadsheet program, save, and upload again.`,
    );
  }
  throw new Problem('The workbook has no rows. Choose a file with a header and at least one row.');
}

/** The number of rows with cells, counted up to two. */
async function rowsIn(sheet) {
  if (sheet.filledRows !== undefined) return sheet.filledRows;
  let count = 0;
  for await (const rows of sheet.rows()) {
    count += rows.length;
    if (count > 1) break;
  }
  return count;
}

/** Limits of comparing sheets: their first rows, the number of sheets, and the bytes read again for it. */
const TOP_ROWS = 30;
const OTHERS_MAX = 20;
const OTHERS_BYTES = 512 * 1_048_576;

/** For each other sheet: which first lines of this sheet it also has, in any order of cells. */
async function alikeOf(sheets, sheet, unpacked) {
  const alike = {};
  const most = Math.min(OTHERS_MAX, Math.floor(OTHERS_BYTES / Math.max(1, unpacked)));
  const others = sheets.filter((other) => other !== sheet).slice(0, most);
  const lines = others.length > 0 ? await topOf(sheet) : [];
  for (const other of others) {
    const there = (await topOf(other)).map(({ texts }) => new Set(texts));
    const same = lines.filter(({ texts }) => there.some((row) => texts.every((text) => row.has(text))));
    if (same.length > 0) alike[other.name] = same.map(({ number }) => number);
  }
  return alike;
}

async function topOf(sheet) {
  const top = [];
  for await (const rows of sheet.rows()) {
    for (const { number, cells } of rows) {
      if (number > TOP_ROWS) return top;
      top.push({ number, texts: cells.map(({ text }) => text.trim()).filter((text) => text !== '') });
    }
  }
  return top;
}

/** Resolves once for each request for the next piece. */
function requests() {
  let asked = 0;
  let wake;
  parentPort.on('message', () => {
    asked++;
    wake?.();
  });
  return async () => {
    while (asked === 0) await new Promise((resolve) => (wake = resolve));
    asked--;
  };
}

async function main() {
  const { bytes, kind, sheet: wanted } = workerData;
  let unpacked = bytes.length;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const sheets = await openBook(kind, file, (size) => (unpacked = size));
  const most = Math.min(LIMITS.csvBytes, Math.max(LIMITS.smallCsvBytes, unpacked * LIMITS.csvRatio));
  const { filled, sheet, bounds } = await choose(sheets, wanted, most);
  const alike = await alikeOf(filled, sheet, unpacked);
  const { hiddenRows, noResult } = bounds;
  parentPort.postMessage({ sheets: filled.map(({ name }) => name), sheet: sheet.name, alike, hiddenRows, noResult });
  const asked = requests();
  const encoder = new TextEncoder();
  let length = 0;
  for await (const text of csvOf(sheet, bounds)) {
    const piece = encoder.encode(text);
    length += piece.length;
    if (length > most) throw tooLarge();
    await asked();
    parentPort.postMessage({ piece }, [piece.buffer]);
  }
  await asked();
  parentPort.postMessage({ end: true });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  parentPort.postMessage({ problem: error.message });
}
