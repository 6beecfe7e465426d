import { listed, readRoute } from '@/app/read-route';
import { readTagOverlap } from '@/lib/tags/reads';

/**
 * The overlap of the tags in `?ids=1,2,3`, and `at`, the moment of the count. Cancelled in the database when the caller
 * disconnects.
 */
export const GET = readRoute(({ actor, section, search, request }) =>
  readTagOverlap(actor, { sectionId: section.id, tagIds: listed(search, 'ids') }, { signal: request.signal }),
);
