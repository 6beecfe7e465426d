// What a definition (a tag, an attribute, a segment…) may be called, how names are compared, and which existing names
// are suspiciously close to a new one.
import { z } from 'zod';
import { canonicalText, COMPOSED_MAX } from '@/lib/text/canonical';

export const NAME_MAX = 100;

// Control characters, and marks that reverse the direction of the following text.
const FORBIDDEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;

/** A name: composed, without invisible characters, trimmed, inner white space collapsed, 1–100 characters. */
export const NameSchema = z
  .string()
  .max(COMPOSED_MAX, { error: `Use at most ${NAME_MAX} characters.`, abort: true })
  .refine((name) => !FORBIDDEN.test(name.replace(/[\t\n\r]/g, ' ')), {
    message: 'The name has an invisible or control character in it. Type it instead of pasting it.',
  })
  .transform((name) => canonicalText(name).replace(/\s+/gu, ' ').trim())
  .refine((name) => name.length > 0, { message: 'Enter a name.' })
  .refine((name) => [...name].length <= NAME_MAX, { message: `Use at most ${NAME_MAX} characters.` });

/**
 * Joiners between letters and variation selectors: two names that differ only by these look the same. The lookbehind
 * comes last, so that matching is linear.
 */
const STYLE = /[\u200C\u200D](?<=\p{L}\p{M}*[\u200C\u200D])|[\uFE00-\uFE0F]/gu;

/** Most names: nothing to compose, and nothing invisible. */
const PLAIN = /^[\x20-\x7e]*$/;

/** The form in which names are compared: two visible names with the same key are the same name. */
export function nameKey(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase().replace(/ +/g, ' ').trim();
  const key = canonicalText(name.normalize('NFKC')).replace(STYLE, '').toLowerCase().normalize('NFKC');
  return key.replace(/\s+/gu, ' ').trim();
}

/** Cyrillic and Greek letters that look like Latin ones: a name written with them is close to the plain one. */
const LOOKALIKES = new Map(
  Object.entries({
    а: 'a',
    в: 'b',
    с: 'c',
    е: 'e',
    һ: 'h',
    і: 'i',
    ј: 'j',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    ѕ: 's',
    т: 't',
    у: 'y',
    х: 'x',
    α: 'a',
    β: 'b',
    ε: 'e',
    η: 'n',
    ι: 'i',
    κ: 'k',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    χ: 'x',
  }),
);

/** A name without case, spacing, punctuation, accents and plural ending. */
function skeleton(name: string): string {
  const letters = nameKey(name)
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => LOOKALIKES.get(letter) ?? letter);
  return letters.length > 3 ? letters.replace(/(ies|es|s|er|ar|or)$/u, '') : letters;
}

/**
 * Close names, best first: the same except for case, spacing, punctuation or plural; then a prefix; then one or two
 * letters off.
 */
export function nearNames<Candidate extends { name: string }>(
  name: string,
  candidates: readonly Candidate[],
  most = 5,
): Candidate[] {
  const wanted = skeleton(name);
  if (!wanted) return [];
  const scored: { candidate: Candidate; score: number }[] = [];
  for (const candidate of candidates) {
    const score = nearness(wanted, skeleton(candidate.name));
    if (score > 0) scored.push({ candidate, score });
  }
  return scored
    .sort((left, right) => right.score - left.score)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

function nearness(wanted: string, other: string): number {
  if (!other) return 0;
  if (wanted === other) return 3;
  const [short, long] = wanted.length < other.length ? [wanted, other] : [other, wanted];
  if (short.length >= 4 && long.startsWith(short) && short.length / long.length > 0.6) return 2;
  const allowed = short.length >= 8 ? 2 : short.length >= 4 ? 1 : 0;
  return allowed > 0 && long.length - short.length <= allowed && distanceWithin(wanted, other, allowed) ? 1 : 0;
}

/** Whether two words are at most `most` edits apart (Levenshtein, stopping as soon as there are more). */
function distanceWithin(left: string, right: string, most: number): boolean {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current[column] = Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution);
    }
    if (Math.min(...current) > most) return false;
    previous = current;
  }
  return previous[right.length]! <= most;
}

/** 'Spring (2026-11-27 14:30)', in UTC: for a copy of one's own that nobody has named yet. */
export const nameWithTime = (name: string, now = new Date()): string =>
  `${[...name].slice(0, 80).join('')} (${now.toISOString().slice(0, 16).replace('T', ' ')})`;
