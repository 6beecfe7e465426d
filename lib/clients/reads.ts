// Reads for API clients: tags and attributes of a profile by key, members of a tag, changes, jobs, imports.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { consentsOf } from '@/lib/consents/queries';
import { CONSENT_TYPES } from '@/lib/consents/schema';
import { inAddress, KeyspaceIdSchema, OperationIdSchema, positiveId } from '@/lib/db/ids';
import { eventsOfProfile } from '@/lib/events/queries';
import { allowedTag, findTags } from '@/lib/profiles/allowed-operations';
import { findProfile, NO_PROFILE, openKey, openKeyspace } from '@/lib/profiles/keyspace';
import { lowWaterMark } from '@/lib/tags/low-water-mark';
import { readOperation } from '@/lib/work/queries';
import { clientOf } from './client';
import { changesSince, countMembers, membersOfTag } from './feed';
import { getRequest, listRequestRows } from './imports';
import { attributesByKey, tagsByKey } from './one-profile';
import { jobOfClient } from './tag-jobs';

const InKeyspace = InSection.extend({ keyspaceId: KeyspaceIdSchema });
const ByKey = InKeyspace.extend({ key: z.string() });
const Cursor = z.int().min(0);
const Limit = z.int().min(1).max(1_000);

/** The tags of a profile that may be read through the keyspace. */
export const readTagsByKey = query({
  name: 'clients.read-tags',
  scope: 'section',
  allow: 'readers',
  input: ByKey,
  run: async ({ db, actor }, input) => (await tagsByKey(db, clientOf(actor), input)) ?? refuse('not_found', NO_PROFILE),
});

/** The attribute values of a profile, without attributes hidden from the client. */
export const readAttributesByKey = query({
  name: 'clients.read-attributes',
  scope: 'section',
  allow: 'readers',
  input: ByKey,
  run: async ({ db, actor }, input) => {
    const values = await attributesByKey(db, clientOf(actor), input);
    if (!values) return refuse('not_found', NO_PROFILE);
    const attributes = await listAttributes(db, input.sectionId);
    return attributes.flatMap(({ id, code, discriminator }) =>
      values[code] === undefined ? [] : [{ id, discriminator, value: values[code] }],
    );
  },
});

/** The current consents of a profile. */
export const readConsentsByKey = query({
  name: 'clients.read-consents',
  scope: 'section',
  allow: 'readers',
  input: ByKey.extend({ types: z.array(z.enum(CONSENT_TYPES)).nullable() }),
  run: async ({ db, actor, accountId }, { types, ...input }) => {
    const profileId = await findProfile(db, await openKey(db, actor, accountId, input));
    if (profileId === undefined) return refuse('not_found', NO_PROFILE);
    return consentsOf(db, input.sectionId, profileId, types);
  },
});

/** The events of a profile, newest first. */
export const readEventsByKey = query({
  name: 'clients.read-events',
  scope: 'section',
  allow: 'readers',
  input: ByKey.extend({ limit: Limit }),
  run: async ({ db, actor, accountId }, { limit, ...input }) => {
    const profileId = await findProfile(db, await openKey(db, actor, accountId, input));
    if (profileId === undefined) return refuse('not_found', NO_PROFILE);
    return eventsOfProfile(db, input.sectionId, profileId, limit);
  },
});

/**
 * A page of the profiles that have a tag and a key in the keyspace. `total`: all profiles with the tag, with or without
 * keys.
 */
export const readMembersOfTag = query({
  name: 'clients.list-members-of-tag',
  scope: 'section',
  allow: 'readers',
  input: InKeyspace.extend({ tag: z.string(), after: Cursor, limit: Limit }),
  run: async ({ db, actor, accountId }, { tag, after, limit, ...where }) => {
    const keyspace = await openKeyspace(db, actor, accountId, where);
    const tagId = allowedTag(await findTags(db, keyspace, [tag]), keyspace, tag, 'read');
    const [page, total] = await Promise.all([
      membersOfTag(db, { ...keyspace, tagId }, { after, limit }),
      countMembers(db, where.sectionId, tagId),
    ]);
    return { ...page, total, tagId };
  },
});

/** Changes of tags after a cursor. For 'latest': no changes, and the current cursor. */
export const readTagChanges = query({
  name: 'clients.list-tag-changes',
  scope: 'section',
  allow: 'readers',
  input: InKeyspace.extend({
    after: z.union([z.literal('latest'), Cursor]),
    limit: Limit,
    operationId: OperationIdSchema.optional(),
  }),
  run: async ({ db, actor, accountId }, { after, limit, operationId, ...where }) => {
    const opened = await openKeyspace(db, actor, accountId, where);
    return after === 'latest'
      ? { changes: [], next: await lowWaterMark(), more: false }
      : changesSince(db, { ...opened, operationId }, { after, limit });
  },
});

/** A job as the client may see it; null if it does not exist or the client may not see it. */
export const readJob = query({
  name: 'clients.read-job',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ jobId: inAddress(OperationIdSchema) }),
  run: async ({ db, actor }, { sectionId, jobId }) =>
    (jobId !== null && (await jobOfClient(db, clientOf(actor), sectionId, jobId))) || null,
});

/** A job that the client has just started. */
export const readStartedJob = query({
  name: 'clients.read-started-job',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ operationId: OperationIdSchema }),
  run: async ({ db }, { sectionId, operationId }) =>
    (await readOperation(db, sectionId, operationId)) ??
    refuse('not_found', 'This job does not exist in this section.'),
});

/** A page of the rows that a client's import rejected or left values out of; null if the client has no such import. */
export const readImportRows = query({
  name: 'clients.read-import-rows',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    requestId: inAddress(positiveId()),
    outcome: z.enum(['rejected', 'left_out']),
    after: Cursor,
    limit: Limit,
  }),
  run: async ({ db, actor }, { sectionId, requestId, outcome, after, limit }) => {
    if (requestId === null) return null;
    const rows = await listRequestRows(
      db,
      clientOf(actor),
      { sectionId, id: requestId, outcome },
      { after, limit: limit + 1 },
    );
    if (!rows) return null;
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? items.at(-1)!.row : null };
  },
});

/** The progress of an import that the client announced; null if there is no such import. */
export const readImportRequest = query({
  name: 'clients.read-import',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ requestId: inAddress(positiveId()) }),
  run: async ({ db, actor }, { sectionId, requestId }) =>
    (requestId !== null && (await getRequest(db, clientOf(actor), sectionId, requestId))) || null,
});
