import { readRoute } from '@/app/read-route';
import { readFlowNumbers } from '@/lib/flows/reads';

/** How many came to each step of a flow, and how they went on: of all versions together. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readFlowNumbers(actor, { sectionId: section.id, flowId: params.flow }),
);
