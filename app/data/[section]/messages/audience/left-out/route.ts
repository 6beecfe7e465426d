import { queryRoute } from '@/app/write-route';
import { readLeftOut } from '@/lib/audience/reads';

/** How many of those who were chosen are left out again. */
export const POST = queryRoute(readLeftOut);
