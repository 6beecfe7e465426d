// The limits of one workbook. The reader holds only the shared strings and one row, so these bound its memory; the
// timeout in workbook.ts bounds its time.

export const LIMITS = {
  /** Parts of the package. */
  parts: 5_000,
  /** Unpacked bytes of all parts, and their maximum ratio to the file's size. */
  unpackedBytes: 1_024 * 1_048_576,
  /** Packages below `smallBytes` unpacked may have any ratio. */
  ratio: 50,
  smallBytes: 32 * 1_048_576,
  /** Bytes of a part that is read as a whole: the list of sheets, the styles. */
  smallPartBytes: 16 * 1_048_576,
  /** Bytes of the shared strings. */
  sharedBytes: 192 * 1_048_576,
  /** Old Excel files, .xlsb and XML spreadsheets are read as a whole by SheetJS. */
  wholeBytes: 20 * 1_048_576,
  wholeUnpackedBytes: 100 * 1_048_576,
  rows: 1_048_576,
  columns: 500,
  /** Characters of a cell. */
  cell: 100_000,
  merges: 100_000,
  /** Tables of a web page, nesting depth, and positions covered by cells over several rows. */
  tables: 10_000,
  depth: 2_000,
  covered: 20_000_000,
  /** Bytes of the resulting CSV, and its maximum ratio to the unpacked parts above `smallCsvBytes`. */
  csvBytes: 512 * 1_048_576,
  csvRatio: 8,
  smallCsvBytes: 64 * 1_048_576,
};
