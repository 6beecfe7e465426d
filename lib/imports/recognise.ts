// Recognises a file's type by its first bytes, since names are not reliable.
import { FileError } from './parse';

/** How a workbook is packed: `zip` (.xlsx, .xlsb, .ods), `web-page`, `flat-document` (.fods), or `old` (.xls, XML of 2003). */
export type WorkbookKind = 'zip' | 'web-page' | 'flat-document' | 'old';
export type FileKind = { is: 'text' } | { is: 'gzip' } | { is: 'archive' } | { is: 'workbook'; kind: WorkbookKind };

/** The number of bytes that `recognise` needs. */
export const START_BYTES = 65_536;

const UNSUPPORTED_ARCHIVES: [number[], string][] = [
  [[0x52, 0x61, 0x72, 0x21], 'a RAR archive'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an XZ archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard archive'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
];

/** The parts of workbooks, and of files that resemble one: the reader decides. */
const PARTS = [
  '[content_types].xml',
  '_rels/',
  'docprops/',
  'docmetadata/',
  'customxml/',
  'xl/',
  'word/',
  'ppt/',
  'mimetype',
  'meta-inf/manifest.xml',
  'index/document.iwa',
];

/** Recognises a file. Throws `FileError` for archives that cannot be opened, with what to do. */
export function recognise(start: Buffer): FileKind {
  const begins = (magic: readonly number[]) => magic.every((byte, index) => start[index] === byte);
  if (begins([0x1f, 0x8b])) return { is: 'gzip' };
  if (begins([0xd0, 0xcf, 0x11, 0xe0])) return { is: 'workbook', kind: 'old' };
  if (begins([0x50, 0x4b, 0x03, 0x04]) || begins([0x50, 0x4b, 0x05, 0x06])) return recogniseZip(start);
  for (const [magic, what] of UNSUPPORTED_ARCHIVES) {
    if (begins(magic)) throw new FileError(`This is ${what}. Unpack it first, or compress it as .zip or .gz.`);
  }
  return recogniseText(start);
}

function recogniseZip(start: Buffer): FileKind {
  const names = localNames(start);
  if (PARTS.some((part) => names.some(({ name }) => name.startsWith(part)))) return { is: 'workbook', kind: 'zip' };
  if (names.some(({ encrypted }) => encrypted)) {
    throw new FileError('The archive has a password. Unpack it first, and upload the file in it.');
  }
  return { is: 'archive' };
}

/** Names of the archive's first files. Some programs write `\` for `/`. */
function localNames(start: Buffer): { name: string; encrypted: boolean }[] {
  const names = [];
  const mark = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
  for (let at = start.indexOf(mark); at >= 0 && at + 30 <= start.length; at = start.indexOf(mark, at)) {
    const [flags, nameLength, extraLength] = [6, 26, 28].map((field) => start.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const name = start.toString('utf8', at + 30, at + 30 + nameLength);
    names.push({ name: name.replaceAll('\\', '/').toLowerCase(), encrypted: (flags & 1) === 1 });
    // An entry can be an archive itself, so its bytes are skipped if their number is known.
    at += 30 + nameLength + extraLength + (flags & 8 ? 0 : start.readUInt32LE(at + 18));
  }
  return names;
}

function recogniseText(start: Buffer): FileKind {
  // Without the zero bytes of UTF-16, tags are visible in any encoding.
  const text = start
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '')
    .trimStart();
  const head = text.slice(0, 4_096).toLowerCase();
  if (/^(?:mime-version|from|content-type|x-document-type):/.test(head) && head.includes('multipart/related')) {
    throw new FileError('This is a web archive (MHTML). Open it in Excel, and save it as .xlsx or CSV (UTF-8).');
  }
  if (head.startsWith('{\\rtf'))
    throw new FileError('This is a text document (RTF), not a table. Export it as .xlsx or CSV.');
  if (head.startsWith('begin:vcard'))
    throw new FileError('This is a contacts file (vCard), not a table. Export the contacts as CSV (UTF-8) instead.');
  if (/^(?:\{\s*(?:"[^"]{0,200}"\s*:|\}\s*$)|\[\s*(?:[{[]|\]\s*$))/.test(head))
    throw new FileError('This is JSON, not a table. Export it as CSV (UTF-8) or .xlsx.');
  if (!head.startsWith('<')) return { is: 'text' };
  // SheetJS reads anything that does not start as XML as a web page, without limits.
  const isXml = head.startsWith('<?xml') && !head.includes('<html');
  if (isXml && head.includes('urn:schemas-microsoft-com:office:spreadsheet')) {
    return { is: 'workbook', kind: 'old' };
  }
  if (head.includes('<office:document')) return { is: 'workbook', kind: 'flat-document' };
  if (/<(?:!doctype html|html|head|meta|body|table|style|title)[\s>/]/.test(head))
    return { is: 'workbook', kind: 'web-page' };
  if (head.startsWith('<?xml')) {
    throw new FileError('This is an XML document, not a table. Export it as .xlsx or CSV (UTF-8).');
  }
  return { is: 'text' };
}
