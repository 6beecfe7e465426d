// What the text of an SMS is made of: words, values of the person, and parts for people with or without a tag, all by id, so that a rename breaks
// nothing. How people write it is in sms-written.ts. Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { AttributeIdSchema, TagIdSchema, type AttributeId, type TagId } from '@/lib/db/ids';

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

/** The tags that a text asks for, each once. */
export const tagsOfSms = (text: LinkedSms): TagId[] => [
  ...new Set(text.flatMap((piece) => (piece.type === 'only' ? [piece.tagId] : []))),
];

/** Every piece, including those that only some people get. */
export const allPieces = (text: SmsText): PlainPiece[] =>
  text.flatMap((piece) => (piece.type === 'only' ? [...piece.then, ...piece.otherwise] : [piece]));

/** The attributes that a text uses, each once. */
export const attributesOfSms = (text: SmsText): AttributeId[] => [
  ...new Set(allPieces(text).flatMap((piece) => (piece.type === 'variable' ? [piece.attributeId] : []))),
];
