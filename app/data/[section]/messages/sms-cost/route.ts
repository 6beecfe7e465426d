import { queryRoute } from '@/app/write-route';
import { readSmsCost } from '@/lib/messages/sms-cost';

/** How many parts a text takes for those who get it. */
export const POST = queryRoute(readSmsCost);
