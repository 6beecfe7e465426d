import { readRoute } from '@/app/read-route';
import { requireAllowed } from '@/lib/access/policy';
import { listIndexes } from '@/lib/attributes/value-index';
import { pool } from '@/lib/db/pool';

/** The section's indexes on attributes, for Admins: how far they are. */
export const GET = readRoute(({ actor, section }) => {
  requireAllowed(actor, 'admins');
  return listIndexes(pool(), section.id);
});
