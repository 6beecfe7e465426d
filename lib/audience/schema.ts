// Who gets a message, as people choose it. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import { MessageIdSchema, SegmentIdSchema, TagIdSchema } from '@/lib/db/ids';

/** People to include or exclude: those with a tag, the members of a segment, or those who got a message or are about to. */
export const AudiencePartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tag'), id: TagIdSchema }),
  z.object({ kind: z.literal('segment'), id: SegmentIdSchema }),
  z.object({ kind: z.literal('message'), id: MessageIdSchema }),
]);
export type AudiencePart = z.output<typeof AudiencePartSchema>;

export const PARTS_MAX = 50;
const PartsSchema = z
  .array(AudiencePartSchema)
  .max(PARTS_MAX, `Choose at most ${PARTS_MAX} tags, segments and messages.`)
  .transform((parts) => parts.filter((part, index) => parts.findIndex((other) => isSamePart(part, other)) === index));

export const isSamePart = (one: AudiencePart, other: AudiencePart) => one.kind === other.kind && one.id === other.id;

export const MOST_MAX = 10_000_000;

/**
 * `include`: any of these; none means everyone; a service message goes to everyone only if `everyone` is set. `exclude`: none of these, whatever else holds. `most`: a random part of at
 * most so many. Nobody is asked which of two profiles with one address gets it: an address belongs to one profile.
 */
export const AudienceSchema = z.object({
  include: PartsSchema.default([]),
  exclude: PartsSchema.default([]),
  most: z
    .int('Enter a whole number.')
    .min(1, 'Enter 1 or more.')
    .max(MOST_MAX, `Enter at most ${MOST_MAX.toLocaleString('en-GB')}.`)
    .nullable()
    .default(null),
  everyone: z.boolean().optional(),
});
export type Audience = z.output<typeof AudienceSchema>;

export const EVERYONE: Audience = { include: [], exclude: [], most: null, everyone: true };

/** Of a new message. */
export const NOT_CHOSEN: Audience = { include: [], exclude: [], most: null };

/** Marketing goes to those who have agreed. A service message asks nobody, so somebody says whom it goes to, be it everyone. */
export const isChosen = ({ include, everyone }: Audience, kind: 'marketing' | 'service'): boolean =>
  kind === 'marketing' || include.length > 0 || everyone === true;

/** Why somebody who matches does not get it, in the order in which it is asked; `gets`: they do. */
export const AUDIENCE_REASONS = ['noAddress', 'noConsent', 'suppressed', 'overLimit', 'gets'] as const;
export type AudienceReason = (typeof AUDIENCE_REASONS)[number];

/** How many people match, and how many of them for each reason. `leftOut`: how many more would, were nobody excluded; only where that was counted. */
export type AudienceCounts = { matches: number; leftOut?: number } & Record<AudienceReason, number>;

/** A chosen tag, segment or message that cannot be used, and why. `name`: null if it does not exist. */
export type LostPart = { part: AudiencePart; name: string | null; reason: string };
