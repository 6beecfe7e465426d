// Currencies by their sign, or by the letters that are commonly used with a number.

/** Finds every currency in a text. */
export const CURRENCIES =
  /(?<!\p{L})\p{L}{0,2}\p{Sc}|(?<!\p{L})(?:kr\.?|sek|nok|dkk|isk|eur|usd|gbp|chf|pln|zł|czk|kč|huf|ft|ron|lei|jpy|cny|rmb|inr|rs\.?|aud|cad|nzd|hkd|sgd|us|fr\.|円|元|원)(?!\p{L})/giu;

/** The code by sign, for signs that only one currency has. */
const CODES: Record<string, string> = {
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₽': 'RUB',
  '₺': 'TRY',
  '₴': 'UAH',
  '₩': 'KRW',
  원: 'KRW',
  ZŁ: 'PLN',
  KČ: 'CZK',
  FT: 'HUF',
  LEI: 'RON',
  RMB: 'CNY',
  元: 'CNY',
  円: 'JPY',
  'FR.': 'CHF',
  US: 'USD',
  US$: 'USD',
  CA$: 'CAD',
  C$: 'CAD',
  AU$: 'AUD',
  A$: 'AUD',
  NZ$: 'NZD',
  HK$: 'HKD',
  S$: 'SGD',
  R$: 'BRL',
  MX$: 'MXN',
  'KR.': 'KR',
  'RS.': 'RS',
};
/** Signs that several currencies share. */
const SHARED: Record<string, readonly string[]> = {
  KR: ['SEK', 'NOK', 'DKK', 'ISK'],
  $: ['USD', 'AUD', 'CAD', 'NZD', 'HKD', 'SGD', 'MXN'],
  '¥': ['JPY', 'CNY'],
  RS: ['INR'],
};

/**
 * A currency as its code (SEK), or as a sign that several currencies share (KR). Ignores letters before a sign that
 * name no currency, so that a file cannot invent any number of currencies.
 */
export function currencyOf(text: string): string {
  const upper = text.toUpperCase();
  const sign = /\p{Sc}$/u.exec(upper)?.[0] ?? upper;
  return CODES[upper] ?? CODES[sign] ?? sign;
}

/** Whether the two might be the same currency. */
export function canBeSameCurrency(left: string, right: string): boolean {
  return left === right || (SHARED[left]?.includes(right) ?? false) || (SHARED[right]?.includes(left) ?? false);
}

/**
 * The currency of a column, given the number of cells for each currency. Undefined if all may be the same; null if no
 * currency has the majority.
 */
export function currencyOfColumn(counts: Readonly<Record<string, number>>): string | null | undefined {
  const named = Object.entries(counts);
  const agreeing = named.map(([currency]) => ({
    currency,
    cells: named.reduce((sum, [other, cells]) => (canBeSameCurrency(currency, other) ? sum + cells : sum), 0),
  }));
  const all = named.reduce((sum, [, cells]) => sum + cells, 0);
  const most = agreeing.reduce((best, one) => (one.cells > best.cells ? one : best), { currency: '', cells: 0 });
  if (most.cells === all) return undefined;
  return most.cells * 2 > all ? most.currency : null;
}
