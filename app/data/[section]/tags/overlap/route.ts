import { listed, readRoute } from '@/app/read-route';
import { readTagOverlap } from '@/lib/tags/reads';

/** How the tags in `?ids=1,2,3` overlap, and `at`, when that was so. The database stops when the caller leaves. */
export const GET = readRoute(({ actor, section, search, request }) =>
  readTagOverlap(actor, { sectionId: section.id, tagIds: listed(search, 'ids') }, { signal: request.signal }),
);
