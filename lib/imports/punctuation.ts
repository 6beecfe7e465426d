// Rates whether a non-ASCII character that is not a letter is in a usual position: O’Brien, 25 °C, 300 €, – between
// words. Letters misread in a wrong encoding are in arbitrary positions.

const [FITS, POSSIBLE, UNUSUAL, ODD] = [1, 0, -0.3, -1];
/** The number of characters examined on either side. */
const AROUND = 8;
/** How far back an opening quote may be. */
const QUOTED = 200;

const LETTER = /\p{L}/u;
/** Symbols that count as letters in Unicode. */
const NOT_LETTERS = /[ªºµ]/;
const SEPARATOR = /^$|^[\s,;:.!?()"/]/;
/** What precedes an apostrophe (O’Brien, l’été) or follows it (it’s, we’ll). */
const ELISION = /(?:^|[^\p{L}])(?:(?:O|[ldjnmtsc]|qu|all|dall|dell|nell|sull|un)$|[LD]$)/iu;
const CONTRACTION = /^(?:s|t|d|m|ll|re|ve)(?!\p{L})/iu;

/** By character: whether it fits between the text before and after it. */
const RULES: [characters: string, fits: (before: string, after: string) => boolean][] = [
  ['–—', (before, after) => /(?:^|[\s\d,;"])$/.test(before) && /^(?:$|[\s\d,;"])/.test(after)],
  ['…', (before, after) => /\S$/.test(before) && SEPARATOR.test(after)],
  ['€£¥¢₧', (before, after) => /\d[\s\u00A0]?$/.test(before) || /^[\s\u00A0]?\d/.test(after)],
  ['‰', (before) => /\d[\s\u00A0]?$/.test(before)],
  ['°', (before, after) => /(?:\d[\s\u00A0]?|\bn)$/i.test(before) && /^(?:[CF](?!\p{L})|[^\p{L}]|$)/u.test(after)],
  ['ªº', (before, after) => /(?:\d|\bn)$/i.test(before) && !LETTER.test(after[0] ?? '')],
  ['µ', (before, after) => /(?:^|[\d\s])$/.test(before) && /^[mglsAVF](?!\p{L})/u.test(after)],
  ['®™', (before, after) => /[\p{L}\d]$/u.test(before) && SEPARATOR.test(after)],
  ['©', (before, after) => SEPARATOR.test(before.slice(-1)) && /^[\s\d\p{L}]/u.test(after)],
  ['±', (before, after) => /(?:^|[\s\d])$/.test(before) && /^[\s\d]/.test(after)],
  ['×', (before, after) => /[\s\d]$/.test(before) && /^[\s\d]/.test(after)],
  ['§', (_before, after) => /^[\s\u00A0§]?\d/.test(after)],
  ['½¼¾', (before, after) => /(?:^|[\s\d,;"])$/.test(before) && !LETTER.test(after[0] ?? '')],
  ['²³', (before, after) => /(?:^|[^\p{L}])[kdc]?[mx]$/iu.test(before) && !LETTER.test(after[0] ?? '')],
  ['·•', (before, after) => SEPARATOR.test(before.slice(-1)) && SEPARATOR.test(after)],
  ['¿¡', (before, after) => SEPARATOR.test(before.slice(-1)) && LETTER.test(after[0] ?? '')],
  ['\u00A0', (before, after) => /\S$/.test(before) && /^\S/.test(after)],
  ['“„‘‚«‹', (before, after) => /(?:^|[\s([,;"])$/.test(before) && /^[\p{L}\d\s\u00A0]/u.test(after)],
  ['”’»›', (before, after) => /[\p{L}\d.!?%…)\s\u00A0]$/u.test(before) && SEPARATOR.test(after)],
];
const OPENING: Record<string, string> = { '”': '“„”', '“': '„', '’': '‘‚’', '‘': '‚', '»': '«', '›': '‹' };
const FOR = new Map(RULES.flatMap(([characters, fits]) => [...characters].map((character) => [character, fits])));
const EAST_ASIAN = /[№、。・（）「」\u3000]/;

/** From −1 (odd) to 1 (usual position); null for a letter. */
export function positionLikelihood(text: string, at: number): number | null {
  const character = text[at]!;
  if (LETTER.test(character) && !NOT_LETTERS.test(character)) return null;
  const before = text.slice(Math.max(0, at - AROUND), at);
  const after = text.slice(at + 1, at + 1 + AROUND);
  const betweenLetters = LETTER.test(before.at(-1) ?? '') && LETTER.test(after[0] ?? '');
  if (character === '’' && betweenLetters) return isApostrophe(before, after) ? FITS : POSSIBLE;
  if (character === '\u00A0' && betweenLetters) return /\p{Lu}/u.test(after[0]!) ? FITS : FITS / 2;
  const fits = FOR.get(character);
  if (fits?.(before, after) && isOpened(text, at)) return FITS;
  if (closesQuote(text, at, after)) return FITS;
  if (EAST_ASIAN.test(character)) return POSSIBLE;
  const beside = LETTER.test(before.at(-1) ?? '') || LETTER.test(after[0] ?? '');
  if (fits) return betweenLetters ? ODD / 2 : POSSIBLE;
  return beside ? ODD : UNUSUAL;
}

function isApostrophe(before: string, after: string): boolean {
  if (CONTRACTION.test(after)) return true;
  const [elided] = ELISION.exec(before) ?? [];
  // D’Angelo, l’été and d’Artagnan, but not "D’az": a misread Díaz.
  return elided !== undefined && (/\p{Lu}/u.test(after[0]!) || !/\p{Lu}/u.test(before.at(-1)!));
}

/** Whether a closing quote was opened on its line; other characters need no opening. */
function isOpened(text: string, at: number): boolean {
  const opening = OPENING[text[at]!];
  if (opening === undefined || text[at] === '“' || text[at] === '‘') return true;
  return hasOpening(text, at, opening);
}

/** “ and ‘ close German quotes. */
function closesQuote(text: string, at: number, after: string): boolean {
  const character = text[at]!;
  return (character === '“' || character === '‘') && SEPARATOR.test(after) && hasOpening(text, at, OPENING[character]!);
}

function hasOpening(text: string, at: number, opening: string): boolean {
  const line = text.slice(Math.max(text.lastIndexOf('\n', at - 1) + 1, at - QUOTED), at);
  return [...opening].some((character) => line.includes(character));
}
