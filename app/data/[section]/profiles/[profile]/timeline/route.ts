import { z } from 'zod';
import { readRoute } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { ProfileIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { profileTimeline } from '@/lib/profiles/queries';

const Query = z.object({
  profile: ProfileIdSchema,
  before: z
    .string()
    .regex(/^[\d:.TZ-]+~[det]~\d+$/, 'The page of the timeline is not known. Reload.')
    .optional(),
  only: z.enum(['tags', 'data', 'events']).optional(),
});

export const GET = readRoute(({ section, params, search }) => {
  const query = parseInput(Query, {
    profile: params.profile,
    before: search.get('before') ?? undefined,
    only: search.get('only') ?? undefined,
  });
  return profileTimeline(pool(), section.id, query.profile, query);
});
