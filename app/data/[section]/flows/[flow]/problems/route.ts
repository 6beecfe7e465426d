import { readRoute } from '@/app/read-route';
import { readFurtherProblems } from '@/lib/flows/reads';

/** What is wrong with the saved draft of a flow beyond what the editor finds itself. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readFurtherProblems(actor, { sectionId: section.id, flowId: params.flow }),
);
