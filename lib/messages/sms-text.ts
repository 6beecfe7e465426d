// The text of an SMS: words, values of the person, and parts for people with or without a tag, all by id, so that a rename breaks nothing. How people
// write it is in sms-written.ts. Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { AttributeIdSchema, TagIdSchema, type AttributeId, type TagId } from '@/lib/db/ids';
import { smsParts, type SmsParts } from '@/lib/sms/parts';
import { namesStop } from '@/lib/sms/stop';
import { destinationOf } from './destination';
import type { MessageSettings } from './schema';
import { withLinks } from './sms-links';

/** Far more than can be sent: a text that is too long is a draft to shorten, not one that cannot be saved. */
export const WRITTEN_MAX = 5_000;
const TOO_LONG = 'This text is too long.';
const PIECES_MAX = 100;
const TOO_MANY = 'This text has too many values in braces.';

/** Every combination of the tags makes a text of its own, and each of them is counted. */
export const TAGS_MAX = 6;

/** `optOut`: the person's own address of the page on which they end it. */
const PLAIN = [
  z.object({ type: z.literal('text'), text: z.string().min(1).max(WRITTEN_MAX, TOO_LONG) }),
  z.object({
    type: z.literal('variable'),
    attributeId: AttributeIdSchema,
    fallback: z.string().max(200).default(''),
  }),
  z.object({ type: z.literal('optOut') }),
] as const;
const PlainPieces = z.array(z.discriminatedUnion('type', [...PLAIN])).max(PIECES_MAX, TOO_MANY);

/** `only`: a part for people with the tag, or without it, and what the others get in its place. */
export const SmsTextSchema = z
  .array(
    z.discriminatedUnion('type', [
      ...PLAIN,
      z.object({
        type: z.literal('only'),
        tagId: TagIdSchema,
        has: z.boolean(),
        then: PlainPieces,
        otherwise: PlainPieces.default([]),
      }),
    ]),
  )
  .max(PIECES_MAX, TOO_MANY)
  .refine(
    (text) => tagsOfSms(text).length <= TAGS_MAX,
    `A text can have parts for ${TAGS_MAX} different tags at most.`,
  );
export type SmsText = z.output<typeof SmsTextSchema>;
export type PlainPiece = z.output<typeof PlainPieces>[number];

/** A part for some. */
export type Only<Piece> = { type: 'only'; tagId: TagId; has: boolean; then: Piece[]; otherwise: Piece[] };

/** A text as a version keeps it: `link` is the place in its list of links. */
export type LinkedPiece = PlainPiece | { type: 'link'; link: number };
export type LinkedSms = (LinkedPiece | Only<LinkedPiece>)[];

/** More parts than this are a mistake: everybody pays each of them, and providers refuse longer texts. */
export const PARTS_MAX = 10;

/** The tags that a text asks for, each once. */
export const tagsOfSms = (text: LinkedSms): TagId[] => [
  ...new Set(text.flatMap((piece) => (piece.type === 'only' ? [piece.tagId] : []))),
];

/** Every piece, whoever gets it. */
export const allPieces = (text: SmsText): PlainPiece[] =>
  text.flatMap((piece) => (piece.type === 'only' ? [...piece.then, ...piece.otherwise] : [piece]));

/** The attributes that a text uses, each once. */
export const attributesOfSms = (text: SmsText): AttributeId[] => [
  ...new Set(allPieces(text).flatMap((piece) => (piece.type === 'variable' ? [piece.attributeId] : []))),
];

/** What a text says to people with these tags. */
const saidTo = (text: LinkedSms, tags: ReadonlySet<TagId>): LinkedPiece[] =>
  text.flatMap((piece) => {
    if (piece.type !== 'only') return [piece];
    return tags.has(piece.tagId) === piece.has ? piece.then : piece.otherwise;
  });

