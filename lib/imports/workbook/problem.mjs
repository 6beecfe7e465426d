/** The workbook cannot be read. The message is for the person who uploaded it: what is wrong and what to do. */
export class Problem extends Error {}

export const damaged = () =>
  new Problem('The workbook is damaged and cannot be read. Open it in your spreadsheet program and save it again.');

export const tooLarge = () =>
  new Problem('The workbook is too large to be read as it is. Save the sheet as CSV (UTF-8), and import that.');

export const tooDeep = () =>
  new Problem(
    'The file has elements nested too deeply to be read as a table. Open it in your spreadsheet program and save it as .xlsx or CSV (UTF-8).',
  );

/** Refuses a file that would have to be read as a whole and is too large for that. */
export function requireSmall(bytes, most) {
  if (bytes.length <= most) return;
  throw new Problem(
    `A workbook of this kind (.xls, .xlsb, XML or a web page) may have at most ${Math.round(most / 1_048_576)} MB. Save it as .xlsx or CSV (UTF-8).`,
  );
}
