// The text of an SMS: words and values of the person by id, so that a rename breaks nothing. People write a value as {First name}, or with words
// for those without one as {First name|there}. Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { AttributeIdSchema, type AttributeId } from '@/lib/db/ids';
import { smsParts, type SmsParts } from '@/lib/sms/parts';

export const SmsTextSchema = z
  .array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string().min(1).max(1_600) }),
      z.object({
        type: z.literal('variable'),
        attributeId: AttributeIdSchema,
        fallback: z.string().max(200).default(''),
      }),
    ]),
  )
  .max(100);
export type SmsText = z.output<typeof SmsTextSchema>;

export type NamedAttribute = { id: AttributeId; name: string };

/** What stands between braces: a name, and after a line the words for people without a value. */
const VALUE = /\{([^{}|\n]{1,200})(?:\|([^{}|\n]{0,200}))?\}/g;

const folded = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** A text as people write it. A value whose attribute is gone is shown by its number. */
export const writtenSms = (text: SmsText, attributes: readonly NamedAttribute[]): string =>
  text
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      const name = attributes.find(({ id }) => id === piece.attributeId)?.name ?? `#${piece.attributeId}`;
      return piece.fallback === '' ? `{${name}}` : `{${name}|${piece.fallback}}`;
    })
    .join('');

/** Reads what was written. Braces around what is no attribute's name stay words. */
export function readSms(written: string, attributes: readonly NamedAttribute[]): SmsText {
  const pieces: SmsText = [];
  let from = 0;
  const words = (text: string) => {
    if (text !== '') pieces.push({ type: 'text', text });
  };
  for (const match of written.matchAll(VALUE)) {
    const name = folded(match[1]!);
    const gone = /^#(\d+)$/.exec(name)?.[1];
    const known = attributes.find((attribute) => folded(attribute.name) === name);
    const attributeId = known?.id ?? (gone === undefined ? undefined : (Number(gone) as AttributeId));
    if (attributeId === undefined) continue;
    words(written.slice(from, match.index));
    pieces.push({ type: 'variable', attributeId, fallback: match[2]?.trim() ?? '' });
    from = match.index + match[0].length;
  }
  words(written.slice(from));
  return pieces;
}

/** What stands in braces and is no value: most likely a typing mistake. */
export const unknownNames = (text: SmsText): string[] =>
  text.flatMap((piece) => (piece.type === 'text' ? [...piece.text.matchAll(VALUE)].map((match) => match[0]) : []));

/** The attributes that a text uses, each once. */
export const attributesOfSms = (text: SmsText): AttributeId[] => [
  ...new Set(text.flatMap((piece) => (piece.type === 'variable' ? [piece.attributeId] : []))),
];

/** The text for a person. `values`: theirs, in words. A value of blanks is none. */
export const smsFor = (text: SmsText, values: ReadonlyMap<AttributeId, string>): string =>
  text
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      const value = values.get(piece.attributeId)?.trim() ?? '';
      return value === '' ? piece.fallback : value;
    })
    .join('');

/** How many letters a value is counted with where nobody's is known. */
const USUAL_VALUE = 8;

/** How a text will be sent, about: values count with their fallback, or as a usual name. */
export const partsOfSms = (text: SmsText): SmsParts =>
  smsParts(
    text.map((piece) => (piece.type === 'text' ? piece.text : piece.fallback || 'x'.repeat(USUAL_VALUE))).join(''),
  );
