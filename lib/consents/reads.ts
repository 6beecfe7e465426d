// Reads of topics for the API.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { listTopics } from './queries';

/** The section's topics, by name. */
export const readTopics = query({
  name: 'consents.list-topics',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => listTopics(db, sectionId),
});
