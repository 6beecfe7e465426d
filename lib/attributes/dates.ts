// Dates as people and tools write them. Days are 'YYYY-MM-DD'. For 03/04/2024, only the rest of the column can show
// which part is the day.
import { dateWords, wordKey } from './months';
import { toAscii } from './numbers';

/** What comes first if all three parts are digits. `ymd` is for two-digit years: 24-03-12. */
export const DATE_ORDERS = ['dmy', 'mdy', 'ymd'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** The century of two-digit years: up to this year, or up to `YEARS_AHEAD` years ahead. */
export const SHORT_YEARS = ['past', 'future'] as const;
export type ShortYears = (typeof SHORT_YEARS)[number];

/** `shortYear`: the year's two digits, if it has only two. */
export type DateReading =
  /** It has only one reading. */
  | { kind: 'day'; day: string; shortYear?: number }
  /**
   * The day for each possible order. `dotted`: 03.04.2024, which nobody writes with the month first. `zero`: in another
   * order the day or month would be 0 (00-12-31).
   */
  | { kind: 'orders'; days: Partial<Record<DateOrder, string>>; dotted: boolean; zero: boolean; shortYear?: number }
  /** It says that there is no date, or gives only part of one. `why`: to be read after the text. */
  | { kind: 'none'; why: string };

/** `today`: the current day. `past`: whether the date is never in the future, like a birthday. */
export type DateContext = { today: string; past: boolean; shortYears: ShortYears };

/** Longer than any date that people write. */
const LENGTH_MAX = 80;
/** A two-digit year is at most this many years ahead, otherwise in the past; a birthday is never ahead. */
export const YEARS_AHEAD = 20;
/** Apple's address books use this year for birthdays without one. */
const APPLE_NO_YEAR = 1604;

const none = (why: string): DateReading => ({ kind: 'none', why });
const NO_DATE = none('means that there is no date');
const PART = none('is only part of a date');

const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const SEPARATOR = '(?:\\s?[-/.]\\s?|\\s)';
const YEAR_FIRST = new RegExp(`^(\\d{4})${SEPARATOR}(\\d{1,2})${SEPARATOR}(\\d{1,2})\\.?$`);
// In this range of years, eight digits are never a date both with the year first and with the year last.
const COMPACT = /^(1[89]\d{2}|2[01]\d{2})(\d{2})(\d{2})(?:[0-2]\d[0-5]\d[0-5]\d)?$/;
const EAST_ASIAN =
  /^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](?:\s*\(?[\p{Script=Han}\p{Script=Hangul}]{1,3}\)?)?$/u;
const YEAR_LAST = new RegExp(`^(\\d{1,2})(${SEPARATOR})(\\d{1,2})${SEPARATOR}(?:(\\d{4})|'?(\\d{2}))\\.?$`);
const TWO_PARTS = /^(?:--)?(\d{1,2})\s?[-/.]\s?(\d{1,2})[-/.]?$/;
/** Partial dates of vCard and others: --0228, ---28, 1985, 1985-02, 02/1985, 2月28日. */
const OTHER_PARTS =
  /^(?:--\d{4}|---\d{2}|(?:1[89]|20|21)\d{2}-*|\d{4}[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.]\d{4}|(?:\d{4}\s*[年년]\s*)?\d{1,2}\s*[月월](?:\s*\d{1,2}\s*[日일])?)$/;

const TIMES = [
  /T[0-2]\d(?::?[0-5]\d){1,2}(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/+-]+\])?$/i,
  /[,\s]\s*(?:(?:at|kl\.?|um|klo)\s+)?[0-2]?\d(?:[:.][0-5]\d){1,2}(?:[.,]\d{1,9})?\s?(?:[ap]\.?\s?m\.?)?\s?(?:[A-Z]{1,5})?\s?(?:[+-]\d{1,2}(?::?\d{2})?)?\s?(?:\([^()]*\))?$/i,
  /[,\s]\s*[01]?\d\s?[ap]\.?\s?m\.?$/i,
];

/**
 * The readings of a text as a date; undefined if there is none. A time after the date is ignored, and never changes the
 * day.
 */
export function readDate(raw: string, context: DateContext): DateReading | undefined {
  const iso = ISO.exec(raw);
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  if (raw.length > LENGTH_MAX) return undefined;
  const text = toAscii(raw).trim();
  const short = withoutTime(text);
  return (text.includes(':') ? undefined : readDay(text, context)) ?? readDay(short, context);
}

function withoutTime(text: string): string {
  for (const time of TIMES) {
    const short = text.replace(time, '');
    if (short !== text) return short.trim();
  }
  return text;
}

