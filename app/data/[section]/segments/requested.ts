// What routes of segments share.
import { parseInput } from '@/lib/access/command';
import { SegmentIdSchema, type SegmentId } from '@/lib/db/ids';

/** The segment of the address; refused where it is no number. */
export const segmentIdOf = (params: Record<string, string>): SegmentId => parseInput(SegmentIdSchema, params.segment);
