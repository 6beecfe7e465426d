import { readRoute } from '@/app/read-route';
import { readTemplates } from '@/lib/messages/templates';

/** The section's own templates of mails. */
export const GET = readRoute(({ actor, section }) => readTemplates(actor, { sectionId: section.id }));
