// The names of months and weekdays in the languages that files use, from the runtime's locale data (CLDR).

const LANGUAGES = [
  'en',
  'sv',
  'nb',
  'nn',
  'da',
  'fi',
  'is',
  'de',
  'nl',
  'fr',
  'es',
  'it',
  'pt',
  'pl',
  'cs',
  'et',
  'ro',
];
/** Common abbreviations that the locale data lacks. */
const MORE_MONTHS: Record<string, number> = { sept: 9, mrz: 3, febr: 2, okt: 10 };
/** Words between the parts of a date: “12 de marzo de 2024”, “den 12. marts 2024”, “12th of March”. */
const BETWEEN = ['of', 'the', 'de', 'del', 'den', 'der', 'le', 'el', 'il'];

/**
 * `months`: 1–12 by word. `others`: words that a date may contain but that mean nothing. All normalised by `wordKey`.
 */
type Words = { months: ReadonlyMap<string, number>; others: ReadonlySet<string> };

let made: Words | undefined;

/** The words, built on first use. A word for different months in two languages is left out. */
export function dateWords(): Words {
  return (made ??= makeWords());
}

/** The form in which words are compared: lower case, without accents and full stops. */
export function wordKey(word: string): string {
  return word
    .normalize('NFKD')
    .replace(/[\p{M}.]/gu, '')
    .toLowerCase();
}

function makeWords(): Words {
  const months = new Map(Object.entries(MORE_MONTHS));
  const unclear = new Set<string>();
  const others = new Set(BETWEEN);
  for (const language of LANGUAGES) {
    for (const width of ['long', 'short'] as const) {
      const alone = new Intl.DateTimeFormat(language, { month: width, timeZone: 'UTC' });
      // Some languages inflect the month in a date: marzec, but 12 marca.
      const inDate = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
      for (let month = 1; month <= 12; month++) {
        const day = new Date(Date.UTC(2024, month - 1, 15));
        for (const format of [alone, inDate]) {
          const word = wordKey(format.formatToParts(day).find(({ type }) => type === 'month')?.value ?? '');
          if (!/^\p{L}+$/u.test(word)) continue;
          if ((months.get(word) ?? month) !== month) unclear.add(word);
          months.set(word, month);
        }
      }
      const weekday = new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' });
      for (let day = 1; day <= 7; day++) {
        for (const part of wordKey(weekday.format(new Date(Date.UTC(2024, 0, day)))).split(/[\s-]+/)) others.add(part);
      }
    }
  }
  for (const word of unclear) months.delete(word);
  for (const word of months.keys()) others.delete(word);
  return { months, others };
}
