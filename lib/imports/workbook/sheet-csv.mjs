// A sheet as CSV. A sheet is `{ name, hidden, merges, rows() }`; `rows()` gives its rows in batches, each
// `{ number, repeat?, hidden?, cells: [{ column, text, repeat? }] }` with the cells that have text, numbers from 1, columns from 0.
import { NO_RESULT } from './formula.mjs';
import { LIMITS } from './limits.mjs';
import { Problem, tooLarge } from './problem.mjs';

/**
 * The first and last column with text (`left`, `right`), the number of hidden rows, and the number of formulas without
 * a result, with the first row that has one; null for a sheet without text. Reads the sheet to its end, so that
 * unreadable content, or more than `most` characters, is found before a line is written. Also fills `merges`.
 */
export async function boundsOf(sheet, most) {
  let length = 0;
  let [left, right] = [Infinity, -1];
  let hiddenRows = 0;
  const noResult = { cells: 0, row: 0 };
  for await (const rows of sheet.rows()) {
    for (const { number, repeat = 1, hidden = false, cells } of rows) {
      if (hidden) hiddenRows += repeat;
      if (number + repeat - 1 > LIMITS.rows) {
        throw new Problem(
          `The sheet “${sheet.name}” has more than ${LIMITS.rows.toLocaleString('en-GB')} rows. Split it into smaller ones.`,
        );
      }
      for (const { column, text, repeat: wide = 1 } of cells) {
        length += text.length * wide * repeat;
        if (text === NO_RESULT) {
          noResult.row ||= number;
          noResult.cells += wide * repeat;
        }
        if (length > most) throw tooLarge();
        left = Math.min(left, column);
        right = Math.max(right, column + wide - 1);
        if (text.length > LIMITS.cell) {
          throw new Problem(
            `Row ${number} of the sheet “${sheet.name}” has a cell of more than ${LIMITS.cell.toLocaleString('en-GB')} characters. Shorten it.`,
          );
        }
      }
      if (right - left >= LIMITS.columns) throw tooWide(sheet.name, number, left, right);
    }
  }
  return right < 0 ? null : { left, right, hiddenRows, noResult };
}

function tooWide(name, number, left, right) {
  return new Problem(
    `The sheet “${name}” has cells from column ${letters(left)} to ${letters(right)} (row ${number}); at most ${LIMITS.columns} columns can be read. Remove those that you do not need.`,
  );
}

/** The sheet's lines as pieces of text. Rows without text are empty lines, so line numbers match the sheet's. */
export async function* csvOf(sheet, { left, right }) {
  /** Texts of cells merged over several rows, by column: people see them in each of these rows. */
  const merged = new Map();
  let at = 1;
  let lines = [];
  let length = 0;
  const line = (number, cells) => {
    const texts = new Array(right - left + 1).fill('');
    for (const [column, { text, last }] of merged) {
      if (number > last) merged.delete(column);
      else texts[column - left] = text;
    }
    for (const { column, text, repeat = 1 } of cells) {
      const written = quoted(text);
      for (let offset = 0; offset < repeat; offset++) texts[column + offset - left] = written;
      const last = sheet.merges.get(`${column}:${number}`);
      if (last !== undefined) merged.set(column, { text: written, last });
    }
    const joined = texts.join(',');
    length += joined.length + 1;
    lines.push(joined);
  };
  for await (const rows of sheet.rows()) {
    for (const { number, repeat = 1, cells } of rows) {
      for (; at < number; at++) {
        if (merged.size > 0) line(at, []);
        else lines.push('');
        if (length < PIECE) continue;
        yield `${lines.join('\n')}\n`;
        [lines, length] = [[], 0];
      }
      for (; at < number + repeat; at++) {
        line(at, cells);
        if (length < PIECE) continue;
        yield `${lines.join('\n')}\n`;
        [lines, length] = [[], 0];
      }
    }
  }
  yield lines.join('\n');
}

const PIECE = 262_144;

/**
 * Represents a line break within a cell, so that a row is one line and keeps its number; a noncharacter (`CELL_BREAK`,
 * delimited.ts).
 */
const BREAK = '\uFDD2';

function quoted(text) {
  const line = text.replace(/\r\n?|\n/g, BREAK);
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}

/** The column's name in the sheet: 0 is A, 26 is AA. */
function letters(column) {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last;
}
