// Numbers as text, by their cell's number format: what a person sees, but dates as ISO and quantities as plain numbers,
// so that nobody has to guess what a comma or 03/04 means.
import { SSF } from '@e965/xlsx';

/** How all cells with a number format are written: `(raw, date1904) => text`; `raw` is the number as the file has it. */
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

/**
 * The number without groups or exponent. A spreadsheet keeps 15 digits: an integer with more whose other digits are zeros
 * has been rounded by one, and is written with its exponent, so that it is not taken for the number that was meant.
 */
export function plain(raw) {
  const text = String(raw);
  if (/^-?\d+$/.test(text)) {
    const exact = text.replace(/^-/, '');
    if (exact.length <= 15 || /[1-9]/.test(exact.slice(15))) return text;
  }
  const number = Number(raw);
  if (Math.abs(number) >= 1e15) {
    return String(Number(number.toPrecision(15)).toExponential()).toUpperCase();
  }
  // More than a rounding error is not to be seen beyond the 15th digit.
  const rounded = Number(number.toPrecision(15));
  const short = String(rounded);
  return short.includes('e') ? inFull.format(rounded) : short;
}

function formatted(format) {
  return (raw) => {
    try {
      return SSF.format(format, Number(raw)).trim();
    } catch {
      return plain(raw);
    }
  };
}

/** Hours beyond 24 and the like: 30:00:00. */
function elapsed(format) {
  const write = formatted(format);
  return (raw) => (Number(raw) < 0 ? plain(raw) : write(raw));
}

/** By the parts that a person sees, so that no time zone can move it. */
function dated(bare) {
  const letters = bare.replace(/\[[^\]]*\]/g, '').replace(/am\/pm|a\/p/gi, 'h');
  const hasTime = /[hs]/i.test(letters);
  const hasDate = /[yde]|mmm/i.test(letters) || !hasTime;
  const hasSeconds = /s/i.test(letters);
  return (raw, date1904) => {
    const serial = Number(raw);
    const parts = SSF.parse_date_code(serial, { date1904 });
    if (!parts || Number.isNaN(serial)) return plain(raw);
    const [hours, minutes, seconds] = [parts.H, parts.M, Math.floor(parts.S)].map(twoDigits);
    const time = hasSeconds || seconds !== '00' ? `${hours}:${minutes}:${seconds}` : `${hours}:${minutes}`;
    if (!hasDate) return time;
    if (serial < 1 && !date1904) return hasTime && serial > 0 ? time : '';
    const date = `${String(parts.y).padStart(4, '0')}-${twoDigits(parts.m)}-${twoDigits(parts.d)}`;
    return hasTime && (parts.H || parts.M || parts.S >= 1) ? `${date} ${hours}:${minutes}:${seconds}` : date;
  };
}

function twoDigits(number) {
  return String(number).padStart(2, '0');
}

/** What stands for digits in a format, and the text around it that is not a currency. */
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

/** Without the commas between placeholders, which group digits. */
function withoutGroups(format) {
  return format.replace(/("[^"]*"?|\\.)|(?<=[#0?]),(?=[#0?])/g, '$1');
}
