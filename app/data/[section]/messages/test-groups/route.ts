import { readRoute } from '@/app/read-route';
import { readTestGroups } from '@/lib/messages/test-groups';

/** The section's test groups, with their members. */
export const GET = readRoute(({ actor, section }) => readTestGroups(actor, { sectionId: section.id }));
