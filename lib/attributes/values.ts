// Parses what people write into typed values, and formats them. Numbers and dates: numbers.ts and dates.ts.
import { canonicalText } from '@/lib/text/canonical';
import { meansNoValue } from '@/lib/text/no-value';
import { shortened } from '@/lib/text/shortened';
import { canBeSameCurrency } from './currencies';
import { readDate, type DateOrder, type DateReading, type ShortYears } from './dates';
import { isLossless, readNumber } from './numbers';
import type { Attribute, AttributeValue } from './schema';

/** `empty`: the text says that there is no value, or gives only part of one; it must not get a row rejected. */
export type ParsedValue = { ok: true; value: AttributeValue } | { ok: false; reason: string; empty?: true };

const TEXT_MAX = 2_000;
const words = (...lines: string[]) => new Set(lines.flatMap((line) => line.split(' ')));
const YES = words(
  'yes y true 1 1.0 x on ja j sant sann sand kyllä tosi wahr tak prawda oui vrai sí si verdadero sim verdadeiro sì vero',
  'ano igen evet да так истина ναι はい 是 예 ✓ ✔ ☑ ○',
);
const NO = words(
  'no n false 0 0.0 off nej nei falskt usann falsk ei epätosi nein falsch nie fałsz non faux falso não nao',
  'ne nem hayır нет ні ложь όχι いいえ 否 아니요 아니오 ✗ ✘ ☐ ×',
);
/**
 * How a column writes ambiguous values. `decimal` and `dates` null: nothing shows it, so only unambiguous values are
 * accepted. `sure` false: the column contradicts itself, so ambiguous values are not accepted either.
 */
export type Notation = {
  decimal: ',' | '.' | null;
  decimalSure: boolean;
  dates: DateOrder | null;
  datesSure: boolean;
  shortYears: ShortYears;
  /** Whether “12 %” is 12: if all numbers of the column have the sign. */
  percent: boolean;
  /** The column's currency, if its cells name several; null if none has the majority. */
  currency?: string | null;
};

/** For a value without a column, such as one typed by hand. */
export const NO_COLUMN: Notation = {
  decimal: null,
  decimalSure: true,
  dates: null,
  datesSure: true,
  shortYears: 'future',
  percent: false,
};

type Typed = Pick<Attribute, 'type' | 'choices' | 'name'> & Partial<Pick<Attribute, 'code' | 'system'>>;

/** A value of the attribute's type, or why it is invalid. Check for blank text before calling. */
export function parseAttributeValue(attribute: Typed, raw: string, notation: Notation = NO_COLUMN): ParsedValue {
  const text = raw.trim();
  const wrong = ({ why, empty }: Problem): ParsedValue => {
    const reason = `${attribute.name}: “${shortened(text, 60)}” ${why}`;
    return empty ? { ok: false, reason, empty } : { ok: false, reason };
  };
  switch (attribute.type) {
    case 'text':
      if (text.length > TEXT_MAX)
        return { ok: false, reason: `${attribute.name} is longer than ${TEXT_MAX} characters` };
      return { ok: true, value: canonicalText(text) };
    case 'number': {
      const number = parseNumber(text, notation);
      return typeof number === 'number' ? { ok: true, value: number } : wrong(number);
    }
    case 'date': {
      const date = parseDate(text, notation, isBirthday(attribute));
      return typeof date === 'string' ? { ok: true, value: date } : wrong(date);
    }
    case 'boolean': {
      const word = text.toLowerCase();
      if (YES.has(word)) return { ok: true, value: true };
      if (NO.has(word)) return { ok: true, value: false };
      return wrong(meansNoValue(text) ? MEANS_NO_VALUE : { why: 'is not yes or no' });
    }
    case 'choice': {
      if (text.length > TEXT_MAX) return wrong(notOneOf(attribute));
      const wanted = canonicalText(text).toLowerCase();
      const choice = attribute.choices.find((item) => canonicalText(item).toLowerCase() === wanted);
      if (choice !== undefined) return { ok: true, value: choice };
      return wrong(meansNoValue(text) ? MEANS_NO_VALUE : notOneOf(attribute));
    }
  }
}

/** Why a text is not a value, to be read after the text itself. */
type Problem = { why: string; empty?: boolean };

const MEANS_NO_VALUE: Problem = { why: 'means that there is no value', empty: true };
const notOneOf = ({ choices }: Typed): Problem => ({ why: `is not one of ${choices.join(', ')}` });

/** Birthdays are never in the future. */
export const isBirthday = ({ code, system }: Typed) => system === true && code === 'birthdate';

