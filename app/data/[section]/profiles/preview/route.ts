import { queryRoute } from '@/app/write-route';
import { readBulkTagPreview } from '@/lib/operations/reads';

/** The preview of a bulk change. */
export const POST = queryRoute(readBulkTagPreview);
