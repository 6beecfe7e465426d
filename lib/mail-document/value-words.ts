// Values as a mail in some language writes them. Only text, numbers, dates and yes or no: anything else is left out.
import type { AttributeType } from '@/lib/attributes/schema';

const YES_NO: Record<string, [string, string]> = {
  en: ['Yes', 'No'],
  sv: ['Ja', 'Nej'],
  nb: ['Ja', 'Nei'],
  no: ['Ja', 'Nei'],
  nn: ['Ja', 'Nei'],
  da: ['Ja', 'Nej'],
  fi: ['Kyllä', 'Ei'],
  de: ['Ja', 'Nein'],
  nl: ['Ja', 'Nee'],
  fr: ['Oui', 'Non'],
};

type Formats = { number: Intl.NumberFormat; day: Intl.DateTimeFormat; yesNo: [string, string] };

const known = new Map<string, Formats>();

function formatsOf(language: string): Formats {
  const made = known.get(language);
  if (made) return made;
  // In plain English, the order of Europe: 3 May 2026.
  const locale = language === 'en' ? 'en-GB' : language;
  const formats: Formats = {
    number: new Intl.NumberFormat(locale, { maximumFractionDigits: 20 }),
    day: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
    yesNo: YES_NO[language.toLowerCase().split('-')[0]!] ?? YES_NO.en!,
  };
  known.set(language, formats);
  return formats;
}

/** A number that may be a year stays as it is. */
const isYear = (value: number) => Number.isInteger(value) && value >= 1900 && value < 2100;

/** '1 234,5', '3 maj 2026', 'Ja', in Swedish; '' for what is not a value. */
export function valueInWords(type: AttributeType, value: unknown, language: string): string {
  const { number, day, yesNo } = formatsOf(language);
  if (typeof value === 'boolean') return yesNo[value ? 0 : 1];
  if (typeof value === 'number') return isYear(value) ? String(value) : number.format(value);
  if (typeof value !== 'string') return '';
  if (type !== 'date' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const date = new Date(`${value}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? value : day.format(date);
}
