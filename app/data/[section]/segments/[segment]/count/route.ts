import { readRoute } from '@/app/read-route';
import { readSegmentSize } from '@/lib/segments/reads';

/** The segment's current number of members. */
export const GET = readRoute<'segment'>(({ actor, section, params, request }) =>
  readSegmentSize(actor, { sectionId: section.id, segmentId: params.segment }, { signal: request.signal }),
);
