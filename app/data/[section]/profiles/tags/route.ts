import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { ProfileIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { tagsOfProfiles } from '@/lib/profiles/queries';

const Ids = z.array(ProfileIdSchema).max(1_000);

/** On how many of the profiles `?ids=1,2,3` each tag is. */
export const GET = readRoute(({ section, search }) => {
  const ids = parseInput(Ids, (search.get('ids') ?? '').split(',').filter(Boolean));
  return tagsOfProfiles(pool(), section.id, ids);
});
