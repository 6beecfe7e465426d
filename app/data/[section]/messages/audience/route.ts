import { readRoute } from '@/app/read-route';
import { queryRoute } from '@/app/write-route';
import { readAudience, readAudienceSegments } from '@/lib/audience/reads';

/** The segments that can be chosen. */
export const GET = readRoute(({ actor, section }) => readAudienceSegments(actor, { sectionId: section.id }));

/** How many people get a message, and why others do not. */
export const POST = queryRoute(readAudience);
