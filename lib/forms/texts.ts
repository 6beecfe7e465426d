// What a form says by itself, in the languages that it can speak. A form may replace each text by its own.
import { z } from 'zod';
import { AR } from './translations/ar';
import { DA } from './translations/da';
import { DE } from './translations/de';
import { EN, type TextKey, type Texts } from './translations/en';
import { ES } from './translations/es';
import { FI } from './translations/fi';
import { FR } from './translations/fr';
import { IT } from './translations/it';
import { NB } from './translations/nb';
import { NL } from './translations/nl';
import { PL } from './translations/pl';
import { PT } from './translations/pt';
import { SV } from './translations/sv';

export type { TextKey } from './translations/en';

const TEXTS = {
  en: EN,
  sv: SV,
  nb: NB,
  da: DA,
  fi: FI,
  de: DE,
  nl: NL,
  fr: FR,
  es: ES,
  it: IT,
  pl: PL,
  pt: PT,
  ar: AR,
} satisfies Record<string, Texts>;

export type Language = keyof typeof TEXTS;
export const LANGUAGES = Object.keys(TEXTS) as [Language, ...Language[]];

/** Names of the languages, in themselves. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  sv: 'Svenska',
  nb: 'Norsk bokmål',
  da: 'Dansk',
  fi: 'Suomi',
  de: 'Deutsch',
  nl: 'Nederlands',
  fr: 'Français',
  es: 'Español',
  it: 'Italiano',
  pl: 'Polski',
  pt: 'Português',
  ar: 'العربية',
};

const RIGHT_TO_LEFT: readonly Language[] = ['ar'];
export const directionOf = (language: Language): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr');

/** The first of a browser's languages (Accept-Language) that we speak. */
export function languageFor(accepted: string): Language {
  const wanted = accepted
    .slice(0, 500)
    .split(',')
    .map((entry) => {
      const [tag = '', weight] = entry
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q\s*=\s*/);
      return { language: tag.split('-')[0]!.replace(/^n[no]$/, 'nb'), weight: Number(weight ?? 1) || 0 };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  for (const { language } of wanted) {
    const known = LANGUAGES.find((ours) => ours === language);
    if (known) return known;
  }
  return 'en';
}

/** Texts of a form's own; an empty one is that of the language. */
export const OwnTextsSchema = z
  .partialRecord(z.enum(Object.keys(EN) as [TextKey, ...TextKey[]]), z.string().trim().max(500))
  .default({});

/** What a form says, with values filled in. */
export function textOf(
  { language, texts }: { language: Language; texts: Partial<Texts> },
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return (texts[key] || TEXTS[language][key]).replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
