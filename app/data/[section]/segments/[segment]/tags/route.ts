import { readRoute } from '@/app/read-route';
import { openSegment } from '@/lib/segments/definitions';
import { membersByTag, patiently } from '@/lib/segments/queries';
import { segmentIdOf, unlessLeft } from '../../requested';

/** The tags that its members have most often. */
export const GET = readRoute(({ section, params, request }) =>
  unlessLeft(
    patiently(request.signal, async (db) =>
      membersByTag(db, section.id, await openSegment(db, section.id, segmentIdOf(params))),
    ),
  ),
);
