import { readRoute } from '@/app/read-route';
import { readAttributeIndexes } from '@/lib/attributes/reads';

/** The section's attribute indexes with their progress. */
export const GET = readRoute(({ actor, section }) => readAttributeIndexes(actor, { sectionId: section.id }));
