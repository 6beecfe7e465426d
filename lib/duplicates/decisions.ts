// What people decide about a pair: not the same person. Remembered until somebody takes it back.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ProfileIdSchema, SectionIdSchema, type ProfileId, type SectionId } from '@/lib/db/ids';
import { execute, sql, type Sql } from '@/lib/db/sql';

const OfPair = z.object({ sectionId: SectionIdSchema, first: ProfileIdSchema, second: ProfileIdSchema });

const thisPair = (sectionId: SectionId, first: ProfileId, second: ProfileId): Sql => sql`
  section_id = ${sectionId} and first_profile_id = ${Math.min(first, second)}
    and second_profile_id = ${Math.max(first, second)}`;

const GONE =
  'This pair is no longer listed: one of the two profiles was changed, merged or deleted meanwhile. There is nothing to decide.';

/** Remembers that two profiles are not the same person. Refuses with `not_found` if the pair is not listed any more. */
export const dismissPair = command({
  name: 'duplicates.dismiss',
  scope: 'section',
  allow: 'everyone',
  input: OfPair,
  run: async ({ tx, actor }, { sectionId, first, second }) => {
    const decided = await execute(
      tx,
      sql`
        update duplicate_pair
        set dismissed_by = case when dismissed_at is null then ${actorUserId(actor)}::int else dismissed_by end,
          dismissed_at = coalesce(dismissed_at, ${new Date()}::timestamptz)
        where ${thisPair(sectionId, first, second)}`,
    );
    if (decided === 0) refuse('not_found', GONE);
    return {};
  },
  audit: ({ first, second }) => ({
    summary: 'Decided that two profiles are not the same person',
    subject: `profile:${first}`,
    details: { first, second },
  }),
});

/** Takes such a decision back. Refuses with `not_found` if the pair is not listed any more. */
export const restorePair = command({
  name: 'duplicates.restore',
  scope: 'section',
  allow: 'everyone',
  input: OfPair,
  run: async ({ tx }, { sectionId, first, second }) => {
    const restored = await execute(
      tx,
      sql`
        update duplicate_pair set dismissed_at = null, dismissed_by = null
        where ${thisPair(sectionId, first, second)}`,
    );
    if (restored === 0) refuse('not_found', GONE);
    return {};
  },
  audit: ({ first, second }) => ({
    summary: 'Took back that two profiles are not the same person',
    subject: `profile:${first}`,
    details: { first, second },
  }),
});
