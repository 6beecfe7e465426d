import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { withTimeout } from '@/lib/access/with-timeout';
import { OverlapTagsSchema, tagOverlap } from '@/lib/tags/overlap';

/** How the tags in `?ids=1,2,3` overlap, and `at`, when that was so. The database stops when the caller leaves. */
export const GET = readRoute(async ({ actor, section, search, request }) => {
  const ids = parseInput(OverlapTagsSchema, (search.get('ids') ?? '').split(',').filter(Boolean));
  const at = new Date().toISOString();
  const overlap = await withTimeout({ actor, signal: request.signal }, (db) => tagOverlap(db, section.id, ids));
  return { ...overlap, at };
});
