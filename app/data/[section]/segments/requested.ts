// What routes of segments share.
import { problem } from '@/app/read-route';
import { parseInput } from '@/lib/access/command';
import { SegmentIdSchema, type SegmentId } from '@/lib/db/ids';
import { Interrupted } from '@/lib/db/interruptible';

/** The segment of the address; refused where it is no number. */
export const segmentIdOf = (params: Record<string, string>): SegmentId => parseInput(SegmentIdSchema, params.segment);

/** What nginx says of a caller who has left; nobody reads it. */
const LEFT = 499;

/** An answer, unless the caller has left meanwhile and the database was stopped. */
export async function unlessLeft<T>(answer: Promise<T>): Promise<T | Response> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Interrupted) return problem(LEFT, error.message);
    throw error;
  }
}
