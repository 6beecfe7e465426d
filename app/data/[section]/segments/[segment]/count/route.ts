import { readRoute } from '@/app/read-route';
import { countMembers, patiently } from '@/lib/segments/queries';
import { openSegment } from '@/lib/segments/definitions';
import { segmentIdOf, unlessLeft } from '../../requested';

/** How many are in the segment now. */
export const GET = readRoute(({ section, params, request }) =>
  unlessLeft(
    patiently(request.signal, async (db) => ({
      count: await countMembers(db, section.id, await openSegment(db, section.id, segmentIdOf(params))),
    })),
  ),
);
