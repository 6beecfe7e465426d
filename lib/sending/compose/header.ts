// Header fields of mails (RFC 5322): values without control characters, other scripts as encoded words (RFC 2047), folded lines.

const LONGEST_LINE = 76;
/** The most that an encoded word may have, with its frame. */
const LONGEST_WORD = 75;
const Q_START = '=?UTF-8?Q?';
const B_START = '=?UTF-8?B?';
const END = '?=';

/** Line breaks and other control characters, and what some programs take for line breaks. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

/** A header's value on one line: nothing in it can begin another header. */
export const singleLine = (text: string): string => text.replace(CONTROLS, ' ').trim();

const isPlain = (text: string): boolean => /^[\x20-\x7E]*$/.test(text) && !text.includes('=?') && !/ {2}/.test(text);

/** A field with free text, such as Subject. */
export function textField(name: string, text: string): string {
  const value = singleLine(text);
  if (value === '') return `${name}:`;
  if (isPlain(value)) {
    const folded = fold(name, value.split(' '));
    if (folded) return folded;
  }
  return `${name}: ${encodedWords(value, name.length + 2).join('\r\n ')}`;
}

/** A field whose parts are separated by spaces and cannot be encoded. A part may be longer than a line. */
export const partsField = (name: string, parts: readonly string[]): string =>
  fold(name, parts, Number.POSITIVE_INFINITY) ?? `${name}: ${parts.join('\r\n ')}`;

/** Folds words at their spaces. Undefined if one of them is longer than a line. */
function fold(name: string, words: readonly string[], longest = LONGEST_LINE - 1): string | undefined {
  let field = `${name}:`;
  let column = field.length;
  for (const word of words) {
    if (word.length > longest) return undefined;
    // A line of white space alone would be the end of the headers for some.
    if (column + 1 + word.length > LONGEST_LINE && column > name.length + 1) {
      field += '\r\n';
      column = 0;
    }
    field += ` ${word}`;
    column += 1 + word.length;
  }
  return column > LONGEST_LINE && longest === LONGEST_LINE - 1 ? undefined : field;
}

/** Characters that Q leaves as they are, also in names (RFC 2047 5.3). */
const Q_LITERAL = /[A-Za-z0-9!*+\-/]/;

const qOf = (character: string): string =>
  character === ' '
    ? '_'
    : Q_LITERAL.test(character)
      ? character
      : Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '=$&');

/** Kept, as each mail has the same few. */
const ASCII_IN_Q = Array.from({ length: 128 }, (_, code) => qOf(String.fromCharCode(code)));

/** A text as encoded words, split between characters only. `indent`: what the first line has already. */
export function encodedWords(text: string, indent: number): string[] {
  const characters = [...text];
  const inQ = characters.map((character) => ASCII_IN_Q[character.codePointAt(0)!] ?? qOf(character));
  const lengthInQ = inQ.reduce((length, character) => length + character.length, 0);
  const lengthInB = Math.ceil(Buffer.byteLength(text) / 3) * 4;
  return lengthInQ <= lengthInB
    ? split(inQ, indent, Q_START, (part) => part)
    : split(characters, indent, B_START, (part) => Buffer.from(part, 'utf8').toString('base64'));
}

function split(pieces: readonly string[], indent: number, start: string, encode: (part: string) => string): string[] {
  const words: string[] = [];
  const frame = start.length + END.length;
  let room = Math.min(LONGEST_WORD, LONGEST_LINE - indent) - frame;
  let part = '';
  for (const piece of pieces) {
    const longer = part + piece;
    if (part !== '' && sizeOf(longer, start) > room) {
      words.push(`${start}${encode(part)}${END}`);
      room = LONGEST_WORD - frame;
      part = piece;
    } else part = longer;
  }
  words.push(`${start}${encode(part)}${END}`);
  return words;
}

const sizeOf = (part: string, start: string): number =>
  start === Q_START ? part.length : Math.ceil(Buffer.byteLength(part) / 3) * 4;

/** A mailbox as in From: a name, which may be empty, and an address that was checked. */
export function mailboxField(field: string, { name, address }: { name: string; address: string }): string {
  const called = singleLine(name);
  if (called === '') return partsField(field, [address]);
  if (!isPlain(called) || called.length > 60) {
    return `${field}: ${[...encodedWords(called, field.length + 2), `<${address}>`].join('\r\n ')}`;
  }
  const word = /^[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]+$/.test(called) ? called : `"${called.replace(/["\\]/g, '\\$&')}"`;
  return fold(field, [word, `<${address}>`], Number.POSITIVE_INFINITY)!;
}
