import { readRoute } from '@/app/read-route';
import { readOlderPlaces } from '@/lib/flows/reads';

/** Who is in older versions of a flow, by step. */
export const GET = readRoute<'flow'>(({ actor, section, params }) =>
  readOlderPlaces(actor, { sectionId: section.id, flowId: params.flow }),
);
