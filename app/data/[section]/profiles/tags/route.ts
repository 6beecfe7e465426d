import { listed, readRoute } from '@/app/read-route';
import { readTagsOfProfiles } from '@/lib/profiles/reads';

/** How many of the profiles `?ids=1,2,3` have each tag. */
export const GET = readRoute(({ actor, section, search }) =>
  readTagsOfProfiles(actor, { sectionId: section.id, profileIds: listed(search, 'ids') }),
);
