import { readRoute } from '@/app/read-route';
import { readTagGroups } from '@/lib/tags/reads';

/** The groups of the section's tags, as suggestions. */
export const GET = readRoute(({ actor, section }) => readTagGroups(actor, { sectionId: section.id }));
