import { queryRoute } from '@/app/write-route';
import { readBulkValueEntries } from '@/lib/operations/reads';

/** Into which flows how many would come by a bulk change of a value. */
export const POST = queryRoute(readBulkValueEntries);
