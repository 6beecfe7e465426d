// Decodes bytes to text piece by piece. A byte that is invalid in the encoding is marked, and the rest is not affected.
import { isUtf8 } from 'node:buffer';
import { DOS } from './dos';
import type { Encoding } from './format';

/** Marks an invalid byte in the text. A Unicode noncharacter: no text contains it. */
export const UNREADABLE = '\uFDD0';

const KEPT_REPLACEMENT = '\uFDD1';
const REPLACEMENT_BYTES = Buffer.from('\uFFFD');
const KEPT_BYTES = Buffer.from(KEPT_REPLACEMENT);
const BOM = [0xef, 0xbb, 0xbf];
/** Minimum number of bytes to decode at once. */
const PIECE = 65_536;

/** The text of the bytes, without a byte order mark. */
export async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  let waiting: Uint8Array[] = [];
  let length = 0;
  let first = true;
  const joined = () => {
    const joined = Buffer.concat(waiting);
    const all = first ? withoutMarks(joined) : joined;
    first = false;
    waiting = [];
    length = 0;
    return all;
  };
  for await (const piece of bytes) {
    waiting.push(piece);
    length += piece.length;
    if (length >= PIECE) yield decoder.decode(joined(), false);
  }
  yield decoder.decode(joined(), true);
}

/** The text of a part of a file. `whole`: whether the part ends where the file does. */
export function decodePart(bytes: Uint8Array, encoding: Encoding, whole: boolean): string {
  return decoderOf(encoding).decode(withoutMarks(Buffer.from(bytes)), whole);
}

/** UTF-8 byte order marks at the beginning are never text, whatever the encoding. Some programs write two. */
function withoutMarks(bytes: Buffer): Buffer {
  let start = 0;
  while (BOM.every((byte, index) => bytes[start + index] === byte)) start += BOM.length;
  return bytes.subarray(start);
}

type Decoder = { decode: (piece: Buffer, whole: boolean) => string };

function decoderOf(encoding: Encoding): Decoder {
  if (encoding === 'utf-8') return new Utf8();
  if (encoding === 'windows-1252') return new SingleByte(WINDOWS_1252);
  return encoding in DOS ? new SingleByte(DOS[encoding as keyof typeof DOS]) : new NativeDecoder(encoding);
}

class Utf8 {
  private rest = Buffer.alloc(0);

  decode(piece: Buffer, whole: boolean): string {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, piece]) : piece;
    // Cut at an ASCII byte, so that no character is split; after four bytes none can be.
    let end = all.length;
    if (!whole) while (end > 0 && all.length - end < 4 && all[end - 1]! >= 0x80) end--;
    if (!whole && all.length - end === 4) end = all.length - lengthOfCut(all);
    this.rest = Buffer.from(all.subarray(end));
    return utf8Text(all.subarray(0, end));
  }
}

/** The number of trailing bytes of an incomplete character. */
function lengthOfCut(bytes: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function utf8Text(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // The file may contain the replacement character itself, from an earlier export: that one is text.
  const kept = Buffer.from(bytes);
  for (let at = kept.indexOf(REPLACEMENT_BYTES); at >= 0; at = kept.indexOf(REPLACEMENT_BYTES, at + 3)) {
    KEPT_BYTES.copy(kept, at);
  }
  return kept.toString('utf8').replaceAll('\uFFFD', UNREADABLE).replaceAll(KEPT_REPLACEMENT, '\uFFFD');
}

/** From 80 to 9F. Written out, since TextDecoder reads these as control characters in some versions of Node. */
const WINDOWS_1252 = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ';

/** An encoding with one byte for each character. `upper`: the characters from 80 on; the rest is as in ISO 8859-1. */
class SingleByte {
  constructor(private readonly upper: string) {}

  decode(piece: Buffer): string {
    return piece
      .toString('latin1')
      .replace(/[\u0080-\u00FF]/g, (character) => this.upper[character.charCodeAt(0) - 0x80] ?? character)
      .replaceAll('\uFFFD', UNREADABLE);
  }
}

class NativeDecoder {
  private readonly decoder: TextDecoder;

  constructor(private readonly encoding: Encoding) {
    this.decoder = new TextDecoder(encoding);
  }

  decode(piece: Buffer, whole: boolean): string {
    const text = this.decoder.decode(piece, { stream: !whole });
    if (this.encoding.startsWith('utf-16')) return text.replaceAll('\uFFFD', UNREADABLE);
    // In some encodings unassigned bytes become control characters.
    return text.replace(/[\uFFFD\u0080-\u009F]/g, UNREADABLE);
  }
}
