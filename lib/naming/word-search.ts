// Finds names by what somebody types: words in any order, their beginnings are enough, and one wrong letter in a word is forgiven.
import { nameKey } from './names';

/** Text as it is searched: folded once, since folding thousands of names takes a while. `joined`: the key without `BETWEEN_WORDS`. */
export type Searchable = { key: string; words: readonly string[]; joined: string };

/** Marks that people leave out when they type: accents, Hebrew points and Arabic vowels. The column `tag.search_key` is without them too. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/gu;

/** What people put between words, or leave out. `tag.search_joined` is without it. */
const BETWEEN_WORDS = /[ \-_./:,;&+|()'’–—]/gu;

/** Folds case, width, accents and white space. */
export function searchable(text: string): Searchable {
  const key = nameKey(text).normalize('NFKD').replace(ACCENTS, '');
  const words = key.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
  return { key, words, joined: key.replace(BETWEEN_WORDS, '') };
}

const FORGIVEN_FROM = 4;
const FORGIVEN_TO = 30;

/** Short words and numbers have to be right: with one letter off, they could be any other. */
const isForgiven = (word: string) => word.length >= FORGIVEN_FROM && word.length <= FORGIVEN_TO && !/\p{N}/u.test(word);

/**
 * How well a text matches: 0 not at all; 1 if a letter is wrong, or only the spaces between words differ; then rising to 5. Every word
 * that was typed has to be found. A text without words, such as '👍' or '%', has to be contained as it is.
 */
export function matchScore(wanted: Searchable, text: Searchable): number {
  if (wanted.key === '') return 5;
  if (text.key === wanted.key) return 5;
  if (text.key.startsWith(wanted.key)) return 4;
  if (text.key.includes(wanted.key)) return 3;
  if (wanted.words.length === 0) return 0;
  let least = 2;
  for (const word of wanted.words) {
    if (text.key.includes(word)) continue;
    if (!isForgiven(word) || !text.words.some((other) => beginsNearly(other, word))) return isJoined(wanted, text);
    least = 1;
  }
  return least;
}

/** Shorter text without spaces is found within too many names. */
export const JOINED_FROM = 4;

/** 'webshop' for 'Web shop'. */
const isJoined = ({ joined }: Searchable, text: Searchable): 0 | 1 =>
  joined.length >= JOINED_FROM && text.joined.includes(joined) ? 1 : 0;

/** Whether a word, or its beginning, is what was typed but for one letter: wrong, missing, too many, or two swapped. */
function beginsNearly(word: string, typed: string): boolean {
  let at = 0;
  while (at < typed.length && word[at] === typed[at]) at++;
  const [one, two] = [typed[at], typed[at + 1]];
  // Most words end here: nothing of what follows would fit.
  if (two !== undefined && two !== word[at + 1] && one !== word[at + 1] && two !== word[at]) return false;
  const goesOn = (from: number, inWord: number) => word.startsWith(typed.slice(from), inWord);
  return (
    goesOn(at + 1, at + 1) ||
    goesOn(at, at + 1) ||
    goesOn(at + 1, at) ||
    (one === word[at + 1] && two === word[at] && goesOn(at + 2, at + 2))
  );
}

/** Before the first letter of a word: more than `searchable` takes for a separator, but all of these. */
const BEFORE_WORD = '(^|[^a-z0-9])';

/**
 * A typed word as a database can look for it in keys of `searchable`. A name that has it nearly contains one of `parts` and matches
 * `pattern`, a regular expression; few others do. Null where no letter is forgiven.
 */
export function nearly(word: string): { parts: string[]; pattern: string } | null {
  if (!isForgiven(word)) return null;
  const letters = [...word];
  const half = Math.floor(letters.length / 2);
  const piece = (from: number, to?: number) => letters.slice(from, to).join('');
  // One wrong letter leaves one half as it is; two that are swapped in the middle leave all but one letter of the first.
  const parts = [piece(0, half), piece(half), piece(0, half - 1) + piece(half, half + 1)];
  const wrong = letters.flatMap((letter, index) => {
    const [before, after] = [piece(0, index), piece(index + 1)];
    const next = letters[index + 1];
    return [
      `${before}.${after}`,
      `${before}.${letter}${after}`,
      `${before}${after}`,
      ...(next === undefined ? [] : [`${before}${next}${letter}${piece(index + 2)}`]),
    ];
  });
  // Letters and digits have no meaning in a regular expression.
  return { parts, pattern: `${BEFORE_WORD}(${[...new Set(wrong)].join('|')})` };
}
