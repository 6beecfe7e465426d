import { queryRoute } from '@/app/write-route';
import { readAudienceSample } from '@/lib/audience/reads';

/** Some of those who get a message, or who do not for a reason. */
export const POST = queryRoute(readAudienceSample);
