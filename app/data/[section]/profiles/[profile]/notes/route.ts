import { readRoute } from '@/app/read-route';
import { readNotes } from '@/lib/notes/reads';

/** The notes on a profile after the newest `?skip=50`. */
export const GET = readRoute<'profile'>(({ actor, section, params, search }) =>
  readNotes(actor, { sectionId: section.id, profileId: params.profile, skip: search.get('skip') ?? undefined }),
);
