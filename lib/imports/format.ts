// Formats of delimited files: what is detected, and what people can choose.

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Encodings other than Unicode, by their names in TextDecoder, and those of DOS. */
export const LEGACY_ENCODINGS = [
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'windows-1255',
  'windows-1256',
  'windows-874',
  'iso-8859-2',
  'iso-8859-15',
  'macintosh',
  'x-mac-cyrillic',
  'cp850',
  'cp437',
  'cp865',
  'cp852',
  'ibm866',
  'koi8-r',
  'koi8-u',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type LegacyEncoding = (typeof LEGACY_ENCODINGS)[number];

export const ENCODINGS = ['utf-8', ...LEGACY_ENCODINGS, 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Their names for people. */
export const ENCODING_NAMES: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'windows-1252': 'Windows-1252 (Western European)',
  'windows-1250': 'Windows-1250 (Central European)',
  'windows-1251': 'Windows-1251 (Cyrillic)',
  'windows-1253': 'Windows-1253 (Greek)',
  'windows-1254': 'Windows-1254 (Turkish)',
  'windows-1257': 'Windows-1257 (Baltic)',
  'windows-1255': 'Windows-1255 (Hebrew)',
  'windows-1256': 'Windows-1256 (Arabic)',
  'windows-874': 'Windows-874 (Thai)',
  'iso-8859-2': 'ISO 8859-2 (Central European)',
  'iso-8859-15': 'ISO 8859-15 (Western European)',
  macintosh: 'Mac Roman (Western European)',
  'x-mac-cyrillic': 'Mac Cyrillic',
  cp850: 'DOS 850 (Western European)',
  cp437: 'DOS 437 (United States)',
  cp865: 'DOS 865 (Nordic)',
  cp852: 'DOS 852 (Central European)',
  ibm866: 'DOS 866 (Cyrillic)',
  'koi8-r': 'KOI8-R (Russian)',
  'koi8-u': 'KOI8-U (Ukrainian)',
  shift_jis: 'Shift-JIS (Japanese)',
  'euc-jp': 'EUC-JP (Japanese)',
  'iso-2022-jp': 'ISO-2022-JP (Japanese)',
  gb18030: 'GB18030 (Simplified Chinese)',
  big5: 'Big5 (Traditional Chinese)',
  'euc-kr': 'EUC-KR (Korean)',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
};

/** How a quote is escaped inside a quoted cell: doubled, or with a backslash. `none`: quotes are ordinary characters. */
export const QUOTES = ['doubled', 'backslash', 'none'] as const;
export type Quotes = (typeof QUOTES)[number];

/** The last line on which a table can begin. */
export const START_LINE_MAX = 10_000;

/** What a person chose instead of what was detected. `startLine`: see `FileFormat`. */
export type FormatChoice = {
  delimiter?: Delimiter;
  encoding?: Encoding;
  quotes?: Quotes;
  header?: boolean;
  startLine?: number;
};

/** The file's format, as detected from its beginning or chosen. */
export type FileFormat = {
  delimiter: Delimiter;
  encoding: Encoding;
  quotes: Quotes;
  /** Whether the table has a header. */
  header: boolean;
  /** The line on which the table begins, counted from 1. Nothing above it is imported. */
  startLine: number;
  columns: string[];
  /** Names that several header columns have: the second "Email" becomes "Email (2)". */
  repeated?: string[];
  /** Whether each whole line is in quotes, which are removed first. */
  wholeQuotes?: boolean;
  /** The number of trailing columns that the header does not name. */
  unnamed?: number;
  /** The line below the header, if that seems to have the column names. */
  namesBelow?: number;
  /** Rows above the table that look like rows of another table: their number, and the line of the first. */
  above?: { rows: number; line: number };
  /** The parts that a person chose. */
  chosen?: FormatChoice;
  /** Whether the encoding is assumed, because the file has too little evidence. */
  encodingAssumed?: boolean;
  /** Some words with non-ASCII letters, as each encoding reads them. */
  names?: Partial<Record<Encoding, string>>;
  /** The sheets of a workbook. */
  sheets?: string[];
  sheet?: string;
  /** For each other sheet: which first lines of this sheet it also has. */
  alike?: Record<string, number[]>;
  /**
   * In that sheet: the number of hidden rows, and of formulas without a result in the file, with the row of the first.
   */
  hiddenRows?: number;
  noResult?: { cells: number; row: number };
  /** Possible mistakes found while reading the whole file, such as a title in the middle of the table. */
  doubts?: string[];
};

/** What people should know about a file before they rely on it. */
export function notesOn(format: FileFormat): string[] {
  return [...notesOnSheet(format), ...notesOnTable(format), ...(format.doubts ?? [])];
}

function notesOnTable({ above, startLine, header, wholeQuotes, namesBelow }: FileFormat): string[] {
  const notes: string[] = [];
  if (namesBelow !== undefined) {
    notes.push(
      `The names of the columns may be on line ${namesBelow}: it names columns that line ${startLine} does not. As it is, line ${namesBelow} is imported as a row.`,
    );
  }
  if (wholeQuotes) {
    notes.push('Each line of the file is in quotes as a whole. The quotes were removed to read the cells inside.');
  }
  if (above) {
    const rows = counted(above.rows, 'row', 'rows');
    const where = `${header ? 'the header on' : 'the table, which begins on'} line ${startLine}`;
    notes.push(
      `${rows} above ${where}, from line ${above.line} on, ${above.rows === 1 ? 'looks like a row' : 'look like rows'} of another table and ${above.rows === 1 ? 'is' : 'are'} not imported. To import that table too, upload the file again and choose its header.`,
    );
  }
  return notes;
}

/** A note about rows with values in unnamed columns. `line`: the first of them. */
export function noteOnUnnamed({ columns, unnamed = 0, delimiter }: FileFormat, rows: number, line: number): string {
  const names = columns.slice(columns.length - unnamed).map((name) => `“${name}”`);
  return `${counted(rows, 'row has', 'rows have')} something in ${names.join(', ')}, which the header does not name, ${rows === 1 ? 'on' : 'first on'} line ${line}. If a cell that contains “${delimiter === '\t' ? 'tab' : delimiter}” is not in quotes, it was cut there, and the cells after it are in the wrong columns: put such cells in quotes.`;
}

function notesOnSheet({ alike = {}, header, startLine, sheet, hiddenRows = 0, noResult }: FileFormat): string[] {
  const notes: string[] = [];
  const sheets = header ? Object.keys(alike).filter((other) => alike[other]!.includes(startLine)) : [];
  if (sheets.length > 0) {
    const others = sheets.length === 1 ? 'another sheet' : `${sheets.length} other sheets`;
    const named = sheets.map((other) => `“${other}”`).join(', ');
    notes.push(
      `The workbook has ${others} with the same columns: ${named}. Only “${sheet}” is imported. Import the rest separately.`,
    );
  }
  if (noResult && noResult.cells > 0) {
    const cells = counted(noResult.cells, 'cell has a formula', 'cells have formulas');
    notes.push(
      `${cells} whose result is not in the file, on row ${noResult.row}${noResult.cells > 1 ? ' first' : ''}: such values are left out. Open the file in Excel, save it, and import that.`,
    );
  }
  if (hiddenRows > 0) {
    const rows = counted(hiddenRows, 'row is hidden in the sheet; it is', 'rows are hidden in the sheet; they are');
    notes.push(`${rows} imported too. To leave hidden rows out, delete them in the file.`);
  }
  return notes;
}

const counted = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;

/** How to name each of several columns with the same name: "Email (1)", "Email (2)". */
export function numberedNames(columns: readonly string[], name: string): string[] {
  const others = columns.filter(
    (column) => column.startsWith(`${name} (`) && /^\(\d+\)$/.test(column.slice(name.length + 1)),
  );
  return [`${name} (1)`, ...others];
}

/** A format from the database. Imports from before 2026-11 have neither a start line nor a quoting style. */
export function storedFormat(format: Partial<FileFormat>): FileFormat {
  return {
    delimiter: ',',
    encoding: 'utf-8',
    quotes: 'doubled',
    header: true,
    startLine: 1,
    columns: [],
    ...format,
  };
}
