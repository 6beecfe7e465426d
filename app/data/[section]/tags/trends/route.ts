import { listed, readRoute } from '@/app/read-route';
import { readTagTrends } from '@/lib/tags/reads';

/** The last 30 days of the tags in `?ids=1,2,3`, those visible in a table. */
export const GET = readRoute(({ actor, section, search }) =>
  readTagTrends(actor, { sectionId: section.id, tagIds: listed(search, 'ids') }),
);
