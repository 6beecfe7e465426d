// Values in texts that people write with braces around their names: in SMS and in ready-made HTML. They are kept by id, so that a rename breaks
// nothing. Imports no server code, so that the editors can use it.
import type { AttributeId } from '@/lib/db/ids';

export type NamedAttribute = { id: AttributeId; name: string };

/** Names are compared without case and surrounding blanks. */
export const foldedName = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** The attribute that a name means, also the number of one that is gone, as `nameOf` writes it. */
export function attributeNamed(name: string, attributes: readonly NamedAttribute[]): AttributeId | undefined {
  const wanted = foldedName(name);
  const known = attributes.find((attribute) => foldedName(attribute.name) === wanted);
  const gone = /^#(\d{1,9})$/.exec(wanted)?.[1];
  return known?.id ?? (gone === undefined ? undefined : (Number(gone) as AttributeId));
}

/** An attribute's name; the number of one that is gone. */
export const nameOf = (id: AttributeId, attributes: readonly NamedAttribute[]): string =>
  attributes.find((attribute) => attribute.id === id)?.name ?? `#${id}`;

/** Parts a text at what is a value. `value`: reads a match of the pattern; undefined: it stays words. */
export function readPieces<Value>(
  written: string,
  pattern: RegExp,
  value: (match: RegExpMatchArray) => Value | undefined,
): ({ type: 'text'; text: string } | Value)[] {
  const pieces: ({ type: 'text'; text: string } | Value)[] = [];
  let from = 0;
  const words = (text: string) => {
    if (text !== '') pieces.push({ type: 'text', text });
  };
  for (const match of written.matchAll(pattern)) {
    const piece = value(match);
    if (piece === undefined) continue;
    words(written.slice(from, match.index));
    pieces.push(piece);
    from = match.index + match[0].length;
  }
  words(written.slice(from));
  return pieces;
}
