// Canonical spelling of text that looks the same: for profile keys, names and values from every source.

/** Invisible characters: zero-width spaces and joiners, soft hyphens, direction marks, fillers. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const HAS_INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Spaces of other widths. Line breaks and tabs are not included. */
const WIDE_SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/gu;

const JOINERS = new Set([0x200c, 0x200d]);
const EMOJI_VARIATION = 0xfe0f;
const BLACK_FLAG = 0x1f3f4;
const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u;
/** Scripts in which a joiner changes how letters connect, and so how a word looks. */
const JOINING_LETTER =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Mongolian}\p{Script=Syriac}]/u;

/**
 * Text that a person types is far shorter. NFC takes quadratic time in the longest run of combining marks, so external text is
 * limited before it is normalised.
 */
export const COMPOSED_MAX = 4_000;

/**
 * Normalises to NFC and removes invisible characters that change nothing: a soft hyphen, a zero-width space, a variation selector
 * after a letter. Keeps those with a visible effect: joiners within emoji and within words of scripts that use them, the emoji
 * style after a symbol, the letters of flags.
 */
export function canonicalText(text: string): string {
  const composed = text.normalize('NFC');
  return HAS_INVISIBLE.test(composed) ? withoutHidden(composed).normalize('NFC') : composed;
}

/**
 * Removes the same invisible characters as `canonicalText`, among them those that reverse the direction of text, and normalises
 * nothing: linear in the length, so for text of any length.
 */
export function withoutHidden(text: string): string {
  if (!HAS_INVISIBLE.test(text)) return text;
  const characters = [...text];
  return characters.filter((character, index) => isMeaningful(characters, index, character)).join('');
}

/** NFC without any invisible characters, and with plain spaces: for keys. */
export function withoutInvisible(text: string): string {
  return text.normalize('NFC').replace(INVISIBLE, '').replace(WIDE_SPACES, ' ').normalize('NFC');
}

function isMeaningful(characters: readonly string[], index: number, character: string): boolean {
  if (!HAS_INVISIBLE.test(character)) return true;
  const code = character.codePointAt(0)!;
  const before = characters[index - 1] ?? '';
  const after = characters[index + 1] ?? '';
  if (JOINERS.has(code)) {
    const inEmoji = code === 0x200d && PICTOGRAPH.test(before) && PICTOGRAPH.test(after);
    return inEmoji || (JOINING_LETTER.test(before) && JOINING_LETTER.test(after));
  }
  if (code === EMOJI_VARIATION) return /\p{Emoji}/u.test(before);
  if (code >= 0xe0020 && code <= 0xe007f) return isFlagLetter(characters, index);
  return false;
}

/** Tag characters after a black flag spell a region's flag. */
function isFlagLetter(characters: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0 && at >= index - 8; at--) {
    const code = characters[at]!.codePointAt(0)!;
    if (code === BLACK_FLAG) return true;
    if (code < 0xe0020 || code > 0xe007f) return false;
  }
  return false;
}
