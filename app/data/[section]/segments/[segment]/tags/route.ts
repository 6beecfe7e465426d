import { readRoute } from '@/app/read-route';
import { readTagsOfMembers } from '@/lib/segments/reads';

/** The most frequent tags of the segment's members. */
export const GET = readRoute<'segment'>(({ actor, section, params, request }) =>
  readTagsOfMembers(actor, { sectionId: section.id, segmentId: params.segment }, { signal: request.signal }),
);
