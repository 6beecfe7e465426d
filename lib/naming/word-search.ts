// Finds names by what somebody types: words in any order, their beginnings are enough, and one wrong letter in a word is forgiven.
import { nameKey } from './names';

/** Text as it is searched: folded once, since folding thousands of names takes a while. */
export type Searchable = { key: string; words: readonly string[] };

/** Folds case, width, accents and white space. */
export function searchable(text: string): Searchable {
  const key = nameKey(text).normalize('NFKD').replace(/\p{M}/gu, '');
  return { key, words: key.split(/[^\p{L}\p{N}]+/u).filter(Boolean) };
}

/** Short words and numbers have to be right: with one letter off, they could be any other. */
const isForgiven = (word: string) => word.length >= 4 && !/\p{N}/u.test(word);

/**
 * How well a text matches: 0 not at all; 1 if a letter is wrong; then rising to 5. Every word that was typed has to be found.
 * A text without words, such as '👍' or '%', has to be contained as it is.
 */
export function matchScore(wanted: Searchable, text: Searchable): number {
  if (wanted.key === '') return 5;
  if (text.key === wanted.key) return 5;
  if (text.key.startsWith(wanted.key)) return 4;
  if (text.key.includes(wanted.key)) return 3;
  if (wanted.words.length === 0) return 0;
  let least = 2;
  for (const word of wanted.words) {
    if (text.words.some((other) => other.includes(word))) continue;
    if (!isForgiven(word) || !text.words.some((other) => beginsNearly(other, word))) return 0;
    least = 1;
  }
  return least;
}

/** Whether a word, or its beginning, is at most one letter away from what was typed. */
function beginsNearly(word: string, typed: string): boolean {
  for (const length of [typed.length, typed.length + 1, typed.length - 1]) {
    if (length <= word.length && oneLetterOff(typed, word.slice(0, length))) return true;
  }
  return false;
}

/** One letter wrong, missing, too many, or two swapped. */
function oneLetterOff(left: string, right: string): boolean {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const rest = (text: string, from: number) => text.slice(from);
  return (
    rest(left, at + 1) === rest(right, at + 1) ||
    rest(left, at) === rest(right, at + 1) ||
    rest(left, at + 1) === rest(right, at) ||
    (left[at] === right[at + 1] && left[at + 1] === right[at] && rest(left, at + 2) === rest(right, at + 2))
  );
}
