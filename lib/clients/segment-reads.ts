// Reads of segments for API clients. Slow ones are stopped after `READS.secondsOfClient`.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { KeyspaceIdSchema } from '@/lib/db/ids';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { countMembers } from '@/lib/segments/members';
import { TimeZoneSchema } from '@/lib/text/time-zone';
import { clientOf } from './client';
import {
  evaluateByKey,
  membersByKey,
  openByRef,
  requireCountable,
  requireReadable,
  segmentOfClient,
  segmentsOfClient,
} from './segments';

const Ref = z.string().max(300);

/** All segments in the sections that the client may use, by name. */
export const readSegmentsOfClient = query({
  name: 'clients.list-segments',
  scope: 'account',
  allow: 'readers',
  input: z.object({}),
  run: ({ db, actor }) => segmentsOfClient(db, clientOf(actor)),
});

/** One segment, with its rules in words. */
export const readSegmentOfClient = query({
  name: 'clients.read-segment',
  scope: 'account',
  allow: 'readers',
  input: z.object({ ref: Ref }),
  run: ({ db, actor }, { ref }) => segmentOfClient(db, clientOf(actor), ref),
});

/** Which segments the profile of a key is in. The segments may be of several sections. */
export const readEvaluation = query({
  name: 'clients.evaluate',
  scope: 'account',
  allow: 'readers',
  timeLimit: 'slow',
  input: z.object({
    keyspaceId: KeyspaceIdSchema,
    key: z.string(),
    refs: z.array(Ref),
    timeZone: TimeZoneSchema.optional(),
  }),
  run: ({ db, actor }, input) => evaluateByKey(db, clientOf(actor), input),
});

/** How many profiles are in a segment now. The tags in its rules must be readable through the keyspaces. */
export const readCountOfSegment = query({
  name: 'clients.count-segment',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ segment: Ref, keyspaceIds: z.array(KeyspaceIdSchema) }),
  run: async ({ db, actor }, { sectionId, segment, keyspaceIds }) => {
    const opened = await openByRef(db, sectionId, segment);
    await requireCountable(db, clientOf(actor), { sectionId, keyspaceIds }, opened);
    return countMembers(db, sectionId, opened);
  },
});

/** A page of a segment's members that have a key in the keyspace. `ruleTags`: the tags in its rules. */
export const readMembersOfSegment = query({
  name: 'clients.list-members-of-segment',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({
    keyspaceId: KeyspaceIdSchema,
    segment: Ref,
    after: z.int().min(0),
    limit: z.int().min(1).max(1_000),
  }),
  run: async ({ db, actor, accountId }, { segment, after, limit, ...where }) => {
    const keyspace = await openKeyspace(db, actor, accountId, where);
    const opened = await openByRef(db, where.sectionId, segment);
    const ruleTags = await requireReadable(db, clientOf(actor), keyspace, [opened]);
    return { ...(await membersByKey(db, keyspace, opened, { after, limit })), ruleTags };
  },
});
