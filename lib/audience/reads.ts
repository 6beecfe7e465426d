// What the Send To step shows: how many people get a message and why others do not, some of them by name, and what can be chosen.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ChannelSchema } from '@/lib/consents/schema';
import { MessageIdSchema, TopicIdSchema } from '@/lib/db/ids';
import { segmentOptions } from '@/lib/segments/queries';
import { countAudience, sampleAudience } from './candidates';
import { lostPartsOf, openAudience } from './open';
import { AUDIENCE_REASONS, AudienceSchema, type AudienceCounts, type LostPart } from './schema';

const Asked = InSection.extend({
  audience: AudienceSchema,
  channel: ChannelSchema,
  kind: z.enum(['marketing', 'service']),
  topicIds: z.array(TopicIdSchema).max(100),
  exceptRecipientsOf: MessageIdSchema.optional(),
});

/** `lost`: what cannot be used; nothing is counted then. */
export type AudienceAnswer = { counts: AudienceCounts | null; lost: LostPart[] };

/** How many people get a message that is not saved yet, and how many do not for each reason. */
export const readAudience = query({
  name: 'audience.count',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: Asked,
  run: async ({ db }, { audience, ...about }): Promise<AudienceAnswer> => {
    const lost = await lostPartsOf(db, about.sectionId, audience);
    if (lost.length > 0) return { counts: null, lost };
    const open = await openAudience(db, about.sectionId, audience);
    return { counts: await countAudience(db, open, about, new Date()), lost };
  },
});

/** Some of those with a reason, by name. */
export const readAudienceSample = query({
  name: 'audience.sample',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: Asked.extend({ reason: z.enum(AUDIENCE_REASONS) }),
  run: async ({ db }, { audience, reason, ...about }) => {
    const open = await openAudience(db, about.sectionId, audience);
    return { people: await sampleAudience(db, open, about, new Date(), reason) };
  },
});

/** The segments that can be chosen. Tags are found by the tag picker's own search. */
export const readAudienceSegments = query({
  name: 'audience.list-segments',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => segmentOptions(db, sectionId),
});
