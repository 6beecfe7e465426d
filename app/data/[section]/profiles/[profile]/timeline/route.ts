import { readRoute } from '@/app/read-route';
import { readTimeline } from '@/lib/profiles/reads';

/** A page of a profile's timeline: `?before=` the cursor of the last item seen, `?only=` one kind of items. */
export const GET = readRoute<'profile'>(({ actor, section, params, search }) =>
  readTimeline(actor, {
    sectionId: section.id,
    profileId: params.profile,
    before: search.get('before') ?? undefined,
    only: (search.get('only') ?? undefined) as 'tags' | 'data' | 'events' | undefined,
  }),
);
