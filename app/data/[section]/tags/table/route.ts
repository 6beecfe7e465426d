import { readRoute } from '@/app/read-route';
import { readTagTable } from '@/lib/used-in/reads';

/** All rows of the tags table; with `?show=hidden`, the hidden tags. */
export const GET = readRoute(({ actor, section, search }) =>
  readTagTable(actor, { sectionId: section.id, hidden: search.get('show') === 'hidden' }),
);
