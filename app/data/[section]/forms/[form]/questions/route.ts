import { readRoute } from '@/app/read-route';
import { readAnswerFields } from '@/lib/forms/reads';

/** What a form asks and has asked, as fields for rules of segments. */
export const GET = readRoute<'form'>(({ actor, section, params }) =>
  readAnswerFields(actor, { sectionId: section.id, formId: params.form }),
);
