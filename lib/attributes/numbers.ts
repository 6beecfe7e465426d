// Numbers as people and tools write them. A text may be a number with a decimal point, with a decimal comma, or both.
import { CURRENCIES, currencyOf } from './currencies';

/** A text's value with a decimal point, and with a decimal comma; undefined if it is not a number in that notation. */
export type NumberReadings = {
  point: number | undefined;
  comma: number | undefined;
  /** Whether it has a percent sign, which is not part of the number: “12 %” is 12. */
  percent: boolean;
  /** Its currency (see currencies.ts), which is not part of the number either: “12 kr” is 12. */
  currency: string | null;
  /** It is a number, but has more digits than can be stored. */
  tooLong: boolean;
};

/** Longer than any number that people write. */
const LENGTH_MAX = 64;

// Groups have three digits (or the Indian pattern, 12,34,567), one separator, and never begin with 0: “0,123” has a
// decimal comma, whatever the rest of the column looks like.
const POINT =
  /^(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+)?(?:\.\d*)?(?:e[+-]?\d{1,3})?$/i;
const COMMA =
  /^(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+)?(?:,\d*)?(?:e[+-]?\d{1,3})?$/i;

const SIMPLE = /^-?\d{1,15}$/;
const HAS_OTHER = /[^\d.,\s+-]/u;

/**
 * The readings of a text as a number; undefined if there is none. Signs, currencies and spaces around it are accepted.
 */
export function readNumber(raw: string): NumberReadings | undefined {
  if (SIMPLE.test(raw)) {
    const value = Number(raw) + 0;
    return { point: value, comma: value, percent: false, currency: null, tooLong: false };
  }
  if (raw.length > LENGTH_MAX) return undefined;
  let text = toAscii(raw).trim();
  let percent = false;
  let currency: string | null = null;
  if (HAS_OTHER.test(text)) {
    // Only before or after the number: “1€50” is not 150.
    text = text
      .replace(CURRENCIES, (sign) => {
        currency = currencyOf(sign.trim());
        return '¤';
      })
      .replace(/^([+(-]?\s*)¤+\s*/, '$1')
      .replace(/\s*¤+(\s*[)-]?)$/, '$1');
    const bare = text.replace(/\s*%\s*$|^\s*%\s*/, '');
    percent = bare !== text;
    text = bare.trim();
  }
  // 5,- and 1 234.– are whole amounts of money.
  text = text.replace(/[.,]-$/, '').trim();
  let negative = false;
  const bracketed = /^\(([^()]*)\)$/.exec(text);
  if (bracketed) [negative, text] = [true, bracketed[1]!.trim()];
  const leading = /^([+-])\s*/.exec(text);
  const trailing = leading ? null : /\d(\s*-)$/.exec(text);
  if (leading || trailing) {
    if (negative) return undefined;
    negative = leading?.[1] !== '+';
    text = leading ? text.slice(leading[0].length) : text.slice(0, -trailing![1]!.length);
  }
  if (!/^[.,]?\d/.test(text)) return undefined;
  const point = POINT.test(text) ? valueOf(text.replace(/[, ']/g, ''), negative) : undefined;
  const comma = COMMA.test(text) ? valueOf(text.replace(/[. ']/g, '').replace(',', '.'), negative) : undefined;
  if (point === undefined && comma === undefined) return undefined;
  return {
    point: point === TOO_LONG ? undefined : point,
    comma: comma === TOO_LONG ? undefined : comma,
    percent,
    currency,
    tooLong: point === TOO_LONG || comma === TOO_LONG,
  };
}

const TOO_LONG = Symbol('more digits than a number can hold');

function valueOf(plain: string, negative: boolean): number | typeof TOO_LONG {
  const value = Number(plain);
  if (!isLossless(plain, value)) return TOO_LONG;
  return (negative ? -value : value) + 0;
}

/** Whether the number has all digits of the plain text (`1234.5`, `1e3`) from which it was parsed. */
export function isLossless(plain: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (plain.length <= 15 && !/e/i.test(plain)) return true;
  return significant(plain) === significant(String(value));
}

/** The significant digits, without sign, point, exponent, and leading or trailing zeros. */
function significant(plain: string): string {
  const digits = plain.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
  let end = digits.length;
  // A pattern for trailing zeros would be tried at every zero and take quadratic time.
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

const MINUS = /[\u2010-\u2015\u2212\uFE63]/g;
const SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000\t]/g;
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF\u061C]/g;
const APOSTROPHES = /[\u2018\u2019\u02BC\u2032\u00B4]/g;

const ASCII = /^[\x20-\x7e]*$/;

/** Replaces look-alike digits, signs, spaces and apostrophes by the ASCII ones. */
export function toAscii(text: string): string {
  if (ASCII.test(text)) return text;
  return text
    .replace(/[\uFF01-\uFF5E]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(SPACES, ' ')
    .replace(INVISIBLE, '')
    .replace(MINUS, '-')
    .replace(APOSTROPHES, "'");
}
