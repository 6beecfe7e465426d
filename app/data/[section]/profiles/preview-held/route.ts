import { queryRoute } from '@/app/write-route';
import { readHeldTags } from '@/lib/operations/reads';

/** Of tags that a bulk change removes: on how many profiles integration lists hold them. */
export const POST = queryRoute(readHeldTags);
