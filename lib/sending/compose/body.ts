// Bodies of mails for the wire: quoted-printable or base64 (RFC 2045), in lines of at most 76 characters.

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const EQUALS = 61;
const DOT = 46;
const DELETE = 127;
const LONGEST_LINE = 76;
const HEX = Buffer.from('0123456789ABCDEF');

/** Bytes that quoted-printable leaves as they are, other than white space. */
const LITERAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > SPACE && byte < DELETE && byte !== EQUALS ? 1 : 0,
);

/** Text that many mails have in common: encoded once. */
export class Shared {
  private encoded: Buffer | undefined;

  constructor(readonly text: string) {}

  /** In quoted-printable. */
  get quoted(): Buffer {
    // A copy, as what is encoded has room for three times as much.
    return (this.encoded ??= joinedPieces([quotedPiece(this.text)], (bytes) => Buffer.allocUnsafeSlow(bytes)));
  }
}

/** A text, or its pieces in their order. */
export type Text = string | readonly (Shared | string)[];

/** Bytes, or ASCII. */
export type Piece = Buffer | string;

/** `body`: pieces in their order. No line of it begins with a dot. */
export type Encoded = { encoding: 'quoted-printable' | 'base64'; body: readonly Piece[] };

/** What base64 makes of a character at least, with its line ends. */
const BASE64_BYTES = (4 / 3) * (78 / 76);

/** Encodes a text, in the shorter of the two ways. Line ends become CRLF; control characters other than tabs are left out. */
export function encodeBody(text: Text): Encoded {
  const pieces = typeof text === 'string' ? [text] : text;
  const body: Piece[] = [];
  let length = 0;
  let characters = 0;
  let cut = false;
  for (const piece of pieces) {
    const written = typeof piece === 'string' ? piece : piece.text;
    // A line end that two pieces share is one.
    const half = cut && written.startsWith('\n');
    const quoted = half ? quotedPiece(written.slice(1)) : typeof piece === 'string' ? quotedPiece(piece) : piece.quoted;
    if (written !== '') cut = written.endsWith('\r');
    body.push(quoted);
    length += quoted.length;
    characters += written.length;
  }
  if (length > characters * BASE64_BYTES) {
    const other = base64(pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''));
    if (other.length < length) return { encoding: 'base64', body: [other] };
  }
  return { encoding: 'quoted-printable', body: withoutSoftEnd(body) };
}

const SOFT_END = '=\r\n';

/** Without the soft break after the last piece. */
function withoutSoftEnd(body: Piece[]): Piece[] {
  const at = body.findLastIndex(({ length }) => length > 0);
  const last = body[at];
  if (typeof last === 'string') body[at] = last.slice(0, -SOFT_END.length);
  else if (last?.at(-SOFT_END.length) === EQUALS) body[at] = last.subarray(0, -SOFT_END.length);
  return body;
}

/** Addresses and most names: what stays as it is, on a line. */
const SHORT = /^(?!\.)[!-<>-~]{1,75}$/;

/** A text that ends its line, by a soft break if by nothing else: what follows begins on another one, so it is the same after whatever. */
const quotedPiece = (text: string): Piece =>
  SHORT.test(text) ? `${text}${SOFT_END}` : quotedPrintable(Buffer.from(text, 'utf8'));

/** The bytes that pieces make. `room`: gives a place for so many. */
export function joinedPieces(pieces: readonly Piece[], room: (bytes: number) => Buffer): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const joined = room(length);
  let to = 0;
  for (const piece of pieces) {
    to += typeof piece === 'string' ? joined.write(piece, to, 'latin1') : piece.copy(joined, to);
  }
  return joined;
}

const CONTROLS = /(?![\t\r\n\u0080-\u009F])\p{Cc}/gu;

function base64(text: string): Buffer {
  const bytes = Buffer.from(text.replace(CONTROLS, '').replace(/\r\n?|\n/g, '\r\n'), 'utf8');
  const encoded = bytes.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += LONGEST_LINE) lines.push(encoded.slice(at, at + LONGEST_LINE));
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

/**
 * Encodes text in UTF-8, and ends its line. A dot at the beginning of a line and a space at its end are encoded too, since neither survives every server. Runs
 * once for each recipient of a message: most bytes take the first lines of the loop.
 */
function quotedPrintable(bytes: Buffer): Buffer {
  const length = bytes.length;
  // At most three characters for each byte, and three more for each line of at least 72.
  const out = Buffer.allocUnsafe(3 * length + 3 * Math.ceil((3 * length) / 72) + 16);
  let to = 0;
  let column = 0;
  let at = 0;
  while (at < length) {
    const byte = bytes[at]!;
    if (LITERAL[byte] === 1 && column < LONGEST_LINE - 1 && (byte !== DOT || column > 0)) {
      out[to++] = byte;
      column++;
      at++;
      continue;
    }
    if (byte === CR || byte === LF) {
      at += byte === CR && bytes[at + 1] === LF ? 2 : 1;
      out[to++] = CR;
      out[to++] = LF;
      column = 0;
      continue;
    }
    if ((byte < SPACE && byte !== TAB) || byte === DELETE) {
      at++;
      continue;
    }
    const next = nextOnLine(bytes, at + 1);
    const literal =
      byte === SPACE || byte === TAB ? next === 'more' : LITERAL[byte] === 1 && (byte !== DOT || column > 0);
    const width = literal ? 1 : 3;
    // What ends the line may take its last column; anything else leaves that to the '=' of a soft break.
    if (column + width > (next === 'break' ? LONGEST_LINE : LONGEST_LINE - 1)) {
      out[to++] = EQUALS;
      out[to++] = CR;
      out[to++] = LF;
      column = 0;
      continue;
    }
    if (literal) out[to++] = byte;
    else {
      out[to++] = EQUALS;
      out[to++] = HEX[byte >> 4]!;
      out[to++] = HEX[byte & 15]!;
    }
    column += width;
    at++;
  }
  if (column > 0) {
    out[to++] = EQUALS;
    out[to++] = CR;
    out[to++] = LF;
  }
  return out.subarray(0, to);
}

/** What follows on a line, other than what is left out. */
function nextOnLine(bytes: Buffer, from: number): 'more' | 'break' | 'end' {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === CR || byte === LF) return 'break';
    if ((byte >= SPACE && byte !== DELETE) || byte === TAB) return 'more';
  }
  return 'end';
}
