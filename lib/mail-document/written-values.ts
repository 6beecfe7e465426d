// Values in texts that people write with braces around their names: in SMS and in ready-made HTML. They are kept by id, so that a rename breaks
// nothing. Imports no server code, so that the editors can use it.
import type { AttributeId } from '@/lib/db/ids';

export type NamedAttribute = { id: AttributeId; name: string };

/** Names are compared without case and surrounding blanks. */
export const foldedName = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** What a name means, also the number of something that is gone, as `nameOf` writes it. */
export function idNamed<Id extends number>(name: string, things: readonly { id: Id; name: string }[]): Id | undefined {
  const wanted = foldedName(name);
  const gone = /^#([1-9]\d{0,8})$/.exec(wanted)?.[1];
  if (gone !== undefined) return Number(gone) as Id;
  return things.find((thing) => foldedName(thing.name) === wanted)?.id;
}

/** The attribute that a name means. */
export const attributeNamed = (name: string, attributes: readonly NamedAttribute[]): AttributeId | undefined =>
  idNamed(name, attributes);

/** The name of something; the number of what is gone. */
export const nameOf = <Id extends number>(id: Id, things: readonly { id: Id; name: string }[]): string =>
  things.find((thing) => thing.id === id)?.name ?? `#${id}`;

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
