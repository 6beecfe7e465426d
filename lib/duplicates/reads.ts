// Reads of possible duplicates for pages.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { z } from 'zod';
import { ProfileIdSchema } from '@/lib/db/ids';
import { duplicatesStatus, listPairs, pairsOfProfile } from './queries';
import { PairPlaceSchema, ReasonSchema } from './schema';

/** A page of pairs: those to decide, the most certain first, or the dismissed ones, the latest first. */
export const readDuplicates = query({
  name: 'duplicates.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    dismissed: z.boolean().default(false),
    reason: ReasonSchema.nullable().default(null),
    after: PairPlaceSchema.nullable().default(null),
  }),
  run: ({ db }, { sectionId, after, ...filter }) => listPairs(db, sectionId, filter, after),
});

/** When duplicates were looked for, how many there are, and what is not looked for. */
export const readDuplicatesStatus = query({
  name: 'duplicates.read-status',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => duplicatesStatus(db, sectionId),
});

/** Profiles that may be the same person as this one, the most certain first. */
export const readDuplicatesOf = query({
  name: 'duplicates.of-profile',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: ({ db }, { sectionId, profileId }) => pairsOfProfile(db, sectionId, profileId),
});
