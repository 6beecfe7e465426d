// What one workbook may cost. The reader never holds more than the shared strings and one row, so these bound its
// memory; the clock in workbook.ts bounds its time.

export const LIMITS = {
  /** Parts of the package. */
  parts: 5_000,
  /** Bytes of all parts once unpacked, and how many times larger than the file that may be. */
  unpackedBytes: 1_024 * 1_048_576,
  /** Packages below `smallBytes` once unpacked may have any ratio. */
  ratio: 50,
  smallBytes: 32 * 1_048_576,
  /** Bytes of a part that is read whole: the list of sheets, the styles. */
  smallPartBytes: 16 * 1_048_576,
  /** Bytes of the texts that cells share. */
  sharedBytes: 192 * 1_048_576,
  /** Old Excel files, .xlsb and XML spreadsheets are read whole by SheetJS. */
  wholeBytes: 20 * 1_048_576,
  wholeUnpackedBytes: 100 * 1_048_576,
  rows: 1_048_576,
  columns: 500,
  /** Characters of a cell. */
  cell: 100_000,
  merges: 100_000,
  /** Tables of a web page, elements inside each other, and places that cells over several rows cover. */
  tables: 10_000,
  depth: 2_000,
  covered: 20_000_000,
  /** Bytes of the CSV that is made, and how many times larger than the unpacked parts above `smallCsvBytes`. */
  csvBytes: 512 * 1_048_576,
  csvRatio: 8,
  smallCsvBytes: 64 * 1_048_576,
};
