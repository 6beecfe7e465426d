// Reads of profiles for pages and the API.
import { z } from 'zod';
import { accessible, InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, KeyspaceIdSchema, ProfileIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { countProfiles, getProfile, listKeyspaces, listProfiles, sameKeysElsewhere, tagsOfProfiles } from './queries';
import { ProfileFilterSchema } from './schema';

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

/** A page of profiles, newest first. */
export const readProfiles = query({
  name: 'profiles.list',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'list',
  input: InSection.extend({ filter: ProfileFilterSchema, edge: PageCursorSchema.optional() }),
  run: ({ db }, { sectionId, filter, edge }) => listProfiles(db, sectionId, filter, edge),
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
  run: async ({ db }, { sectionId, profileId }) => {
    const profile = profileId === null ? undefined : await getProfile(db, sectionId, profileId);
    return profile ?? refuse('not_found', 'This profile does not exist in this section.');
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

/** How many of some profiles have each tag. */
export const readTagsOfProfiles = query({
  name: 'profiles.list-tags-of',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileIds: z.array(ProfileIdSchema).max(1_000) }),
  run: ({ db }, { sectionId, profileIds }) => tagsOfProfiles(db, sectionId, profileIds),
});
