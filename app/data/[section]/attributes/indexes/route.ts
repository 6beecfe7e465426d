import { readRoute } from '@/app/read-route';
import { readAttributeIndexes } from '@/lib/attributes/reads';

/** The section's indexes on attributes: how far they are. */
export const GET = readRoute(({ actor, section }) => readAttributeIndexes(actor, { sectionId: section.id }));
