import { readRoute } from '@/app/read-route';
import { readBackgroundWork } from '@/lib/activity/reads';

/** What runs in the section, and what of the person's own work has ended. */
export const GET = readRoute(({ actor, section }) => readBackgroundWork(actor, { sectionId: section.id }));
