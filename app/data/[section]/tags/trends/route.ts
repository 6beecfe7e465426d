import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { TagIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { tagTrends } from '@/lib/tags/queries';

const Ids = z.array(TagIdSchema).max(200);

/** The last 30 days of the tags in `?ids=1,2,3`: those that a table shows at the moment. */
export const GET = readRoute(({ section, search }) => {
  const ids = parseInput(Ids, (search.get('ids') ?? '').split(',').filter(Boolean));
  return tagTrends(pool(), section.id, ids);
});
