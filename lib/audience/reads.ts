// What the Send To step shows: how many people get a message and why others do not, some of them by name, and what can be chosen.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ChannelSchema } from '@/lib/consents/schema';
import { MessageIdSchema, TopicIdSchema, type MessageId } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import { segmentOptions, type SegmentOption } from '@/lib/segments/queries';
import { countAudience, countLeftOut, sampleAudience } from './candidates';
import { lostPartsOf, openAudience } from './open';
import { AUDIENCE_REASONS, AudienceSchema, type AudienceCounts, type LostPart } from './schema';

/** Who gets a message, and what it is, as pages ask about it before it is saved. */
export const AudienceAsked = InSection.extend({
  audience: AudienceSchema,
  channel: ChannelSchema,
  kind: z.enum(['marketing', 'service']),
  topicIds: z.array(TopicIdSchema).max(100),
  exceptRecipientsOf: MessageIdSchema.optional(),
  failedOf: MessageIdSchema.optional(),
});

/** `lost`: what cannot be used; nothing is counted then. */
export type AudienceAnswer = { counts: AudienceCounts | null; lost: LostPart[] };

/** How many people get a message that is not saved yet, and how many do not for each reason. */
export const readAudience = query({
  name: 'audience.count',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: AudienceAsked,
  run: async ({ db }, { audience, ...about }): Promise<AudienceAnswer> => {
    const lost = await lostPartsOf(db, about.sectionId, audience);
    if (lost.length > 0) return { counts: null, lost };
    const open = await openAudience(db, about.sectionId, audience);
    return { counts: await countAudience(db, open, about, new Date()), lost };
  },
});

/** How many of those who were chosen are left out again. Asked by itself, so that the count above does not wait for it. */
export const readLeftOut = query({
  name: 'audience.count-left-out',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ audience: AudienceSchema }),
  run: async ({ db }, { sectionId, audience }) => {
    const open = await openAudience(db, sectionId, audience);
    return { people: await countLeftOut(db, open, { sectionId }, new Date()) };
  },
});

/** Some of those with a reason, by name. */
export const readAudienceSample = query({
  name: 'audience.sample',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: AudienceAsked.extend({ reason: z.enum(AUDIENCE_REASONS) }),
  run: async ({ db }, { audience, reason, ...about }) => {
    const open = await openAudience(db, about.sectionId, audience);
    return { people: await sampleAudience(db, open, about, new Date(), reason) };
  },
});

/** What can be chosen besides tags, which the tag picker's own search finds. */
export type AudienceChoices = { segments: SegmentOption[]; messages: { id: MessageId; name: string; at: Date }[] };

/** The segments, and the messages that have gone out, newest first. */
export const readAudienceChoices = query({
  name: 'audience.list-choices',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db }, { sectionId }): Promise<AudienceChoices> => ({
    segments: await segmentOptions(db, sectionId),
    messages: await rows(
      db,
      sql`
        select message.id, message.name, max(send.frozen_at) as at
        from send
        join message on message.section_id = ${sectionId} and message.id = send.message_id
        where send.section_id = ${sectionId} and send.frozen_at is not null
        group by message.section_id, message.id
        order by at desc
        limit ${MESSAGES_OFFERED}`,
    ),
  }),
});

const MESSAGES_OFFERED = 1_000;
