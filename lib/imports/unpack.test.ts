// Archives that people upload, and malicious ones.
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { unpack } from './unpack';

const MAX = 5_000_000;
const CSV = 'Email,Name\na@x.se,Åsa\n';

async function* inPieces(bytes: Uint8Array, size = 1_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(bytes: Uint8Array, size?: number): Promise<string> {
  return read((await unpack(inPieces(bytes, size), MAX)).bytes);
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(piece);
  return Buffer.concat(parts).toString('utf8');
}

const zipOf = (files: Zippable) => zipSync(files);

/** Marks its files as protected by a password. */
function encrypted(zip: Uint8Array): Uint8Array {
  const bytes = Buffer.from(zip);
  for (const [mark, flags] of [
    ['PK\x03\x04', 6],
    ['PK\x01\x02', 8],
  ] as const) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 4)) bytes[at + flags]! |= 1;
  }
  return bytes;
}

describe('an archive', () => {
  it.each([
    ['.gz', gzipSync(CSV)],
    ['.zip', zipOf({ 'people.csv': strToU8(CSV) })],
    [
      '.zip in a folder, beside what a Mac adds',
      zipOf({ 'x/a.csv': strToU8(CSV), '__MACOSX/x/._a.csv': strToU8('x') }),
    ],
    ['.gz in a .zip', zipOf({ 'people.csv.gz': gzipSync(CSV) })],
    [
      '.zip with folders, and what a Mac adds before it',
      zipOf({ '__MACOSX/x/._a.csv': strToU8('x'.repeat(90_000)), 'x/': new Uint8Array(), 'x/a.csv': strToU8(CSV) }),
    ],
    ['.zip that is not compressed', zipOf({ 'people.csv': [strToU8(CSV), { level: 0 }] })],
  ])('is unpacked: %s', async (_what, bytes) => {
    expect(await textOf(bytes)).toBe(CSV);
    expect(await textOf(bytes, 7)).toBe(CSV);
  });

  it.each([
    ['.gz', gzipSync(Buffer.alloc(64_000_000, 'x'))],
    ['.zip', zipOf({ 'a.csv': [new Uint8Array(64_000_000).fill(120), { level: 1 }] })],
  ])('of one endless line is refused while it is unpacked: %s', async (_what, bytes) => {
    let unpacked = 0;
    const reading = async () => {
      for await (const piece of (await unpack(inPieces(bytes), 100_000_000)).bytes) unpacked += piece.length;
    };
    await expect(reading()).rejects.toThrow('a line of more than 4 MB');
    expect(unpacked).toBeLessThan(5_000_000);
  });

  it('with a large file is unpacked completely', async () => {
    const large = `Email\n${Array.from({ length: 50_000 }, (_, index) => `u${index * 7919}@x.se`).join('\n')}`;
    expect(await textOf(zipOf({ 'a.csv': strToU8(large) }))).toBe(large);
  });

  it.each([
    [
      'several files',
      zipOf({ 'subscribed.csv': strToU8(CSV), 'unsubscribed.csv': strToU8(CSV), 'x/cleaned.csv': strToU8(CSV) }),
      'holds 3 files: “subscribed.csv”, “unsubscribed.csv”, “x/cleaned.csv”. Unpack it, and import each file',
    ],
    [
      'many files',
      zipOf(Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`${index + 10}.csv`, strToU8(CSV)]))),
      'holds 13 files: “10.csv”, “11.csv”, “12.csv”, “13.csv”, “14.csv”, “15.csv”, “16.csv”, “17.csv”, “18.csv”, “19.csv”, and 3 more.',
    ],
    ['nothing in it', zipOf({}), 'The archive is empty'],
    ['a password', encrypted(zipOf({ 'a.csv': strToU8(CSV) })), 'The archive has a password'],
    ['another kind of archive', Buffer.from('Rar!\x1a\x07\x01\x00 and more'), 'This is a RAR archive'],
    [
      'a web archive',
      strToU8('MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n'),
      'web archive (MHTML)',
    ],
    ['an XML document', strToU8('<?xml version="1.0"?><people><p/></people>'), 'This is an XML document'],
    ['contacts', strToU8('BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n'), 'contacts file (vCard)'],
    ['JSON', strToU8('[\n  {"email": "a@x.se"}\n]'), 'This is JSON'],
    ['lines of JSON', strToU8('{"email": "a@x.se"}\n{"email": "b@x.se"}\n'), 'This is JSON'],
    ['a web page without a table', strToU8('<!DOCTYPE html><p>Sign in</p>'), 'web page without a table'],
    ['a cut-off .gz', gzipSync(CSV.repeat(100)).subarray(0, 40), 'cannot be unpacked'],
    ['a bomb in a .gz', gzipSync(Buffer.alloc(60_000_000, 'Email\n')), 'larger than 5 MB once it is unpacked'],
    [
      'a bomb in a .zip',
      zipOf({ 'a.csv': Buffer.alloc(60_000_000, 'Email\n') }),
      'larger than 5 MB once it is unpacked',
    ],
    [
      'an archive in an archive in an archive',
      gzipSync(gzipSync(gzipSync(CSV))),
      'holds an archive that holds an archive',
    ],
  ])('is refused: %s', async (_what, bytes, message) => {
    await expect(textOf(bytes)).rejects.toThrow(message);
  });

  it('that is truncated is refused', async () => {
    const zip = zipOf({ 'a.csv': strToU8(Array.from({ length: 5_000 }, (_, index) => `u${index}@x.se`).join('\n')) });
    await expect(textOf(zip.subarray(0, zip.length / 2))).rejects.toThrow('cannot be unpacked');
  });

  it('keeps nothing of the files that it skips', async () => {
    const large = new Uint8Array(150 * 1_048_576);
    const zip = zipSync({ '__MACOSX/._a.csv': [large, { level: 0 }], 'a.csv': strToU8(CSV) });
    const before = process.memoryUsage.rss();
    let peak = 0;
    async function* pieces() {
      for await (const piece of inPieces(zip, 65_536)) {
        // A copy, like a piece from the network: a reference to it keeps its memory.
        yield piece.slice();
        peak = Math.max(peak, process.memoryUsage.rss() - before);
      }
    }
    expect(await read((await unpack(pieces(), MAX)).bytes)).toBe(CSV);
    expect(peak).toBeLessThan(100 * 1_048_576);
  });
});
