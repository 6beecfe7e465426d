import { queryRoute } from '@/app/write-route';
import { previewMail } from '@/lib/messages/preview';

/** A document as a person would get it. */
export const POST = queryRoute(previewMail);
