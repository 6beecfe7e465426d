import { readRoute } from '@/app/read-route';
import { readSegmentSize } from '@/lib/segments/reads';

/** How many are in the segment now. */
export const GET = readRoute<'segment'>(({ actor, section, params, request }) =>
  readSegmentSize(actor, { sectionId: section.id, segmentId: params.segment }, { signal: request.signal }),
);
