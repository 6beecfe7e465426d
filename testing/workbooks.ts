// Workbooks for tests: some made by SheetJS, some by hand.
import * as XLSX from '@e965/xlsx';
import { strToU8, zipSync, type Zippable } from 'fflate';

export type Sheets = Record<string, XLSX.WorkSheet>;

/** A workbook made by SheetJS; `hidden`: for each sheet 0, 1 (hidden) or 2 (very hidden). */
export function workbookOf(
  sheets: Sheets,
  { hidden = [], date1904, type = 'xlsx' }: { hidden?: (0 | 1 | 2)[]; date1904?: boolean; type?: XLSX.BookType } = {},
): Uint8Array {
  const book = XLSX.utils.book_new();
  for (const [name, sheet] of Object.entries(sheets)) XLSX.utils.book_append_sheet(book, sheet, name);
  book.Workbook = { WBProps: { date1904 }, Sheets: hidden.map((Hidden) => ({ Hidden })) };
  return new Uint8Array(XLSX.write(book, { type: 'buffer', bookType: type }) as Buffer);
}

export const sheetOf = (cells: Record<string, XLSX.CellObject>, ref: string): XLSX.WorkSheet => ({
  ...cells,
  '!ref': ref,
});

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE_RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';

const relations = (all: [id: string, type: string, target: string][], base = RELATIONS) =>
  `<Relationships xmlns="${PACKAGE_RELATIONS}">${all
    .map(([id, type, target]) => `<Relationship Id="${id}" Type="${base}/${type}" Target="${target}"/>`)
    .join('')}</Relationships>`;

/** The parts of a hand-made package with one sheet: the contents of its `worksheet`, `styleSheet` and `sst`. */
export function partsOf(
  worksheet: string,
  { styles = '', shared = '', base = RELATIONS }: { styles?: string; shared?: string; base?: string } = {},
): Record<string, string> {
  return {
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}">${worksheet}</worksheet>`,
    ...(shared && { 'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${shared}</sst>` }),
    ...(styles && { 'xl/styles.xml': `<styleSheet xmlns="${MAIN}">${styles}</styleSheet>` }),
    '[Content_Types].xml': '<Types/>',
    'xl/_rels/workbook.xml.rels': relations(
      [
        ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
        ['rId2', 'sharedStrings', '/xl/sharedStrings.xml'],
        ['rId3', 'styles', 'styles.xml'],
      ],
      base,
    ),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']], base),
  };
}

/** A package with these parts, in order. */
export function packageOf(parts: Record<string, string | Uint8Array>): Uint8Array {
  const files: Zippable = {};
  for (const [name, part] of Object.entries(parts)) files[name] = typeof part === 'string' ? strToU8(part) : part;
  return zipSync(files);
}

/** `<c>` with an inline text. */
export const textCell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
