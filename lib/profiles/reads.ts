// Reads of profiles for pages and the API.
import { z } from 'zod';
import { accessible, InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, KeyspaceIdSchema, ProfileIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { exportColumns } from './export';
import {
  countProfiles,
  getProfile,
  listInOrder,
  listKeyspaces,
  listProfiles,
  namesOfProfiles,
  sameKeysElsewhere,
} from './queries';
import { ProfileFilterSchema } from './schema';
import { sortableAttributes } from './sort';
import { NEWEST_FIRST, PlaceSchema, SortSchema } from './sort-schema';

/** Where a page of profiles begins. */
export const PageCursorSchema = z.object({ before: ProfileIdSchema.optional(), after: ProfileIdSchema.optional() });

/** The account's keyspaces. */
export const readKeyspaces = query({
  name: 'keyspaces.list',
  scope: 'account',
  allow: 'readers',
  input: z.object({}),
  run: ({ db, accountId }) => listKeyspaces(db, accountId),
});

/**
 * A page of profiles. `sorted`: false if they cannot be sorted as was asked; they are the newest ones then.
 */
export const readProfiles = query({
  name: 'profiles.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({
    filter: ProfileFilterSchema,
    sort: SortSchema.default(NEWEST_FIRST),
    edge: z.object({ before: PlaceSchema.optional(), after: PlaceSchema.optional() }).optional(),
  }),
  run: async ({ db }, { sectionId, filter, sort, edge }) => {
    const page = await listInOrder(db, sectionId, filter, sort, edge);
    if (page) return { ...page, sorted: true };
    return { ...(await listInOrder(db, sectionId, filter, NEWEST_FIRST))!, sorted: false };
  },
});

/** What profiles are called, for lists of what was done to them. Ids that are none, or of nobody any more, are left out. */
export const readProfileNames = query({
  name: 'profiles.read-names',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileIds: z.array(ProfileIdSchema).max(1_000) }),
  run: ({ db }, { sectionId, profileIds }) => namesOfProfiles(db, sectionId, profileIds),
});

/** The codes of the attributes by which the list can be sorted. */
export const readSortableAttributes = query({
  name: 'profiles.list-sortable-attributes',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => sortableAttributes(db, sectionId),
});

/** The columns that a file of profiles can have. */
export const readExportColumns = query({
  name: 'profiles.list-export-columns',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ accountId }, { sectionId }) => {
    const columns = await exportColumns(sectionId, accountId);
    return columns.map(({ id, title }) => ({ id, title }));
  },
});

const FOUND = 8;

/** A few profiles whose name or a key starts with a text. */
export const findProfilesByText = query({
  name: 'profiles.find',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ text: z.string() }),
  run: async ({ db }, { sectionId, text }) => {
    const filter = ProfileFilterSchema.parse({ search: text.slice(0, 200) });
    if (filter.search === '') return [];
    const { profiles } = await listProfiles(db, sectionId, filter);
    return profiles.slice(0, FOUND).map(({ id, name, keys }) => ({ id, name, key: keys[0]?.key ?? null }));
  },
});

/** How many profiles match a filter. */
export const readProfileCount = query({
  name: 'profiles.count',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ filter: ProfileFilterSchema }),
  run: ({ db }, { sectionId, filter }) => countProfiles(db, sectionId, filter),
});

/** One profile. */
export const readProfile = query({
  name: 'profiles.read',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: inAddress(ProfileIdSchema) }),
  run: async ({ db, actor }, { sectionId, profileId }) => {
    const profile = profileId === null ? undefined : await getProfile(db, sectionId, profileId);
    if (!profile) return refuse('not_found', 'This profile does not exist in this section.');
    if (mayAct(actor, 'admins')) return profile;
    const tags = profile.tags.map((tag) => ({
      ...tag,
      lists: tag.lists.map(({ name }) => ({ name, connectionId: null })),
    }));
    return { ...profile, tags };
  },
});

/** Profiles with one of these keys in other sections. `others`: the sections to search. */
export const readSameKeysElsewhere = query({
  name: 'profiles.find-elsewhere',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    keys: z.array(z.object({ keyspaceId: KeyspaceIdSchema, key: z.string() })),
    others: z.array(SectionIdSchema),
  }),
  run: async ({ db, actor }, { keys, others }) => sameKeysElsewhere(db, await accessible(actor, others), keys),
});
