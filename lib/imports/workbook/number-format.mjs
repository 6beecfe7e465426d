// Numbers as text, by their cell's number format: as displayed, but dates as ISO and quantities as plain numbers, so
// that nobody has to guess what a comma or 03/04 means.
import { SSF } from '@e965/xlsx';

/** A writer for the cells of a number format: `(raw, date1904) => text`; `raw` is the number as in the file. */
export function writerOf(/** @type {string | undefined} */ format) {
  if (!format || format === 'General' || format === '@') return plain;
  const bare = format.replace(/"[^"]*"?|\\./g, '');
  if (/\[(h+|m+|s+)\]/i.test(bare)) return elapsed(format);
  if (SSF.is_date(format)) return dated(bare);
  const { literal, digits } = partsOf(format);
  const quantity = /[.,]/.test(digits);
  if (/[\p{L}\p{N}+]/u.test(literal)) return formatted(quantity ? withoutGroups(format) : format);
  if (!quantity && /0\D*0/.test(digits)) return formatted(format);
  if (digits.includes('%')) return (raw) => `${plain(Number((Number(raw) * 100).toPrecision(15)))}%`;
  return plain;
}

const inFull = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 20 });

/** Up to here a double holds every whole number exactly. */
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** A larger whole number with at most this many digits before its zeros was not produced by rounding. */
const ROUND_DIGITS = 9;

/**
 * The number without groups or exponent. A whole number whose last digits a spreadsheet or a double may have dropped is
 * written with its exponent (1.23456789012345E+18), so that it is not mistaken for the intended number: keys and text
 * attributes refuse that form (lib/text/rounded-number.ts).
 */
export function plain(raw) {
  const text = String(raw);
  if (/^-?\d{1,15}$/.test(text)) return text;
  const number = Number(raw);
  if (Math.abs(number) >= 1e15) {
    const whole = wholeNumber(text);
    return whole !== undefined && isKept(whole, number) ? String(whole) : withExponent(text, number);
  }
  // Beyond the 15th digit there is only rounding error.
  const rounded = Number(number.toPrecision(15));
  const short = String(rounded);
  return short.includes('e') ? inFull.format(rounded) : short;
}

/** The whole number that the text means, such as 1.5E+3; undefined if it has a fraction. */
function wholeNumber(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (!match) return undefined;
  const [, sign, before, after = '', exponent = '0'] = match;
  const end = before.length + Number(exponent);
  const digits = (before + after).padEnd(end, '0');
  if (/[1-9]/.test(digits.slice(Math.max(0, end)))) return undefined;
  return BigInt(`${sign}${digits.slice(0, Math.max(0, end)) || '0'}`);
}

function isKept(whole, number) {
  if (BigInt(number) !== whole) return false;
  const size = whole < 0n ? -whole : whole;
  return size <= EXACT_MAX || String(size).replace(/0+$/, '').length <= ROUND_DIGITS;
}

function withExponent(text, number) {
  const digits = text.replace(/^-/, '').replace(/^0+/, '');
  // More digits than a double can hold: show all of them, so that this does not become a rounded number either.
  if (/^\d+$/.test(digits) && BigInt(digits) !== BigInt(inFull.format(Math.abs(number)))) {
    return `${number < 0 ? '-' : ''}${digits[0]}.${digits.slice(1)}E+${digits.length - 1}`;
  }
  return number.toPrecision(15).toUpperCase();
}

function formatted(format) {
  return (raw) => {
    const number = Number(raw);
    // Its format would replace the dropped digits by zeros.
    if (Math.abs(number) >= 1e15 && plain(raw).includes('E')) return plain(raw);
    try {
      return SSF.format(format, number).trim();
    } catch {
      return plain(raw);
    }
  };
}

/** Hours beyond 24 and the like: 30:00:00. */
function elapsed(format) {
  const write = formatted(format);
  return (raw) => (Number(raw) < 0 ? plain(raw) : write(toSecond(Number(raw))));
}

