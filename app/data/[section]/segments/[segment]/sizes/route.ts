import { readRoute } from '@/app/read-route';
import { readSegmentSizes } from '@/lib/segments/reads';

/** All sizes of a segment. */
export const GET = readRoute<'segment'>(({ actor, section, params }) =>
  readSegmentSizes(actor, { sectionId: section.id, segmentId: params.segment }),
);
