// The link to a person's preference page, for people who work with the person's profile.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import { preferenceToken } from './link';

/** The path of a person's preference page. */
export const readPreferencePath = query({
  name: 'preferences.read-path',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: async (_context, person) => `/p/${preferenceToken(person)}`,
});
