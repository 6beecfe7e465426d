// What pages and the API read about people, sections, API keys and the audit log.
import { z } from 'zod';
import { query } from '@/lib/access/query';
import { InSection } from '@/lib/access/declared';
import { listAudit } from '@/lib/audit/queries';
import { TagIdSchema, UserIdSchema, positiveId } from '@/lib/db/ids';
import { listApiKeys } from './api-keys';
import { findAuditLimit } from './audit-limit';
import { listOpenLinks } from './links';
import { findScope, listAdministrators, listSections, listUsers } from './queries';
import { usesOfTag } from './tag-use';

const NoInput = z.object({});

/** The sections that the actor may see, in the order of their names. */
export const readSections = query({
  name: 'sections.list',
  scope: 'account',
  allow: 'readers',
  input: NoInput,
  run: ({ db, actor }) => listSections(db, actor),
});

/** The Owners and Admins whom a marketer can ask. */
export const readAdministrators = query({
  name: 'users.list-administrators',
  scope: 'account',
  allow: 'readers',
  input: NoInput,
  run: ({ db, actor }) => listAdministrators(db, actor),
});

/** The users who have a section of the actor's, active ones first. */
export const readUsers = query({
  name: 'users.list',
  scope: 'account',
  allow: 'admins',
  input: NoInput,
  run: ({ db, actor }) => listUsers(db, actor),
});

/** Open invitations and password links that have to do with the actor's sections, newest first. */
export const readOpenLinks = query({
  name: 'users.list-open-links',
  scope: 'account',
  allow: 'admins',
  input: NoInput,
  run: ({ db, actor }) => listOpenLinks(db, actor),
});

/** The API keys that have a section of the actor's. */
export const readApiKeys = query({
  name: 'api-keys.list',
  scope: 'account',
  allow: 'admins',
  input: NoInput,
  run: ({ db, actor }) => listApiKeys(db, actor),
});

/** API keys that used a tag, or were refused it, in the last 30 days. */
export const readUsesOfTag = query({
  name: 'api-keys.list-uses-of-tag',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ tagId: TagIdSchema }),
  run: ({ db }, { sectionId, tagId }) => usesOfTag(db, sectionId, tagId),
});

/** The ids for discriminators in an API call; null if there is none that the client may use. */
export const readScope = query({
  name: 'api.find-place',
  scope: 'account',
  allow: 'readers',
  input: z.object({ section: z.string().nullable(), keyspace: z.string().nullable() }),
  run: ({ db, actor }, names) => findScope(db, actor, names),
});

const Day = z.iso.date().optional();

/** Entries of the audit log about the actor's sections and the people in them, newest first. `from`, `to`: days in UTC, inclusive; `before`: only entries older than this id. */
export const readAudit = query({
  name: 'audit.list',
  scope: 'account',
  allow: 'admins',
  timeLimit: 'list',
  input: z.object({
    filter: z.object({ text: z.string().max(200).optional(), userId: UserIdSchema.optional(), from: Day, to: Day }),
    before: z.object({ at: z.date(), id: positiveId(Number.MAX_SAFE_INTEGER) }).optional(),
    limit: z.int().positive().max(5_000),
  }),
  run: async ({ db, actor, accountId }, { filter, before, limit }) =>
    listAudit(db, accountId, filter, { before, limit, within: await findAuditLimit(db, actor) }),
});
