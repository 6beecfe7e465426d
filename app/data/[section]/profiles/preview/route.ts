import { askRoute } from '@/app/write-route';
import { readBulkTagPreview } from '@/lib/operations/reads';

/** What a bulk change would find. */
export const POST = askRoute(readBulkTagPreview);
