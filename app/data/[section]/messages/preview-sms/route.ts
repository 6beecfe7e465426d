import { queryRoute } from '@/app/write-route';
import { previewSms } from '@/lib/messages/preview-sms';

/** The text of an SMS as a person would get it. */
export const POST = queryRoute(previewSms);
