import { queryRoute } from '@/app/write-route';
import { readBulkTagEntries } from '@/lib/operations/reads';

/** Into which flows how many would come by a bulk change of tags. */
export const POST = queryRoute(readBulkTagEntries);
