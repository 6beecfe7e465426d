// Detects a file's encoding from its first bytes and its non-ASCII text. Only encodings that people can choose are suggested.
// UTF-8 is recognised with certainty; among the older encodings the one whose letters make the most plausible words wins.
import { isAscii } from 'node:buffer';
import { decodePart, UNREADABLE } from './decode';
import { FileError } from './file-error';
import { LEGACY_ENCODINGS, type Encoding, type LegacyEncoding } from './format';
import { convincing, likelihood, type LineEnds } from './languages';

/** Bytes of the beginning that are examined. */
const HEAD = 64 * 1024;
/** Non-ASCII bytes, with the lines around them, that are examined. */
const ENOUGH = 32 * 1024;
const LINE = 4_096;
const NAMES = 4;
const NAME_BYTES = 48;

/** Beginnings of files that are not text, and what they are. */
const MAGIC: [number[], string][] = [
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook, or one with a password. Save it as .xlsx or CSV first'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x89, 0x50, 0x4e, 0x47], 'an image'],
  [[0xff, 0xd8, 0xff], 'an image'],
];

/** ISO-2022-JP: ASCII, with escape sequences before and after Japanese text. */
const ESCAPE = '\u001B';
const JAPANESE_ESCAPES = new RegExp(`${ESCAPE}\\$[@B][!-~]+${ESCAPE}\\([BJ]`);

/** With fewer different words with non-ASCII letters, encodings cannot be told apart. */
const MIN_DISTINCT_WORDS = 3;
/** How much better the best reading must be than the next one. */
const CLEARLY = 0.2;

/** `assumed`: the file has too little evidence. */
export type FoundEncoding = { encoding: Encoding; assumed: boolean };

/** The probable encoding of a file that starts like this. Refuses if it is not text. */
export function findEncoding(sample: Uint8Array): FoundEncoding {
  const evidence = new EncodingEvidence();
  evidence.add(sample);
  return evidence.encoding();
}

/** Collects evidence while a file streams by: its head, and the first lines that are not ASCII. */
export class EncodingEvidence {
  private head: Buffer[] = [];
  private headLength = 0;
  private lines: Buffer[] = [];
  private length = 0;

  add(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (this.headLength < HEAD) {
      const part = Buffer.from(bytes.subarray(0, HEAD - this.headLength));
      this.head.push(part);
      this.headLength += part.length;
    }
    if (this.length >= ENOUGH || isAscii(bytes)) return;
    for (let at = 0; at < bytes.length && this.length < ENOUGH;) {
      while (at < bytes.length && bytes[at]! < 0x80) at++;
      if (at === bytes.length) return;
      const start = lineStart(bytes, at);
      const end = lineEnd(bytes, at);
      this.lines.push(Buffer.from(bytes.subarray(start, end)), Buffer.from('\n'));
      this.length += end - start + 1;
      at = end;
    }
  }

  /** The probable encoding. Refuses if the file is not text. */
  encoding(): FoundEncoding {
    const head = Buffer.concat(this.head);
    if (head[0] === 0xff && head[1] === 0xfe) return found('utf-16le');
    if (head[0] === 0xfe && head[1] === 0xff) return found('utf-16be');
    for (const [magic, what] of MAGIC) {
      if (magic.every((byte, index) => head[index] === byte))
        throw new FileError(`This is not a CSV file: it looks like ${what}.`);
    }
    if (JAPANESE_ESCAPES.test(head.toString('latin1'))) return found('iso-2022-jp');
    const wide = findWideEncoding(head);
    if (wide) return found(wide);
    if (isBinary(head))
      throw new FileError('This is not a CSV file: it has binary data in it. Export it as CSV (UTF-8) and try again.');
    const nonAscii = Buffer.concat(this.lines);
    if (isMostlyUtf8(nonAscii)) return found('utf-8');
    return best(nonAscii, head);
  }

  /** By encoding: some words of the file with non-ASCII letters. Empty if it has none. */
  names(): Partial<Record<Encoding, string>> | undefined {
    const tokens = tokensBeyondAscii(Buffer.concat(this.lines));
    if (tokens.length === 0 || findWideEncoding(Buffer.concat(this.head))) return undefined;
    const read = (encoding: Encoding) =>
      tokens.map((token) => decodePart(token, encoding, true).replaceAll(UNREADABLE, '\uFFFD')).join(' · ');
    return Object.fromEntries((['utf-8', ...LEGACY_ENCODINGS] as const).map((encoding) => [encoding, read(encoding)]));
  }
}

function lineStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < LINE && bytes[start - 1] !== 10 && bytes[start - 1] !== 13) start--;
  return start;
}

function lineEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && end - at < LINE && bytes[end] !== 10 && bytes[end] !== 13) end++;
  return end;
}

/** UTF-16 without a byte order mark: nearly every second byte of Western text is zero. */
function findWideEncoding(head: Buffer): Encoding | undefined {
  const zeros = [0, 0] as [number, number];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[(index % 2) as 0 | 1]++;
  const [even, odd] = [zeros[0] / head.length, zeros[1] / head.length];
  if (odd > 0.4 && even < 0.02) return 'utf-16le';
  return even > 0.4 && odd < 0.02 ? 'utf-16be' : undefined;
}

