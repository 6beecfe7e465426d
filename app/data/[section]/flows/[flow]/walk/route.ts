import { readRoute } from '@/app/read-route';
import { readWalk } from '@/lib/flows/reads';

/** `?profile=7`: the way that somebody would take through the draft. */
export const GET = readRoute<'flow'>(({ actor, section, params, search }) =>
  readWalk(actor, { sectionId: section.id, flowId: params.flow, profileId: Number(search.get('profile')) }),
);
