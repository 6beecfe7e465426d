/** Up to two letters that stand for a name: 'KH' for Karin Holm, 'K' for karin@example.com. Emoji and combined letters stay whole. */
export function initialsOf(name: string): string {
  const words = name
    .split('@')[0]!
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const chosen = words.length > 1 ? [words[0]!, words.at(-1)!] : words.slice(0, 1);
  const letters = new Intl.Segmenter('en-GB', { granularity: 'grapheme' });
  return chosen
    .map((word) => [...letters.segment(word)][0]!.segment)
    .join('')
    .toLocaleUpperCase('en-GB');
}
