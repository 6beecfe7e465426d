// How a delimited file can be written.

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What a person chose instead of what was found. */
export type FormatChoice = { delimiter?: Delimiter; encoding?: Encoding; header?: boolean };

/** How the file is written, as found out from its beginning or chosen. */
export type FileFormat = {
  delimiter: Delimiter;
  encoding: Encoding;
  header: boolean;
  columns: string[];
  /** Of a workbook: its sheets, and the one that is read. */
  sheets?: string[];
  sheet?: string;
};
