import { readRoute } from '@/app/read-route';
import { requireAllowed } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { listTags } from '@/lib/tags/queries';
import { withUsers } from '@/lib/used-in/queries';

/** All rows of the tags table; with `?show=hidden`, the hidden tags. */
export const GET = readRoute(async ({ actor, section, search }) => {
  requireAllowed(actor, 'admins');
  const tags = await listTags(pool(), section.id, { hidden: search.get('show') === 'hidden' });
  return withUsers(pool(), section.id, 'tag', tags);
});
