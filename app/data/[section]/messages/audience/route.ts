import { readRoute } from '@/app/read-route';
import { queryRoute } from '@/app/write-route';
import { readAudience, readAudienceChoices } from '@/lib/audience/reads';

/** The segments and messages that can be chosen. */
export const GET = readRoute(({ actor, section }) => readAudienceChoices(actor, { sectionId: section.id }));

/** How many people get a message, and why others do not. */
export const POST = queryRoute(readAudience);
