import { readRoute } from '@/app/read-route';
import { readTimeline } from '@/lib/people/reads';

/** A page of a profile's timeline: `?before=` the cursor of the last item seen, `?only=` one stream. */
export const GET = readRoute<'profile'>(({ actor, section, params, search }) =>
  readTimeline(actor, {
    sectionId: section.id,
    profileId: params.profile,
    before: search.get('before') ?? undefined,
    only: search.get('only') ?? undefined,
  }),
);
