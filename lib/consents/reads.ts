// Reads of topics.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { requireAllowed } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { countConsents, listTopics } from './queries';

/** The section's topics, by folder and name. `hidden`: also hidden ones, for Admins. */
export const readTopics = query({
  name: 'consents.list-topics',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ hidden: z.boolean().default(false) }),
  run: ({ db, actor }, { sectionId, hidden }) => {
    if (hidden) requireAllowed(actor, 'admins');
    return listTopics(db, sectionId, { hidden });
  },
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
