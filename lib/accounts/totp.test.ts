// The codes of authenticator apps, and what people type in place of them.
import { describe, expect, it } from 'vitest';
import { Secret } from 'otpauth';
import { deviceInWords, placeInWords, placeOf } from './device-words';
import { hashOfTyped, newRecoveryCodes } from './recovery-codes';
import { sealedToken } from './sealed-token';
import { appAddress, codeAt, newSecret, stepOfCode } from './totp';
import { z } from 'zod';

/** Of RFC 6238, appendix B: its secret, and the last six digits of its codes. */
const RFC = Secret.fromLatin1('12345678901234567890').base32;

describe('a code of an app', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [2_000_000_000, '279037'],
  ])('is that of RFC 6238 at %i s', (seconds, code) => {
    const at = new Date(seconds * 1_000);
    expect(codeAt(RFC, at)).toBe(code);
    expect(stepOfCode(RFC, code, at)).toBe(Math.floor(seconds / 30));
  });

  it('is right with a clock one step off, and wrong with one of two', () => {
    const secret = newSecret();
    const at = new Date(1_800_000_015_000);
    const off = (steps: number) => stepOfCode(secret, codeAt(secret, new Date(at.getTime() + steps * 30_000)), at);
    const now = at.getTime() / 30_000;
    expect([-2, -1, 0, 1, 2].map(off)).toEqual([null, Math.floor(now) - 1, Math.floor(now), Math.floor(now) + 1, null]);
  });

  it('has a secret of 160 bits, which the address for the QR code names', () => {
    const secret = newSecret();
    expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
    const url = new URL(appAddress(secret, 'anna+x@example.com'));
    expect([url.protocol, url.searchParams.get('secret'), url.searchParams.get('issuer')]).toEqual([
      'otpauth:',
      secret,
      'Tagwell',
    ]);
    expect(decodeURIComponent(url.pathname)).toContain('anna+x@example.com');
  });
});

describe('recovery codes', () => {
  it('are ten different ones, which fit however they are typed', () => {
    const { codes, hashes } = newRecoveryCodes();
    expect([new Set(codes).size, new Set(hashes).size]).toEqual([10, 10]);
    for (const [index, code] of codes.entries()) {
      expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
      const typed = ` ${code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l')} `;
      expect([hashOfTyped(code), hashOfTyped(typed)]).toEqual([hashes[index], hashes[index]]);
    }
  });

  it.each(['', '123456', 'abcd-efgh', 'ü'.repeat(16), 'a'.repeat(17), 'uuuu-uuuu-uuuu-uuuu'])('cannot be %j', (typed) =>
    expect(hashOfTyped(typed)).toBeNull(),
  );
});

describe('a sealed token', () => {
  const token = sealedToken('one', z.object({ id: z.int() }), { minutes: 10 });
  const other = sealedToken('other', z.object({ id: z.int() }), { minutes: 10 });
  it('is read back, for its time, and only as what it is', () => {
    const at = new Date();
    const made = token.make({ id: 7 }, at);
    expect(token.read(made, at)).toEqual({ id: 7 });
    expect(token.read(made, new Date(at.getTime() + 9 * 60_000))).toEqual({ id: 7 });
    expect(token.read(made, new Date(at.getTime() + 10 * 60_000))).toBeUndefined();
    expect(other.read(made, at)).toBeUndefined();
    for (const forged of [undefined, '', 'x', `${made}x`.slice(1), 'ü'.repeat(50)])
      expect(token.read(forged, at)).toBeUndefined();
  });
});

describe('a browser in words', () => {
  const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';
  it.each([
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome on Windows'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/141.0`, 'Edge on Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
      'Safari on Mac',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    [`Mozilla/5.0 (Linux; Android 16; SM-S938B) ${CHROME} Mobile Safari/537.36`, 'Chrome on Android'],
    ['curl/8.16.0', 'An unknown browser'],
    ['<script>alert(1)</script> Linux', 'A browser on Linux'],
    [null, 'An unknown browser'],
  ])('%j is %j', (userAgent, words) => expect(deviceInWords(userAgent)).toBe(words));

  it.each([
    ['192.0.2.77', '192.0.2.…'],
    ['::ffff:192.0.2.77', '192.0.2.…'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:…'],
    ['127.0.0.1', 'the server’s own machine'],
    ['::1', 'the server’s own machine'],
    [null, 'an unknown address'],
  ])('at %j is at %j', (ip, words) => expect(placeInWords(placeOf(ip))).toBe(words));
});
