// Reads for pages of things together with their users: segments, tags, attributes, events.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { InSection } from '@/lib/access/declared';
import { mayAct, requireAllowed } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { listTopics } from '@/lib/consents/queries';
import { listIndexes } from '@/lib/attributes/value-index';
import { inAddress, SegmentIdSchema, TagIdSchema } from '@/lib/db/ids';
import { listEventTypes } from '@/lib/events/queries';
import { listsKeeping, withLists } from '@/lib/integrations/kept-by';
import { countKeptOff } from '@/lib/integrations/kept-off';
import { newestHolders } from '@/lib/profiles/holders';
import { listSegments } from '@/lib/segments/queries';
import { segmentsInMerge } from '@/lib/segments/tag-merge';
import { tagHistory } from '@/lib/tags/history';
import { countHolders, getTag, listTags, mergePreview, tagGrowth } from '@/lib/tags/queries';
import { dependents, usersOfOne, withUsers } from './queries';

/** The section's segments by name, with what uses them. */
export const readSegments = query({
  name: 'segments.list',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db }, { sectionId }) => withUsers(db, sectionId, 'segment', await listSegments(db, sectionId)),
});

/** What uses a segment. */
export const readUsersOfSegment = query({
  name: 'segments.list-users',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ segmentId: SegmentIdSchema }),
  run: ({ db }, { sectionId, segmentId }) => usersOfOne(db, sectionId, { kind: 'segment', id: segmentId }),
});

/** What uses a message, a form or a flow: flows. */
export const readUsersOfThing = query({
  name: 'uses.list-users',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ kind: z.enum(['message', 'form', 'flow']), id: z.coerce.number().int().catch(0) }),
  run: ({ db }, { sectionId, ...used }) => usersOfOne(db, sectionId, used),
});

/** The tags table with the lists that keep each tag, in the order of `listTags`: the visible tags or, for Admins, the hidden ones, all or the first `most`. */
export const readTagTable = query({
  name: 'tags.list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ hidden: z.boolean(), most: z.int().positive().optional() }),
  run: async ({ db, actor }, { sectionId, hidden, most }) => {
    if (hidden) requireAllowed(actor, 'admins');
    const tags = await listTags(db, sectionId, { hidden, most, userId: actorUserId(actor) });
    return withLists(db, sectionId, await withUsers(db, sectionId, 'tag', tags));
  },
});

/** A tag's page: the tag, the lists that keep it, its growth by source, its users, the latest profiles with it, and its history. */
export const readTagPage = query({
  name: 'tags.read',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ tagId: inAddress(TagIdSchema) }),
  run: async ({ db, actor }, { sectionId, tagId }) => {
    const tag = tagId === null ? undefined : await getTag(db, sectionId, tagId, actorUserId(actor));
    if (!tag) return refuse('not_found', 'This tag does not exist in this section.');
    const [lists, points, [used], holders, history] = await Promise.all([
      tag.hidden ? [] : listsKeeping(db, sectionId, tag.id, { asAdmin: mayAct(actor, 'admins') }),
      tagGrowth(db, sectionId, tag.id),
      withUsers(db, sectionId, 'tag', [tag]),
      newestHolders(db, sectionId, tag.id),
      tagHistory(db, sectionId, tag.id),
    ]);
    const keptOff = lists.length > 0 ? await countKeptOff(db, sectionId, tag.id) : 0;
    return { tag, lists, keptOff, points, usedIn: used?.usedIn ?? [], holders, history };
  },
});

/** The impact of hiding a tag: profiles, and what depends on it. */
export const readHideImpact = query({
  name: 'tags.preview-hiding',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ tagId: TagIdSchema }),
  run: async ({ db }, { sectionId, tagId }) => {
    const [profiles, users] = await Promise.all([
      countHolders(db, sectionId, tagId),
      dependents(db, sectionId, 'tag', tagId),
    ]);
    return { profiles, users };
  },
});

/** The effect of merging one tag into another, on profiles, segments and lists of integrations. */
export const readMergePreview = query({
  name: 'tags.preview-merge',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ from: TagIdSchema, into: TagIdSchema }),
  run: async ({ db }, { sectionId, from, into }) => {
    const [preview, segments, lists] = await Promise.all([
      mergePreview(db, sectionId, from, into),
      segmentsInMerge(db, sectionId, from),
      listsKeeping(db, sectionId, from, { asAdmin: true }),
    ]);
    return { ...preview, segments, lists: lists.map(({ name }) => name) };
  },
});

/** The attributes table, including hidden ones: what uses each, what depends on each, and their indexes. */
export const readAttributeTable = query({
  name: 'attributes.list-with-users',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: async ({ db }, { sectionId }) => {
    const [attributes, touched, indexes] = await Promise.all([
      listAttributes(db, sectionId, { hidden: true }).then((all) => withUsers(db, sectionId, 'attribute', all)),
      dependents(db, sectionId, 'attribute'),
      listIndexes(db, sectionId),
    ]);
    return { attributes, dependents: touched, indexes };
  },
});

/** The events table, including hidden ones: what uses each, and what depends on each. */
export const readEventTable = query({
  name: 'events.list-with-users',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: async ({ db }, { sectionId }) => {
    const [events, touched] = await Promise.all([
      listEventTypes(db, sectionId, { hidden: true }).then((all) => withUsers(db, sectionId, 'event', all)),
      dependents(db, sectionId, 'event'),
    ]);
    return { events, dependents: touched };
  },
});

/** The topics table, including hidden ones, and what depends on each. */
export const readTopicTable = query({
  name: 'topics.list-with-users',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: async ({ db }, { sectionId }) => ({
    topics: await listTopics(db, sectionId, { hidden: true }),
    dependents: await dependents(db, sectionId, 'topic'),
  }),
});