/** Days rounded to a second, as spreadsheets show them: 0.5958333 is 14:18:00, not 14:17:59. */
function toSecond(days) {
  return Math.round(days * 86_400) / 86_400;
}

/** The largest calculation error, in days: a tenth of a millisecond. */
const ROUNDING = 1e-9;

/** The same, but never on the next day: programs write 23:59:59.999 for the end of a day. */
function toSecondOfDay(days) {
  const day = Math.floor(days + ROUNDING);
  return day + Math.max(0, Math.min(Math.round((days - day) * 86_400), 86_399)) / 86_400;
}

/** A date in ISO 8601: without a time of midnight, rounded to a second within the same day. */
export function isoDate(value) {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/.exec(value);
  if (!match) return value;
  const [, day, time, fraction = '0'] = match;
  const full = time.length === 5 ? `${time}:00` : time;
  const up = Number(fraction) >= 0.5 && full !== '23:59:59';
  const moment = new Date(Date.parse(`${day}T${full}Z`) + (up ? 1_000 : 0));
  if (Number.isNaN(moment.getTime())) return value;
  const [date, shown] = moment.toISOString().slice(0, 19).split('T');
  return shown === '00:00:00' ? date : `${date} ${shown}`;
}

/** From the displayed parts, so that no time zone can change it. */
function dated(bare) {
  const letters = bare.replace(/\[[^\]]*\]/g, '').replace(/am\/pm|a\/p/gi, 'h');
  const hasTime = /[hs]/i.test(letters);
  const hasDate = /[yde]|mmm/i.test(letters) || !hasTime;
  const hasSeconds = /s/i.test(letters);
  return (raw, date1904) => {
    const serial = toSecondOfDay(Number(raw));
    const parts = SSF.parse_date_code(serial, { date1904 });
    if (!parts || Number.isNaN(serial)) return plain(raw);
    const [hours, minutes, seconds] = [parts.H, parts.M, Math.floor(parts.S)].map(twoDigits);
    const time = hasSeconds || seconds !== '00' ? `${hours}:${minutes}:${seconds}` : `${hours}:${minutes}`;
    if (!hasDate) return time;
    // An invalid day, as spreadsheets show it.
    if (serial < 1 && !date1904) return hasTime && serial > 0 ? time : '1900-01-00';
    const date = `${String(parts.y).padStart(4, '0')}-${twoDigits(parts.m)}-${twoDigits(parts.d)}`;
    return hasTime && (parts.H || parts.M || parts.S >= 1) ? `${date} ${hours}:${minutes}:${seconds}` : date;
  };
}

function twoDigits(number) {
  return String(number).padStart(2, '0');
}

/** The digit placeholders of a format, and the text around them without currencies. */
function partsOf(format) {
  let literal = '';
  let digits = '';
  const [section] = /^(?:"[^"]*"?|\\.|\[[^\]]*\]|[^;])*/.exec(format);
  for (const [token] of section.matchAll(/"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|General|E[+-]|[\s\S]/g)) {
    if (/^[[_*]/.test(token)) continue;
    if (token.startsWith('"')) literal += token.replaceAll('"', '');
    else if (token.startsWith('\\')) literal += token.slice(1);
    else if (/^(?:[0#?.,%@]|General|E[+-])$/.test(token)) digits += token;
    else {
      literal += token;
      digits += ' ';
    }
  }
  return { literal: literal.replace(CURRENCY, ''), digits };
}

const CURRENCY =
  /(?<!\p{L})(?:kr|sek|nok|dkk|isk|eur|usd|gbp|chf|pln|zł|kč|czk|huf|ft|lei|ron|bgn|лв|rub|руб|try|tl|jpy|cny|inr|rs|r|us|a|c)\.?(?!\p{L})/giu;

/** Removes the commas between placeholders, which group digits. */
function withoutGroups(format) {
  return format.replace(/("[^"]*"?|\\.)|(?<=[#0?]),(?=[#0?])/g, '$1');
}
