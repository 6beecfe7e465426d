import { readRoute } from '@/app/read-route';
import { readWouldEnter } from '@/lib/flows/reads';

/** For how many the draft’s trigger holds already, and how many of them would enter. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readWouldEnter(actor, { sectionId: section.id, flowId: params.flow }),
);