/** A few control characters can occur in text, also in a short one; many mean that it is not text. */
function isBinary(head: Buffer): boolean {
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 27)) controls++;
  return controls > head.length * (controls > 8 ? 0.02 : 0.1);
}

/** Whether most of the non-ASCII bytes are valid UTF-8: a file with one bad byte is still UTF-8. */
function isMostlyUtf8(nonAscii: Buffer): boolean {
  let right = 0;
  let wrong = 0;
  for (const character of decodePart(nonAscii, 'utf-8', true)) {
    if (character === UNREADABLE) wrong++;
    else if (character > '\u007F') right++;
  }
  return right >= wrong;
}

function found(encoding: Encoding): FoundEncoding {
  return { encoding, assumed: false };
}

function best(nonAscii: Buffer, head: Buffer): FoundEncoding {
  const signs = { domains: domainsIn(head), lineEnds: lineEndsIn(head) };
  const readings = LEGACY_ENCODINGS.map((encoding) => {
    const text = decodePart(nonAscii, encoding, true);
    return { encoding, text, score: likelihood(encoding, text, signs) };
  }).sort((left, right) => right.score - left.score);
  const [first] = readings as [(typeof readings)[number]];
  // Encodings with the same reading of the file need not be distinguished.
  const next = readings.find(({ text }) => text !== first.text);
  const clear = next === undefined || first.score - next.score >= CLEARLY;
  if (wordsIn(first.text) > 0)
    return {
      encoding: first.encoding,
      assumed: !clear || !isPlausible(first) || wordsIn(first.text) < MIN_DISTINCT_WORDS,
    };
  // The letters show nothing: assume the encoding of most office programs, or of old Macs.
  return { encoding: signs.lineEnds === 'cr' ? 'macintosh' : 'windows-1252', assumed: true };
}

/** Whether the letters alone support an encoding. */
function isPlausible({ encoding, text }: { encoding: LegacyEncoding; text: string }): boolean {
  return likelihood(encoding, text, { domains: new Map(), lineEnds: 'lf' }) >= convincing(encoding);
}

/** The number of different words with non-ASCII letters, up to the number that is sufficient. */
function wordsIn(text: string): number {
  const words = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{M}]+/gu)) {
    if (/\P{ASCII}/u.test(word)) words.add(word);
    if (words.size === MIN_DISTINCT_WORDS) break;
  }
  return words.size;
}

function lineEndsIn(head: Buffer): LineEnds {
  if (head.includes('\r\n')) return 'crlf';
  return head.includes('\n') || !head.includes('\r') ? 'lf' : 'cr';
}

/** Words in column names that are unique to one language, by its country domain. Only words of the letters a to z. */
const COLUMN_WORDS: Record<string, string> = {
  se: 'namn efternamn epost post ort gata mejl kund kundnr',
  dk: 'navn fornavn efternavn etternavn by gade kunde',
  fi: 'nimi etunimi sukunimi kaupunki',
  de: 'vorname nachname ort strasse kunde anrede',
  nl: 'voornaam achternaam plaats straat klant',
  fr: 'nom ville rue courriel civilite',
  es: 'nombre apellido apellidos correo ciudad calle',
  it: 'cognome indirizzo citta cliente',
  pt: 'nome sobrenome cidade endereco rua',
  pl: 'nazwisko miasto ulica poczta firma',
  cz: 'jmeno prijmeni mesto ulice',
  hu: 'keresztnev vezeteknev varos utca',
};
/** The number of first bytes searched for column names, and how many domains each of these counts as. */
const COLUMN_NAMES = 1_000;
const AS_DOMAINS = 3;

/** Counts country domains in addresses and links, and words of column names: '.pl' suggests Polish names, and so does "nazwisko". */
function domainsIn(head: Buffer): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (domain: string, count: number) => counts.set(domain, (counts.get(domain) ?? 0) + count);
  for (const [, domain] of head.toString('latin1').matchAll(/\.([a-z]{2})(?![\w.-])/gi)) add(domain!.toLowerCase(), 1);
  const words = new Set(
    head
      .toString('latin1', 0, COLUMN_NAMES)
      .toLowerCase()
      .split(/[^a-z]+/),
  );
  for (const [domain, names] of Object.entries(COLUMN_WORDS)) {
    for (const name of names.split(' ')) if (words.has(name)) add(domain, AS_DOMAINS);
  }
  return counts;
}

/** Some cells with non-ASCII bytes, without duplicates. */
function tokensBeyondAscii(nonAscii: Buffer): Buffer[] {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < nonAscii.length && found.size < NAMES;) {
    let end = at;
    while (end < nonAscii.length && !SEPARATORS.has(nonAscii[end]!)) end++;
    const token = nonAscii.subarray(at, end);
    if (token.length > 0 && token.length <= NAME_BYTES && !isAscii(token)) found.set(token.toString('latin1'), token);
    at = end + 1;
  }
  return [...found.values()];
}

const SEPARATORS = new Set([...'\n\r\t",;'].map((character) => character.charCodeAt(0)));
