// The text of an SMS: words and values of the person by id, so that a rename breaks nothing. People write a value as {First name}, or with words
// for those without one as {First name|there}. Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { AttributeIdSchema, type AttributeId } from '@/lib/db/ids';
import {
  attributeNamed,
  foldedName,
  nameOf,
  readPieces,
  type NamedAttribute,
} from '@/lib/mail-document/written-values';
import { smsParts, type SmsParts } from '@/lib/sms/parts';
import { namesStop } from '@/lib/sms/stop';

/** Far more than can be sent: a text that is too long is a draft to shorten, not one that cannot be saved. */
export const WRITTEN_MAX = 5_000;
const TOO_LONG = 'This text is too long.';

/** `optOut`: the person's own address of the page on which they end it. */
export const SmsTextSchema = z
  .array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string().min(1).max(WRITTEN_MAX, TOO_LONG) }),
      z.object({
        type: z.literal('variable'),
        attributeId: AttributeIdSchema,
        fallback: z.string().max(200).default(''),
      }),
      z.object({ type: z.literal('optOut') }),
    ]),
  )
  .max(100, 'This text has too many values in braces.');
export type SmsText = z.output<typeof SmsTextSchema>;

/** More parts than this are a mistake: everybody pays each of them, and providers refuse longer texts. */
export const PARTS_MAX = 10;

/** What stands for the address in braces. No attribute is meant by it. */
export const OPT_OUT_NAME = 'Opt-out link';

/** What stands between braces: a name, and after a line the words for people without a value. */
const VALUE = /\{([^{}|\n]{1,200})(?:\|([^{}|\n]{0,200}))?\}/g;

/** A text as people write it. A value whose attribute is gone is shown by its number. */
export const writtenSms = (text: SmsText, attributes: readonly NamedAttribute[]): string =>
  text
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      if (piece.type === 'optOut') return `{${OPT_OUT_NAME}}`;
      const name = nameOf(piece.attributeId, attributes);
      return piece.fallback === '' ? `{${name}}` : `{${name}|${piece.fallback}}`;
    })
    .join('');

/** Reads what was written. Braces around what is no attribute's name stay words. */
export const readSms = (written: string, attributes: readonly NamedAttribute[]): SmsText =>
  readPieces(written, VALUE, (match) => pieceOf(match, attributes));

function pieceOf(
  [, name = '', fallback = '']: RegExpMatchArray,
  attributes: readonly NamedAttribute[],
): Exclude<SmsText[number], { type: 'text' }> | undefined {
  if (foldedName(name) === foldedName(OPT_OUT_NAME)) return { type: 'optOut' };
  const attributeId = attributeNamed(name, attributes);
  return attributeId === undefined ? undefined : { type: 'variable', attributeId, fallback: fallback.trim() };
}

/** What stands in braces and is no value: most likely a typing mistake. */
export const unknownNames = (text: SmsText): string[] =>
  text.flatMap((piece) => (piece.type === 'text' ? [...piece.text.matchAll(VALUE)].map((match) => match[0]) : []));

/** The attributes that a text uses, each once. */
export const attributesOfSms = (text: SmsText): AttributeId[] => [
  ...new Set(text.flatMap((piece) => (piece.type === 'variable' ? [piece.attributeId] : []))),
];

/** Whether a text says something, to somebody at least. */
export const saysSomething = (text: SmsText): boolean =>
  text.some((piece) => piece.type === 'variable' || (piece.type === 'text' && piece.text.trim() !== ''));

/** Whether people can find in a text how to end it: their own address, or a word such as STOP. */
export const saysHowToStop = (text: SmsText): boolean =>
  text.some((piece) => piece.type === 'optOut' || (piece.type === 'text' && namesStop(piece.text)));

/** The text for a person. `values`: theirs, in words, which stay in one line. A value of blanks is none. `optOut`: the address of their page. */
export const smsFor = (text: SmsText, values: ReadonlyMap<AttributeId, string>, optOut: string): string =>
  text
    .map((piece) => {
      if (piece.type === 'text') return piece.text;
      if (piece.type === 'optOut') return optOut;
      const value = (values.get(piece.attributeId) ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
      return value === '' ? piece.fallback : value;
    })
    .join('');

/** How many letters a value is counted with where nobody's is known. */
const USUAL_VALUE = 8;

/** How a text will be sent, about: values count with their fallback, or as a usual name. `optOutLength`: of the address of a page. */
export const partsOfSms = (text: SmsText, optOutLength: number): SmsParts =>
  smsParts(
    text
      .map((piece) => {
        if (piece.type === 'text') return piece.text;
        if (piece.type === 'optOut') return 'x'.repeat(optOutLength);
        return piece.fallback || 'x'.repeat(USUAL_VALUE);
      })
      .join(''),
  );
