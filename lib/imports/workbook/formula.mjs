/**
 * The text of a cell whose formula has no result in the file, as written by programs that do not calculate. The same as
 * `NO_RESULT` in lib/text/no-value.ts.
 */
export const NO_RESULT = '#FORMULA!';
