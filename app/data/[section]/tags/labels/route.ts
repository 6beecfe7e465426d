import { listed, readRoute } from '@/app/read-route';
import { readTagLabels } from '@/lib/tags/reads';

/** The visible ones of the tags in `?ids=1,2,3`. */
export const GET = readRoute(({ actor, section, search }) =>
  readTagLabels(actor, { sectionId: section.id, tagIds: listed(search, 'ids') }),
);
