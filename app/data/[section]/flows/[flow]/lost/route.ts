import { readRoute } from '@/app/read-route';
import { readLostInDraft } from '@/lib/flows/reads';

/** What the draft of a flow refers to and cannot use any more. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readLostInDraft(actor, { sectionId: section.id, flowId: params.flow }),
);
