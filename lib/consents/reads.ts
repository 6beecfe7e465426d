// Reads of topics.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { countConsents, listTopics } from './queries';

/** The section's visible topics, by folder and name. */
export const readTopics = query({
  name: 'consents.list-topics',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => listTopics(db, sectionId),
});

/** How many people have each consent. */
export const readTopicCounts = query({
  name: 'consents.count',
  scope: 'section',
  allow: 'admins',
  timeLimit: 'slow',
  input: InSection,
  run: ({ db }, { sectionId }) => countConsents(db, sectionId),
});
