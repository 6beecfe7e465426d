// Reads of people that combine all subjects.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import { TIMELINES } from './followers';
import { profileTimeline } from './timeline';

/** A page of what happened to a profile, newest first. */
export const readTimeline = query({
  name: 'profiles.read-timeline',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    profileId: ProfileIdSchema,
    before: z.string().max(100).optional(),
    only: z.enum(TIMELINES.map(({ stream }) => stream)).optional(),
  }),
  run: ({ db }, { sectionId, profileId, ...page }) => profileTimeline(db, sectionId, profileId, page),
});