function readDay(text: string, context: DateContext): DateReading | undefined {
  if (!/\d/.test(text)) return undefined;
  const first = YEAR_FIRST.exec(text) ?? COMPACT.exec(text) ?? EAST_ASIAN.exec(text);
  if (first) return dayOf(Number(first[1]), Number(first[2]), Number(first[3]));
  const last = YEAR_LAST.exec(text);
  if (last) return readOrders(last, context);
  const two = TWO_PARTS.exec(text);
  if (two) {
    const [one, other] = [Number(two[1]), Number(two[2])];
    if (one === 0 || other === 0) return NO_DATE;
    // 2024 is a leap year.
    return isDay(2024, one, other) || isDay(2024, other, one) ? PART : undefined;
  }
  if (OTHER_PARTS.test(text)) return PART;
  return /\p{L}/u.test(text) ? readWords(text, context) : undefined;
}

function readOrders(parts: RegExpExecArray, context: DateContext): DateReading | undefined {
  const [one, two] = [Number(parts[1]), Number(parts[3])];
  const dotted = parts[2]!.includes('.');
  const days: Partial<Record<DateOrder, string>> = {};
  let shortYear: number | undefined;
  if (parts[4] !== undefined) {
    const year = Number(parts[4]);
    if (one === 0 || two === 0 || isNoYear(year)) return NO_DATE;
    if (isDay(year, two, one)) days.dmy = written(year, two, one);
    if (isDay(year, one, two)) days.mdy = written(year, one, two);
  } else {
    const three = Number(parts[5]);
    const dayFirst = fullYear(three, two, one, context);
    if (isDay(dayFirst, two, one)) days.dmy = written(dayFirst, two, one);
    const monthFirst = fullYear(three, one, two, context);
    if (isDay(monthFirst, one, two)) days.mdy = written(monthFirst, one, two);
    const yearFirst = fullYear(one, two, three, context);
    if (parts[1]!.length === 2 && isDay(yearFirst, two, three)) days.ymd = written(yearFirst, two, three);
    shortYear = days.dmy || days.mdy ? three : one;
  }
  const zero = one === 0 || two === 0;
  const all = new Set(Object.values(days));
  if (all.size === 0) return zero ? NO_DATE : undefined;
  const short = shortYear === undefined ? {} : { shortYear };
  if (all.size === 1 && days.dmy && days.mdy) return { kind: 'day', day: days.dmy, ...short };
  return { kind: 'orders', days, dotted, zero, ...short };
}

// Ordinals follow their number directly: 12th, 1er, 3º.
const TOKEN = /(\d+)(?:(?:st|nd|rd|th|er|re|e|[ºª])(?!\p{L}))?|(\p{L}[\p{L}\p{M}]*)/giu;
const BETWEEN_TOKENS = /^[\s.,/'-]*$/;

/** Dates with the name of a month or a weekday. */
function readWords(text: string, context: DateContext): DateReading | undefined {
  if (!BETWEEN_TOKENS.test(text.replace(TOKEN, ''))) return undefined;
  const { months, others } = dateWords();
  let month: number | undefined;
  const numbers: string[] = [];
  let before = 0;
  for (const [, digits, word] of text.matchAll(TOKEN)) {
    if (word === undefined) {
      numbers.push(digits!);
      continue;
    }
    const key = wordKey(word);
    const named = months.get(key);
    if (named !== undefined && month === undefined) [month, before] = [named, numbers.length];
    else if (!others.has(key)) return undefined;
  }
  if (month === undefined) {
    // A weekday before digits: Sat 12/03/2024.
    const rest = text.replace(/\p{L}[\p{L}\p{M}]*\.?,?/gu, '').trim();
    return /\p{L}/u.test(rest) ? undefined : readDay(rest, context);
  }
  const [one, two] = numbers as [string?, string?];
  if (one === undefined || numbers.length > 2 || numbers.some(({ length }) => length > 4 || length === 3))
    return undefined;
  if (two === undefined) return PART;
  if (one.length === 4 && two.length <= 2) return dayOf(Number(one), month, Number(two));
  if (two.length === 4 && one.length <= 2) return dayOf(Number(two), month, Number(one));
  if (one.length > 2 || two.length > 2 || before === 2) return undefined;
  const [year, day] = Number(one) > 31 ? [Number(one), Number(two)] : [Number(two), Number(one)];
  const reading = dayOf(fullYear(year, month, day, context), month, day);
  return reading?.kind === 'day' ? { ...reading, shortYear: year } : reading;
}

function dayOf(year: number, month: number, day: number): DateReading | undefined {
  if (month === 0 || day === 0 || isNoYear(year)) return NO_DATE;
  return isDay(year, month, day) ? { kind: 'day', day: written(year, month, day) } : undefined;
}

const isNoYear = (year: number) => year < 1000 || year === APPLE_NO_YEAR;

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

const two = (part: number) => (part < 10 ? `0${part}` : String(part));
const written = (year: number, month: number, day: number) => `${year}-${two(month)}-${two(day)}`;

/** The full year for two digits. */
function fullYear(twoDigits: number, month: number, day: number, { today, past, shortYears }: DateContext): number {
  const thisYear = Number(today.slice(0, 4));
  const last = past || shortYears === 'past' ? thisYear : thisYear + YEARS_AHEAD;
  const year = last - ((((last - twoDigits) % 100) + 100) % 100);
  return past && written(year, month, day) > today ? year - 100 : year;
}
