import { queryRoute } from '@/app/write-route';
import { readBulkValuePreview } from '@/lib/operations/reads';

/** The preview of setting an attribute. */
export const POST = queryRoute(readBulkValuePreview);
