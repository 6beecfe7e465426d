import { readRoute } from '@/app/read-route';
import { withTimeout } from '@/lib/access/with-timeout';
import { openSegment } from '@/lib/segments/definitions';
import { membersByTag } from '@/lib/segments/members';
import { segmentIdOf } from '../../requested';

/** The tags that its members have most often. */
export const GET = readRoute(({ actor, section, params, request }) =>
  withTimeout({ actor, signal: request.signal }, async (db) =>
    membersByTag(db, section.id, await openSegment(db, section.id, segmentIdOf(params))),
  ),
);
