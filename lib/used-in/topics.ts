// Hiding a topic and showing it again, with what follows for its users.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { writeTopicHidden } from '@/lib/consents/topics';
import { SectionIdSchema, TopicIdSchema } from '@/lib/db/ids';
import { takeUpWaitingFor } from '@/lib/forms/waiting';

/** Hides a topic, so that it is no longer offered, or shows it again: then submissions of forms that waited for it are applied. */
export const setTopicHidden = command({
  name: 'topics.set-hidden',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, topicId: TopicIdSchema, hidden: z.boolean() }),
  run: async ({ tx, prisma }, input) => {
    const { name } = await writeTopicHidden({ tx, prisma }, input);
    if (!input.hidden) await takeUpWaitingFor(tx, input.sectionId, { kind: 'topic', id: input.topicId }, new Date());
    return { name };
  },
  audit: ({ topicId, hidden }, { name }) => ({
    summary: `${hidden ? 'Hid' : 'Showed'} the topic “${name}”`,
    subject: `topic:${topicId}`,
  }),
});
