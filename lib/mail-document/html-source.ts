// The HTML of a block as people write it, with values as {{First name|there}}, and as it is kept: values by id, so that a rename breaks nothing.
// Imports no server code, so that the editor can use it.
import type { AttributeId } from '@/lib/db/ids';
import { GivenNameSchema, type HtmlSource } from './schema';

export type NamedAttribute = { id: AttributeId; name: string };

/** A name, and after a line the words for people without a value. Liquid's `| default: "there"` means the same. */
const VALUE =
  /\{\{\s*([^{}|\n]{1,200}?)\s*(?:\|\s*(?:default:\s*"([^"{}\n]{0,200})"|default:\s*'([^'{}\n]{0,200})'|([^{}|\n]{0,200}?))\s*)?\}\}/g;

/** Stands before the name of a value that a call of the API gives. */
export const GIVEN_PREFIX = 'api.';

const folded = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** The HTML as people write it. A value whose attribute is gone is shown by its number. */
export const writtenHtml = (source: HtmlSource, attributes: readonly NamedAttribute[]): string =>
  source
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      const name =
        piece.type === 'given'
          ? `${GIVEN_PREFIX}${piece.name}`
          : (attributes.find(({ id }) => id === piece.attributeId)?.name ?? `#${piece.attributeId}`);
      return valueAs(name, piece.fallback);
    })
    .join('');

/** A value as people write it. */
export const valueAs = (name: string, fallback: string): string =>
  fallback === '' ? `{{${name}}}` : `{{${name}|${fallback}}}`;

/** Reads what was written. Braces around what is no value stay as they are: `strayFields` finds them. */
export function readHtml(written: string, attributes: readonly NamedAttribute[]): HtmlSource {
  const source: HtmlSource = [];
  let from = 0;
  const words = (text: string) => {
    if (text !== '') source.push({ type: 'text', text });
  };
  for (const match of written.matchAll(VALUE)) {
    const piece = pieceOf(match, attributes);
    if (!piece) continue;
    words(written.slice(from, match.index));
    source.push(piece);
    from = match.index + match[0].length;
  }
  words(written.slice(from));
  return source;
}

function pieceOf(
  [, name = '', ...fallbacks]: RegExpMatchArray,
  attributes: readonly NamedAttribute[],
): Exclude<HtmlSource[number], { type: 'text' }> | undefined {
  const fallback = (fallbacks.find((one) => one !== undefined) ?? '').trim();
  const wanted = folded(name);
  const known = attributes.find((attribute) => folded(attribute.name) === wanted);
  if (known) return { type: 'variable', attributeId: known.id, fallback };
  const gone = /^#(\d{1,9})$/.exec(wanted)?.[1];
  if (gone !== undefined) return { type: 'variable', attributeId: Number(gone) as AttributeId, fallback };
  const given = wanted.startsWith(GIVEN_PREFIX) && GivenNameSchema.safeParse(wanted.slice(GIVEN_PREFIX.length));
  return given && given.success ? { type: 'given', name: given.data, fallback } : undefined;
}

/** Fields of this or another tool that stand in the HTML and are no value here: people would read them as they stand. */
export const strayFields = (source: HtmlSource): string[] => [
  ...new Set(
    source.flatMap((piece) =>
      piece.type === 'text'
        ? (piece.text.match(/\{\{[^{}]{0,200}\}\}|\{%[^{}]{0,200}%\}|\*\|[A-Z][\w:]{0,60}\|\*/g) ?? [])
        : [],
    ),
  ),
];
