// How many parts an SMS takes for the people who get it: personal values differ in length, so some of them are asked for.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { candidates } from '@/lib/audience/candidates';
import { openAudience } from '@/lib/audience/open';
import { AudienceSchema } from '@/lib/audience/schema';
import { TopicIdSchema, type ProfileId } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import { valuesFor } from './render-for';
import { MESSAGE_KINDS, MessageSettingsSchema } from './schema';
import { writtenFor } from './sms';
import { compileSms } from './sms-content';
import { SmsTextSchema } from './sms-pieces';

const SAMPLE = 200;

/** Parts for each person of the sample. `people`: how many those are. */
export type SmsCost = { people: number; least: number; most: number; average: number };

/** What a text takes, over a random sample of those who get it; null: nobody does. Refuses an audience that cannot be used. */
export const readSmsCost = query({
  name: 'messages.read-sms-cost',
  scope: 'section',
  allow: 'everyone',
  timeLimit: 'slow',
  input: InSection.extend({
    text: SmsTextSchema,
    settings: MessageSettingsSchema,
    audience: AudienceSchema,
    kind: z.enum(MESSAGE_KINDS),
    topicIds: z.array(TopicIdSchema).max(100),
  }),
  run: async ({ db }, { sectionId, text, settings, audience, kind, topicIds }): Promise<SmsCost | null> => {
    const now = new Date();
    const open = await openAudience(db, sectionId, audience);
    const about = { sectionId, channel: 'sms', kind, topicIds } as const;
    const sample = await rows<{ id: ProfileId }>(
      db,
      sql`
        select candidate.profile_id as id from (${candidates(open, about, now)}) candidate
        where candidate.reason = 'gets'
        order by hashint8(candidate.profile_id), candidate.profile_id
        limit ${SAMPLE}`,
    );
    const compiled = await compileSms(db, sectionId, text);
    const ids = sample.map(({ id }) => id);
    const people = await valuesFor(db, sectionId, ids, compiled);
    const to = { sectionId, number: null, settings };
    const parts = [...people.values()].map((person) => writtenFor(compiled, to, person).counted.parts);
    if (parts.length === 0) return null;
    return {
      people: parts.length,
      least: Math.min(...parts),
      most: Math.max(...parts),
      average: parts.reduce((sum, one) => sum + one, 0) / parts.length,
    };
  },
});
