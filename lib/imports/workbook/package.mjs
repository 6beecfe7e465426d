// The parts of a workbook's ZIP package. The directory is checked before anything is unpacked, and unpacked bytes are
// counted against the directory, so that a small file cannot become a large one.
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { LIMITS } from './limits.mjs';
import { damaged, Problem, tooLarge } from './problem.mjs';

const ENCRYPTED = 0x1;

/** Opens a package. Throws `Problem` if it is damaged, has a password, or would unpack to too much. */
export async function openPackage(/** @type {Buffer} */ bytes) {
  const zip = await yauzl.fromBufferPromise(bytes, { decodeStrings: false, autoClose: false }).catch(asProblem);
  const parts = new Map();
  let unpacked = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (parts.size >= LIMITS.parts) throw tooLarge();
      if (entry.generalPurposeBitFlag & ENCRYPTED) {
        throw new Problem('The workbook has a password. Remove the password, save it, and upload it again.');
      }
      unpacked += entry.uncompressedSize;
      parts.set(partName(entry.fileNameRaw.toString('utf8')), entry);
    }
  } catch (error) {
    asProblem(error);
  }
  const most = Math.max(LIMITS.smallBytes, bytes.length * LIMITS.ratio);
  if (unpacked > Math.min(most, LIMITS.unpackedBytes)) throw tooLarge();
  return new Package(zip, parts, unpacked);
}

/** Some programs write `\` instead of `/`; names are case-insensitive. */
function partName(name) {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

function asProblem(error) {
  throw error instanceof Problem ? error : damaged();
}

class Package {
  #zip;
  #parts;
  /** Bytes that may still be read: each part a few times, however often the workbook refers to it. */
  #budget;
  /** Unpacked bytes of all parts. */
  unpackedBytes;

  constructor(zip, parts, unpackedBytes) {
    this.#zip = zip;
    this.#parts = parts;
    this.unpackedBytes = unpackedBytes;
    this.#budget = LIMITS.smallPartBytes + unpackedBytes * 4;
  }

  has(name) {
    return this.#parts.has(partName(name));
  }

  names() {
    return [...this.#parts.keys()];
  }

  /** The unpacked bytes of a part, as a stream. Throws `Problem` if they do not match the directory. */
  async *read(name) {
    const entry = this.#parts.get(partName(name));
    if (!entry) throw damaged();
    let sum = 0;
    try {
      const stream = await this.#zip.openReadStreamPromise(entry);
      for await (const piece of stream) {
        sum = crc32(piece, sum);
        this.#budget -= piece.length;
        if (this.#budget < 0) throw tooLarge();
        yield piece;
      }
    } catch (error) {
      asProblem(error);
    }
    if (sum !== entry.crc32) throw damaged();
  }

  /** A small part as a whole; undefined if it does not exist. */
  async whole(name) {
    const entry = this.#parts.get(partName(name));
    if (!entry) return undefined;
    if (entry.uncompressedSize > LIMITS.smallPartBytes) throw tooLarge();
    return buffer(this.read(name));
  }
}
