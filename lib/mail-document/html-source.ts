// The HTML of a block as people write it, with values as {{First name|there}}, and as it is kept: values by id, so that a rename breaks nothing.
// Imports no server code, so that the editor can use it.
import { GivenNameSchema, type HtmlSource } from './schema';
import { attributeNamed, foldedName, nameOf, readPieces, type NamedAttribute } from './written-values';

/** A name, and after a line the words for people without a value. Liquid's `| default: "there"` means the same. */
const VALUE =
  /\{\{([^{}|]{1,250})(?:\|\s{0,20}(?:default:\s{0,20}"([^"{}\n]{0,200})"|default:\s{0,20}'([^'{}\n]{0,200})'|([^{}|\n]{0,200}))\s{0,20})?\}\}/g;

/** Stands before the name of a value that a call of the API gives. */
export const GIVEN_PREFIX = 'api.';

/** The HTML as people write it. A value whose attribute is gone is shown by its number. */
export const writtenHtml = (source: HtmlSource, attributes: readonly NamedAttribute[]): string =>
  source
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      const name = piece.type === 'given' ? `${GIVEN_PREFIX}${piece.name}` : nameOf(piece.attributeId, attributes);
      return valueAs(name, piece.fallback);
    })
    .join('');

/** A value as people write it. */
export const valueAs = (name: string, fallback: string): string =>
  fallback === '' ? `{{${name}}}` : `{{${name}|${fallback}}}`;

/** Reads what was written. Braces around what is no value stay as they are: `strayFields` finds them. */
export const readHtml = (written: string, attributes: readonly NamedAttribute[]): HtmlSource =>
  readPieces(written, VALUE, (match) => pieceOf(match, attributes));

function pieceOf(
  [, name = '', ...fallbacks]: RegExpMatchArray,
  attributes: readonly NamedAttribute[],
): Exclude<HtmlSource[number], { type: 'text' }> | undefined {
  const fallback = (fallbacks.find((one) => one !== undefined) ?? '').trim();
  const attributeId = attributeNamed(name, attributes);
  if (attributeId !== undefined) return { type: 'variable', attributeId, fallback };
  const wanted = foldedName(name);
  const given = wanted.startsWith(GIVEN_PREFIX) && GivenNameSchema.safeParse(wanted.slice(GIVEN_PREFIX.length));
  return given && given.success ? { type: 'given', name: given.data, fallback } : undefined;
}

const STRAY = /\{\{[^{}\uFFFC]{0,200}\}\}|\{%[^{}\uFFFC]{0,200}%\}|\*\|[A-Z][\w:]{0,60}\|\*/g;

/**
 * Fields of this or another tool that stand in HTML or in a line of text and are no value here: people would read them as they stand. Marks may cut
 * them in pieces.
 */
export const strayFields = (source: readonly { type: string; text?: string }[]): string[] => [
  ...new Set(
    source
      .map(({ text }) => text ?? '\uFFFC')
      .join('')
      .match(STRAY),
  ),
];
