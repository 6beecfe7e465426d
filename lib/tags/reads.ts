// Reads of tags for pages and the API.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { accessible, InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, SectionIdSchema, TagIdSchema } from '@/lib/db/ids';
import { firstChoices, matchingChoices, tagGroups } from './choices';
import { NameSchema } from '@/lib/naming/names';
import { prismaOn } from '@/lib/db/prisma';
import { requireNewName, requireVisibleTags } from './commands';
import { tagLabels } from './labels';
import { largestTags, OverlapTagsSchema, tagOverlap } from './overlap';
import { countTags, getTag, tagDefinitions, tagPermissions, tagTrends, whereTagIs } from './queries';
import { tagsTogether } from './together';

/** What a picker offers while nothing is typed: the person's favourites first. */
export const readTagChoices = query({
  name: 'tags.list-choices',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db, actor }, { sectionId }) => firstChoices(db, sectionId, { userId: actorUserId(actor) }),
});

/** The tags whose names match a text best, best first. */
export const findTagChoices = query({
  name: 'tags.find-choices',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ text: z.string().max(200, 'Search for at most 200 characters.') }),
  run: ({ db, actor }, { sectionId, text }) => matchingChoices(db, sectionId, { text, userId: actorUserId(actor) }),
});

/** Whether a tag of this name could be created, for one that is to be created later. Refuses as `createTag` does. */
export const checkNewTag = query({
  name: 'tags.check-new',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ name: NameSchema, despite: z.array(inAddress(TagIdSchema)).max(100) }),
  run: async ({ db }, { sectionId, name, despite }) => {
    await requireNewName(prismaOn(db), sectionId, { name, despite: despite.filter((id) => id !== null) });
    return { name };
  },
});

/** The visible ones of these tags, by name. The ids may come from an address: what is no id is left out, as is what is gone. */
export const readTagLabels = query({
  name: 'tags.list-labels',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ tagIds: z.array(inAddress(TagIdSchema)) }),
  run: ({ db }, { sectionId, tagIds }) =>
    tagLabels(
      db,
      sectionId,
      tagIds.filter((id) => id !== null),
    ),
});

/** The groups that the visible tags are in, by name. */
export const readTagGroups = query({
  name: 'tags.list-groups',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db }, { sectionId }) => tagGroups(db, sectionId),
});

/** The last 30 days of some tags. */
export const readTagTrends = query({
  name: 'tags.read-trends',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ tagIds: z.array(TagIdSchema).max(200) }),
  run: ({ db }, { sectionId, tagIds }) => tagTrends(db, sectionId, tagIds),
});

/** Where a tag of a name is, if it is not a visible tag of the section. `others`: the sections to search. */
export const readWhereTagIs = query({
  name: 'tags.find-elsewhere',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ name: z.string(), others: z.array(SectionIdSchema) }),
  run: async ({ db, actor }, { sectionId, name, others }) =>
    whereTagIs(db, sectionId, await accessible(actor, others), name),
});

/** How many visible or hidden tags there are. */
export const readTagCount = query({
  name: 'tags.count',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ hidden: z.boolean() }),
  run: ({ db }, { sectionId, hidden }) => countTags(db, sectionId, { hidden }),
});

/** What the edit dialog shows of a tag: its fields, its discriminator and its Allowed Operations. */
export const readTagForEditing = query({
  name: 'tags.read-for-editing',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ tagId: TagIdSchema }),
  run: async ({ db, accountId }, { sectionId, tagId }) => {
    const [tag, permissions] = await Promise.all([
      getTag(db, sectionId, tagId),
      tagPermissions(db, accountId, sectionId, tagId),
    ]);
    if (!tag) return refuse('not_found', 'This tag does not exist in this section.');
    const { name, description, ownerNote, colour, groupName, discriminator } = tag;
    return { fields: { name, description, ownerNote, colour, group: groupName }, discriminator, permissions };
  },
});

/** The tags that most of a tag's profiles have too. */
export const readTagsTogether = query({
  name: 'tags.list-together',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ tagId: inAddress(TagIdSchema) }),
  run: async ({ db }, { sectionId, tagId }) => {
    if (tagId === null) return refuse('not_found', 'This tag does not exist in this section.');
    await requireVisibleTags(db, sectionId, [tagId], { toRead: true });
    return tagsTogether(db, sectionId, tagId);
  },
});

/** The ids of the largest tags, largest first. */
export const readLargestTags = query({
  name: 'tags.list-largest',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ most: z.int().positive().max(100) }),
  run: ({ db }, { sectionId, most }) => largestTags(db, sectionId, most),
});

/** How tags overlap, and the time of this snapshot. */
export const readTagOverlap = query({
  name: 'tags.read-overlap',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ tagIds: OverlapTagsSchema }),
  run: async ({ db }, { sectionId, tagIds }) => {
    const at = new Date().toISOString();
    return { ...(await tagOverlap(db, sectionId, tagIds)), at };
  },
});

/** The visible tags with their Allowed Operations by keyspace, by name, as the API lists them. */
export const readTagDefinitions = query({
  name: 'tags.list-definitions',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: ({ db, accountId }, { sectionId }) => tagDefinitions(db, accountId, sectionId),
});
