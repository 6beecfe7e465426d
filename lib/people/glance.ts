// Who somebody is at a glance: when they were last seen, what they have agreed to, and which of
// their addresses are suppressed.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { heldConsents } from '@/lib/consents/queries';
import type { HeldConsent } from '@/lib/consents/schema';
import { ProfileIdSchema } from '@/lib/db/ids';
import { one, sql } from '@/lib/db/sql';
import { suppressionsOf, type OwnSuppression } from '@/lib/suppression/reads';
import { lastSeenOf } from './last-seen';

/** `lastSeen`: when they last did something; null where nothing is known of them. */
export type Glance = { lastSeen: Date | null; consents: HeldConsent[]; suppressed: OwnSuppression[] };

export const readGlance = query({
  name: 'profiles.read-glance',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: async ({ db }, { sectionId, profileId }): Promise<Glance> => {
    const { lastSeen } = await one<{ lastSeen: Date | null }>(
      db,
      sql`select ${lastSeenOf(sectionId, profileId)} as "lastSeen"`,
    );
    return {
      lastSeen,
      consents: await heldConsents(db, sectionId, profileId),
      suppressed: await suppressionsOf(db, sectionId, profileId),
    };
  },
});
