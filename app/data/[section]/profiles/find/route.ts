import { readRoute } from '@/app/read-route';
import { listWithTimeout } from '@/lib/access/with-timeout';
import { listProfiles } from '@/lib/profiles/queries';
import { ProfileFilterSchema } from '@/lib/profiles/schema';

const SHOWN = 8;

/** A few profiles whose name or a key begins with `?q=`. */
export const GET = readRoute(async ({ section, search, request: { signal } }) => {
  const filter = ProfileFilterSchema.parse({ search: (search.get('q') ?? '').slice(0, 200) });
  if (filter.search === '') return [];
  const { profiles } = await listWithTimeout({ signal }, (db) => listProfiles(db, section.id, filter));
  return profiles.slice(0, SHOWN).map(({ id, name, keys }) => ({ id, name, key: keys[0]?.key ?? null }));
});
