import { queryRoute } from '@/app/write-route';
import { readPreviewPeople } from '@/lib/messages/preview-people';

/** Those who get a mail, to look at it as each of them. */
export const POST = queryRoute(readPreviewPeople);
