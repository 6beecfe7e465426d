// Finds UTF-8 in a file with an older encoding: rows from another program, which would otherwise be imported as
// JÃ¶rgen.
import { isUtf8 } from 'node:buffer';
import { decodePart, UNREADABLE } from './decode';
import type { Encoding } from './format';

/** In all other encodings each byte is a character, so that any bytes can be read. */
const MULTI_BYTE: ReadonlySet<Encoding> = new Set([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gb18030',
  'big5',
  'euc-kr',
]);
/** What files contain in UTF-8: letters of living scripts, punctuation, symbols and emoji. */
const USUAL =
  /^[\p{ASCII}\u00A0-\u017F\u0218-\u021B\u0370-\u03FF\u0400-\u052F\u1E00-\u1EFF\u2010-\u2122\u3000-\u30FF\u4E00-\u9FFF\uAC00-\uD7AF\p{Emoji}\uFE0F\u200D]*$/u;
/** Two letters of these scripts, such as "Её", can be the bytes of one in UTF-8 by chance. */
const WORD = /^[\p{ASCII}\p{Script=Cyrillic}\p{Script=Greek}]*$/u;

/** The UTF-8 reading of a text that was decoded in an older encoding; undefined if its bytes are not UTF-8. */
export type ReadAsUtf8 = (text: string) => string | undefined;

/** Such a reader for an encoding; undefined if the encoding's bytes cannot be mistaken for UTF-8. */
export function utf8Reader(encoding: Encoding): ReadAsUtf8 | undefined {
  if (MULTI_BYTE.has(encoding)) return undefined;
  const upper = Buffer.from(Array.from({ length: 0x80 }, (_, index) => 0x80 + index));
  const characters = [...upper].map((byte) => decodePart(Buffer.from([byte]), encoding, true));
  const bytes = new Map(characters.map((character, index) => [character, 0x80 + index]));
  const classOf = (from: number, to: number) =>
    `[${characters
      .slice(from - 0x80, to - 0x80)
      .filter((character) => character !== UNREADABLE)
      .map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')}]`;
  // A cheap test, since it runs for each cell.
  const sequence = new RegExp(classOf(0xc2, 0xf5) + classOf(0x80, 0xc0));
  return (text) => {
    if (!sequence.test(text) || WORD.test(text)) return undefined;
    const codes = Array.from(text, (character) =>
      character <= '\u007F' ? character.charCodeAt(0) : bytes.get(character),
    );
    if (!codes.every((code) => code !== undefined)) return undefined;
    const original = Buffer.from(codes);
    if (!isUtf8(original)) return undefined;
    const read = original.toString('utf8');
    return USUAL.test(read) ? read : undefined;
  };
}
