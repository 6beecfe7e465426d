import { problem, readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { Interrupted, interruptible } from '@/lib/db/interruptible';
import { OverlapTagsSchema, tagOverlap } from '@/lib/tags/overlap';

const SLOWEST_SECONDS = 60;
/** What nginx says of a caller who has left; nobody reads it. */
const LEFT = 499;

/** How the tags in `?ids=1,2,3` overlap, and `at`, when that was so. The database stops when the caller leaves. */
export const GET = readRoute(async ({ section, search, request }) => {
  const ids = parseInput(OverlapTagsSchema, (search.get('ids') ?? '').split(',').filter(Boolean));
  const at = new Date().toISOString();
  try {
    const overlap = await interruptible({ signal: request.signal, seconds: SLOWEST_SECONDS }, (db) =>
      tagOverlap(db, section.id, ids),
    );
    return { ...overlap, at };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (error.why === 'abandoned') return problem(LEFT, error.message);
    return problem(
      503,
      `Counting took longer than ${SLOWEST_SECONDS} seconds and was stopped. Choose fewer tags, or try again later.`,
    );
  }
});
