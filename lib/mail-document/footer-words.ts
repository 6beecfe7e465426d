// The links that every mail ends with, in the languages of the mails.
import type { FooterWords } from './markup';

const WORDS: Record<string, FooterWords> = {
  en: { unsubscribe: 'Unsubscribe', preferences: 'Choose what you get', view: 'View in browser' },
  sv: { unsubscribe: 'Avsluta prenumerationen', preferences: 'Välj vad du får', view: 'Visa i webbläsaren' },
  nb: { unsubscribe: 'Meld deg av', preferences: 'Velg hva du får', view: 'Vis i nettleseren' },
  da: { unsubscribe: 'Afmeld', preferences: 'Vælg, hvad du får', view: 'Vis i browseren' },
  fi: { unsubscribe: 'Peruuta tilaus', preferences: 'Valitse, mitä saat', view: 'Näytä selaimessa' },
  de: { unsubscribe: 'Abmelden', preferences: 'Auswählen, was Sie erhalten', view: 'Im Browser ansehen' },
  nl: { unsubscribe: 'Uitschrijven', preferences: 'Kies wat je ontvangt', view: 'Bekijk in de browser' },
  fr: { unsubscribe: 'Se désabonner', preferences: 'Choisir ce que vous recevez', view: 'Voir dans le navigateur' },
};
const SAME: Record<string, string> = { no: 'nb', nn: 'nb' };

/** Languages with words of their own, by their code in HTML. */
export const MAIL_LANGUAGES: Record<string, string> = {
  en: 'English',
  sv: 'Swedish',
  nb: 'Norwegian',
  da: 'Danish',
  fi: 'Finnish',
  de: 'German',
  nl: 'Dutch',
  fr: 'French',
};

/** The words in a language, or in English. */
export function footerWords(language: string): FooterWords {
  const [code = 'en'] = language.toLowerCase().split('-');
  return WORDS[SAME[code] ?? code] ?? WORDS.en!;
}
