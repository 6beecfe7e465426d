import { readRoute } from '@/app/read-route';
import { readTemplate } from '@/lib/messages/templates';

/** A template with what it says. */
export const GET = readRoute<'template'>(({ actor, section, params }) =>
  readTemplate(actor, { sectionId: section.id, templateId: params.template }),
);
