// How a text is sent by SMS: its encoding, and how many parts it takes. 3GPP TS 23.038 (the alphabet) and 23.040 (parts).

/** The basic table of GSM 7-bit: one septet each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** The extension table: an escape and a septet. */
const EXTENDED = new Set('^{}\\[~]|€\f');

/** Units of one SMS, and of each part of several: the parts lose six octets to a header that joins them. */
const UNITS = { gsm7: { one: 160, part: 153 }, ucs2: { one: 70, part: 67 } };

export type SmsEncoding = keyof typeof UNITS;

/** `units`: septets, or UTF-16 units. `left`: units that fit into the last part. `unicode`: the characters that force UCS-2, each once. */
export type SmsParts = { encoding: SmsEncoding; parts: number; units: number; left: number; unicode: string[] };

/** What word processors write, and what GSM-7 has instead. */
const PLAIN = new Map([
  ...[...'“”„‟«»'].map((quote) => [quote, '"'] as const),
  ...[...'‘’‚‛'].map((quote) => [quote, "'"] as const),
  ...[...'–—−‐‑'].map((dash) => [dash, '-'] as const),
  ['…', '...'],
  ['\u00a0', ' '],
  ['\u202f', ' '],
  ['\u200b', ''],
  ['\ufeff', ''],
  ['\t', ' '],
]);

/** As it is sent: composed (NFC), with line feeds. */
export const asSent = (text: string): string => text.normalize('NFC').replace(/\r\n?/g, '\n');

/** Replaces typographic characters by those that do not force Unicode; the rest stays. */
export const withoutTypography = (text: string): string =>
  [...asSent(text)].map((character) => PLAIN.get(character) ?? character).join('');

/** How a text is sent. An empty one takes a part too. */
export function smsParts(text: string): SmsParts {
  const characters = [...asSent(text)];
  const unicode = [...new Set(characters.filter((character) => !BASIC.has(character) && !EXTENDED.has(character)))];
  const encoding = unicode.length > 0 ? 'ucs2' : 'gsm7';
  const sizes = characters.map((character) =>
    encoding === 'ucs2' ? character.length : EXTENDED.has(character) ? 2 : 1,
  );
  const { one, part } = UNITS[encoding];
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= one) return { encoding, parts: 1, units, left: one - units, unicode };
  let [parts, used] = [1, 0];
  for (const size of sizes) {
    // An escape and its character, or the halves of a pair, are never in two parts.
    if (used + size > part) [parts, used] = [parts + 1, 0];
    used += size;
  }
  return { encoding, parts, units, left: part - used, unicode };
}
