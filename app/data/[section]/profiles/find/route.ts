import { readRoute } from '@/app/read-route';
import { pool } from '@/lib/db/pool';
import { listProfiles } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';

const SHOWN = 8;

/** A few profiles whose name or a key begins with `?q=`. */
export const GET = readRoute(async ({ section, search }) => {
  const filter = ProfileFilterSchema.parse({ search: (search.get('q') ?? '').slice(0, 200) });
  if (filter.search === '') return [];
  const { profiles } = await listProfiles(pool(), section.id, filter);
  return profiles.slice(0, SHOWN).map(({ id, name, keys }) => ({ id, name, key: keys[0]?.key ?? null }));
});
