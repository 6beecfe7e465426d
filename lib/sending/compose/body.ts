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

export type Encoded = { encoding: 'quoted-printable' | 'base64'; body: Buffer };

/** Encodes a text, in the shorter of the two ways. Line ends become CRLF; control characters other than tabs are left out. */
export function encodeBody(text: string): Encoded {
  const bytes = Buffer.from(text, 'utf8');
  let special = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= DELETE || bytes[at] === EQUALS) special++;
  return special * 6 > bytes.length
    ? { encoding: 'base64', body: base64(text) }
    : { encoding: 'quoted-printable', body: quotedPrintable(bytes) };
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
 * Encodes text in UTF-8. A dot at the beginning of a line and a space at its end are encoded too, since neither survives every server. Runs
 * once for each recipient of a message: most bytes take the first lines of the loop.
 */
function quotedPrintable(bytes: Buffer): Buffer {
  const length = bytes.length;
  // At most three characters for each byte, and three more for each line of at least 73.
  const out = Buffer.allocUnsafe(3 * length + 3 * Math.ceil((3 * length) / 73) + 16);
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
    const last = endsLine(bytes, at + 1);
    const literal = byte === SPACE || byte === TAB ? !last : LITERAL[byte] === 1 && (byte !== DOT || column > 0);
    const width = literal ? 1 : 3;
    // What ends the line may take its last column; anything else leaves that to the '=' of a soft break.
    if (column + width > (last ? LONGEST_LINE : LONGEST_LINE - 1)) {
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
  return out.subarray(0, to);
}

/** Whether nothing more follows on a line, other than what is left out. */
function endsLine(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === CR || byte === LF) return true;
    if ((byte >= SPACE && byte !== DELETE) || byte === TAB) return false;
  }
  return true;
}
