import { readRoute } from '@/app/read-route';
import { findProfilesByText } from '@/lib/profiles/reads';

/** Some profiles whose name or a key begins with `?q=`. */
export const GET = readRoute(({ actor, section, search, request }) =>
  findProfilesByText(actor, { sectionId: section.id, text: search.get('q') ?? '' }, { signal: request.signal }),
);
