// Words by which people say that they want nothing more. Imports nothing, so that the browser can use it.

/** Words that mean 'send me nothing more'. */
const STOP_WORDS = new Set(
  'stop stopp stopall unsubscribe cancel end quit sluta avsluta avbryt avslutt afmeld lopeta peruuta arret'.split(' '),
);

const wordsOf = (text: string): string[] =>
  text
    .trim()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}]+/u)
    .filter(Boolean);

/** Whether an answer begins with a word that means to stop. */
export function isStop(text: string): boolean {
  const [first = ''] = wordsOf(text);
  return STOP_WORDS.has(first);
}

/** Whether a text has such a word, as in 'Stop? Reply STOP'. */
export const namesStop = (text: string): boolean => wordsOf(text).some((word) => STOP_WORDS.has(word));
