import { readRoute } from '@/app/read-route';
import { readTagsTogether } from '@/lib/tags/reads';

/** The tags that most of a tag's profiles have too. */
export const GET = readRoute<'tag'>(({ actor, section, params, request }) =>
  readTagsTogether(actor, { sectionId: section.id, tagId: params.tag }, { signal: request.signal }),
);
