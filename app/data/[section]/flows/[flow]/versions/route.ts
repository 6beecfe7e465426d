import { readRoute } from '@/app/read-route';
import { readFlowVersions } from '@/lib/flows/reads';

/** The versions of a flow that were published, newest first. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readFlowVersions(actor, { sectionId: section.id, flowId: params.flow }),
);