/** The number in this notation, or why it cannot be read with certainty. */
export function parseNumber(text: string, notation: Notation = NO_COLUMN): number | Problem {
  const readings = readNumber(text);
  if (!readings) return meansNoValue(text) ? MEANS_NO_VALUE : { why: 'is not a number' };
  if (readings.tooLong) return { why: 'has more digits than a number can hold. Import it as text' };
  if (readings.percent && !notation.percent)
    return {
      why: 'has a percent sign, which the other numbers do not have, so it may mean a hundredth. Remove the sign',
    };
  const { point, comma, currency } = readings;
  if (currency !== null && notation.currency !== undefined && !isCurrencyOf(notation.currency, currency))
    return {
      why: `is not in the same currency as ${notation.currency ?? 'other cells of the column'}: import the amount and its currency as two columns`,
    };
  const open = point !== undefined && comma !== undefined && point !== comma;
  if (open && (notation.decimal === null || !notation.decimalSure))
    return { why: `could be ${point} or ${comma}: say whether a point or a comma is the decimal sign` };
  if (notation.decimal === null) return (point ?? comma)!;
  const value = notation.decimal === '.' ? point : comma;
  return value ?? { why: `is not a number with a decimal ${notation.decimal === '.' ? 'point' : 'comma'}` };
}

const isCurrencyOf = (column: string | null, currency: string) =>
  column !== null && canBeSameCurrency(column, currency);

const ORDER_NAMES: Record<DateOrder, string> = { dmy: 'day first', mdy: 'month first', ymd: 'year first' };

/** The day ('YYYY-MM-DD') in this notation, or why it cannot be read with certainty. `past`: never in the future. */
export function parseDate(text: string, notation: Notation = NO_COLUMN, past = false): string | Problem {
  const today = presentDay();
  const reading = readDate(text, { today, past, shortYears: notation.shortYears });
  if (!reading) {
    if (meansNoValue(text)) return MEANS_NO_VALUE;
    const days = /^\d{5}(?:\.\d+)?$/.test(text);
    return {
      why: `is not a date such as 2025-11-30${days ? '. If Excel shows a date there, save the cells as dates' : ''}`,
    };
  }
  if (reading.kind === 'none') return { why: reading.why, empty: true };
  const day = reading.kind === 'day' ? reading.day : inOrder(reading, notation);
  if (typeof day === 'string' && isOfOtherCalendar(day) && (past || day !== text))
    return { why: 'has a year from another calendar: write the date as 2025-11-30', empty: true };
  return past && typeof day === 'string' && day > today ? { why: 'is in the future' } : day;
}

/** The current years of the Persian, Islamic and Buddhist calendars. In our calendar they are hardly ever meant. */
function isOfOtherCalendar(day: string): boolean {
  const year = Number(day.slice(0, 4));
  return (year >= 1300 && year <= 1450) || (year >= 2400 && year <= 2650);
}

type Orders = Extract<DateReading, { kind: 'orders' }>;

function inOrder({ days, dotted, zero }: Orders, { dates, datesSure }: Notation): string | Problem {
  const possible = [...new Set(Object.values(days))];
  if (dates === null && datesSure && dotted && days.dmy !== undefined) return days.dmy;
  if (possible.length > 1 && (dates === null || !datesSure))
    return { why: `could be ${possible.join(' or ')}: write it as ${possible[0]}, or say which part comes first` };
  const day = dates === null ? possible[0] : days[dates];
  if (day !== undefined) return day;
  if (zero || dates === null) return { why: 'means that there is no date', empty: true };
  return { why: `is not a date with the ${ORDER_NAMES[dates]}` };
}

let present = { at: 0, day: '' };

/** Today as 'YYYY-MM-DD', in UTC. Called for every row, so it is cached for a minute. */
export function presentDay(): string {
  const now = Date.now();
  if (now - present.at > 60_000) present = { at: now, day: new Date(now).toISOString().slice(0, 10) };
  return present.day;
}

/** A value from a JSON body: numbers, numbers in strings as JSON writes them, dates in ISO format or unambiguous. */
export function parseJsonValue(attribute: Typed, value: string | number | boolean): ParsedValue {
  const text = String(value).trim();
  if (attribute.type !== 'number') return parseAttributeValue(attribute, text);
  const number = Number(text);
  const written = /^-?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i.test(text);
  if (!written)
    return { ok: false, reason: `${attribute.name}: “${shortened(text, 60)}” is not a number such as 1234.5` };
  const kept =
    typeof value === 'number' ? !Number.isInteger(value) || Number.isSafeInteger(value) : isLossless(text, number);
  return kept
    ? { ok: true, value: number + 0 }
    : { ok: false, reason: `${attribute.name}: “${shortened(text, 60)}” has more digits than a number can hold` };
}

/** A value as text for a person. */
export function formatAttributeValue(value: AttributeValue | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return String(value);
}