/** All that a text says, to people with any combination of its tags. */
function variantsOf(text: LinkedSms): LinkedPiece[][] {
  const tags = tagsOfSms(text).slice(0, TAGS_MAX);
  return Array.from({ length: 2 ** tags.length }, (_, which) =>
    saidTo(text, new Set(tags.filter((_tag, nth) => (which & (1 << nth)) !== 0))),
  );
}

/** Whether a text says something to everybody, or to some only, or to nobody. */
export function saysSomething(text: SmsText): 'all' | 'some' | 'none' {
  const says = variantsOf(withLinks(text).text).map((variant) =>
    variant.some((piece) => ['variable', 'link'].includes(piece.type) || (piece.type === 'text' && piece.text.trim())),
  );
  return says.every(Boolean) ? 'all' : says.some(Boolean) ? 'some' : 'none';
}

/** Whether everybody can find in a text how to end it: their own address, or a word such as STOP. Not in an address. */
export const saysHowToStop = (text: SmsText): boolean =>
  variantsOf(withLinks(text).text).every((variant) =>
    variant.some((piece) => piece.type === 'optOut' || (piece.type === 'text' && namesStop(piece.text))),
  );

/** Whether a text leads somebody to this installation: to their page, or by a link that is counted. */
export const hasOwnLinks = (text: SmsText, { trackClicks }: Pick<MessageSettings, 'trackClicks'>): boolean =>
  allPieces(text).some(({ type }) => type === 'optOut') || (trackClicks && withLinks(text).links.length > 0);

/** A person, as far as a text asks. */
type Person = { values: ReadonlyMap<AttributeId, string>; tags: ReadonlySet<TagId> };

/** The addresses in one person's SMS. `links`: by their place in the version's list. */
export type SmsAddresses = { optOut: string; links: readonly string[] };

/** The text for a person. Values stay in one line; one of blanks is none. */
export const smsFor = (text: LinkedSms, { values, tags }: Person, addresses: SmsAddresses): string =>
  filled(saidTo(text, tags), addresses, ({ attributeId, fallback }) => {
    const value = (values.get(attributeId) ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
    return value === '' ? fallback : value;
  });

const filled = (
  pieces: readonly LinkedPiece[],
  { optOut, links }: SmsAddresses,
  value: (piece: Extract<PlainPiece, { type: 'variable' }>) => string,
): string =>
  pieces
    .map((piece) => {
      switch (piece.type) {
        case 'text':
          return piece.text;
        case 'link':
          return links[piece.link] ?? '';
        case 'optOut':
          return optOut;
        default:
          return value(piece);
      }
    })
    .join('');

/** How many letters a value is counted with where nobody's is known. */
const USUAL_VALUE = 8;

/** What decides how long links are. `linkLength`: of a person's own address, the same for everybody. */
export type SmsMeasures = { linkLength: number; settings: Pick<MessageSettings, 'trackClicks' | 'utm'> };

/**
 * How a text will be sent to those for whom it takes most, about: values count with their fallback, or as a usual name. Links count as long as they
 * will be.
 */
export function partsOfSms(text: SmsText, { linkLength, settings }: SmsMeasures): SmsParts {
  const { text: linked, links } = withLinks(text);
  const own = 'x'.repeat(linkLength);
  const addresses = {
    optOut: own,
    links: links.map(({ address }) => (settings.trackClicks ? own : destinationOf(address, settings.utm))),
  };
  return variantsOf(linked)
    .map((variant) => smsParts(filled(variant, addresses, ({ fallback }) => fallback || 'x'.repeat(USUAL_VALUE))))
    .reduce((most, one) => (takesMore(one, most) ? one : most));
}

/** Of two that take as many parts, the one in Unicode is to be seen: its characters may be a mistake. */
function takesMore(one: SmsParts, other: SmsParts): boolean {
  if (one.parts !== other.parts) return one.parts > other.parts;
  if (one.encoding !== other.encoding) return one.encoding === 'ucs2';
  return one.units > other.units;
}
