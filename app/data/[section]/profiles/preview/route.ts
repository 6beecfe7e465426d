import { askRoute } from '@/app/write-route';
import { readBulkTagPreview } from '@/lib/operations/reads';

/** The preview of a bulk change. */
export const POST = askRoute(readBulkTagPreview);
