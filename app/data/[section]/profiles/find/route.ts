import { readRoute } from '@/app/read-route';
import { findProfilesByText } from '@/lib/profiles/reads';

/** A few profiles whose name or a key begins with `?q=`. */
export const GET = readRoute(({ actor, section, search, request }) =>
  findProfilesByText(actor, { sectionId: section.id, text: search.get('q') ?? '' }, { signal: request.signal }),
);
