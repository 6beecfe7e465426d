import { queryRoute } from '@/app/write-route';
import { readMatches } from '@/lib/segments/reads';

/** The number of profiles that match unsaved rules, or with `sample` some of them. */
export const POST = queryRoute(readMatches);
