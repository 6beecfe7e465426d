// From what people write to typed values, and back.
import { canonicalText } from '@/lib/text/canonical';
import type { Attribute, AttributeValue } from './schema';

export type ParsedValue = { ok: true; value: AttributeValue } | { ok: false; reason: string };

const TEXT_MAX = 2_000;
const YES = new Set(['yes', 'y', 'true', '1', 'x', 'ja', 'j', 'sant', 'kyllä', 'on']);
const NO = new Set(['no', 'n', 'false', '0', 'nej', 'nei', 'falskt', 'ei', 'off']);

/** How dates and numbers are written where that can be read in two ways; `auto`: see `parseDate` and `parseNumber`. */
export type Notation = { dates: 'auto' | 'dmy' | 'mdy'; decimal: 'auto' | ',' | '.' };

const AUTO: Notation = { dates: 'auto', decimal: 'auto' };

/** A value of the attribute's type, or why it is none. Blank text is not a value: ask before calling. */
export function parseAttributeValue(
  attribute: Pick<Attribute, 'type' | 'choices' | 'name'>,
  raw: string,
  notation: Notation = AUTO,
): ParsedValue {
  const text = raw.trim();
  const wrong = (expected: string): ParsedValue => ({
    ok: false,
    reason: `${attribute.name}: “${text.slice(0, 60)}” is not ${expected}`,
  });
  switch (attribute.type) {
    case 'text':
      if (text.length > TEXT_MAX)
        return { ok: false, reason: `${attribute.name} is longer than ${TEXT_MAX} characters` };
      return { ok: true, value: canonicalText(text.replaceAll(String.fromCharCode(0), '')) };
    case 'number': {
      const number = parseNumber(text, notation.decimal);
      return number === undefined ? wrong('a number') : { ok: true, value: number };
    }
    case 'date': {
      const date = parseDate(text, notation.dates);
      return date === undefined ? wrong('a date such as 2025-11-30') : { ok: true, value: date };
    }
    case 'boolean': {
      const word = text.toLowerCase();
      if (YES.has(word)) return { ok: true, value: true };
      return NO.has(word) ? { ok: true, value: false } : wrong('yes or no');
    }
    case 'choice': {
      const wanted = canonicalText(text).toLowerCase();
      const choice = attribute.choices.find((one) => canonicalText(one).toLowerCase() === wanted);
      return choice === undefined ? wrong(`one of ${attribute.choices.join(', ')}`) : { ok: true, value: choice };
    }
  }
}

/** 1234.5, 1,234.5, 1 234,5 and 1.234,5; with `auto`, a lone comma is a decimal one unless three digits follow. */
export function parseNumber(text: string, decimal: Notation['decimal'] = 'auto'): number | undefined {
  const compact = text.replace(/[\s\u00A0\u202F']/g, '');
  if (!/^[+-]?[\d.,]+(e[+-]?\d+)?$/i.test(compact)) return undefined;
  const [comma, dot] = [compact.lastIndexOf(','), compact.lastIndexOf('.')];
  let plain = compact;
  if (decimal !== 'auto') {
    plain = compact.replaceAll(decimal === ',' ? '.' : ',', '').replace(',', '.');
  } else if (comma >= 0 && dot >= 0) {
    plain = comma > dot ? compact.replaceAll('.', '').replace(',', '.') : compact.replaceAll(',', '');
  } else if (comma >= 0) {
    plain = /^[+-]?\d{1,3}(,\d{3})+$/.test(compact) ? compact.replaceAll(',', '') : compact.replace(',', '.');
  }
  const number = Number(plain);
  return plain === '' || !Number.isFinite(number) ? undefined : number;
}

/**
 * ISO dates, 2025/11/30, 20251130, 30.11.2025 and 30/11/2025, as 'YYYY-MM-DD'; a time after it is left out. With `auto`,
 * the day is first unless only 11/30/2025 can be.
 */
export function parseDate(text: string, order: Notation['dates'] = 'auto'): string | undefined {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (iso) return validDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const local = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: .*)?$/.exec(text);
  if (!local) return undefined;
  const [first, second, year] = local.slice(1).map(Number) as [number, number, number];
  const [dayFirst, monthFirst] = [validDate(year, second, first), validDate(year, first, second)];
  if (order === 'auto') return dayFirst ?? monthFirst;
  return order === 'dmy' ? dayFirst : monthFirst;
}

function validDate(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same && year >= 1000 ? date.toISOString().slice(0, 10) : undefined;
}

/** A value as a person reads it. */
export function formatAttributeValue(value: AttributeValue | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return String(value);
}
