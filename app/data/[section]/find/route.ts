import { readRoute } from '@/app/read-route';
import { readFoundThings } from '@/lib/home/reads';

/** What is called like `?q=`, without people. */
export const GET = readRoute(({ actor, section, search, request }) =>
  readFoundThings(actor, { sectionId: section.id, text: search.get('q') ?? '' }, { signal: request.signal }),
);
