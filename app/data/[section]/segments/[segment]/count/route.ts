import { readRoute } from '@/app/read-route';
import { withTimeout } from '@/lib/access/with-timeout';
import { openSegment } from '@/lib/segments/definitions';
import { countMembers } from '@/lib/segments/members';
import { segmentIdOf } from '../../requested';

/** How many are in the segment now. */
export const GET = readRoute(({ actor, section, params, request }) =>
  withTimeout({ actor, signal: request.signal }, async (db) => ({
    count: await countMembers(db, section.id, await openSegment(db, section.id, segmentIdOf(params))),
  })),
);
