// What pages read about the tags of lists: who is kept off them, and what removing one from everyone would do.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import {
  ConnectionListIdSchema,
  inAddress,
  ProfileIdSchema,
  TagIdSchema,
  type ConnectionId,
  type TagId,
} from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';
import { mayAct } from '@/lib/access/policy';
import { requireVisibleTags } from '@/lib/tags/commands';
import { tagLabels } from '@/lib/tags/labels';
import { listsKeeping } from './kept-by';
import { countKeptOff, keptOffTags, listKeptOff } from './kept-off';
import { previewRemoval } from './remove-from-all';
import { InList } from './schema';

/** A page of the people who are kept off a tag, their number, and the lists that keep it. `after`: the last profile before. */
export const readKeptOff = query({
  name: 'tags.list-kept-off',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({
    tagId: inAddress(TagIdSchema),
    after: z.int().nonnegative().default(0),
    limit: z.int().positive().max(1_000),
  }),
  run: async ({ db, actor }, { sectionId, tagId, after, limit }) => {
    if (tagId === null) return refuse('not_found', 'This tag does not exist in this section.');
    await requireVisibleTags(db, sectionId, [tagId], { toRead: true });
    const [tag] = await tagLabels(db, sectionId, [tagId]);
    return {
      tag: tag!,
      total: await countKeptOff(db, sectionId, tagId),
      people: await listKeptOff(db, sectionId, tagId, { after, limit }),
      lists: await listsKeeping(db, sectionId, tagId, { asAdmin: mayAct(actor, 'admins') }),
    };
  },
});

/** The tags that lists keep off a person, because somebody removed them. */
export const readKeptOffTags = query({
  name: 'profiles.list-kept-off',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ profileId: ProfileIdSchema }),
  run: ({ db }, { sectionId, profileId }) => keptOffTags(db, sectionId, profileId),
});

/** What removing a list's tag from everyone would do. */
export const readRemovalPreview = query({
  name: 'integrations.preview-removal',
  scope: 'section',
  allow: 'admins',
  timeLimit: 'slow',
  input: InList,
  run: ({ db }, { sectionId, listId }) => previewRemoval(db, sectionId, listId),
});

/** Where a list is shown: its connection for Admins, its tag for everybody else. */
export const readPlaceOfList = query({
  name: 'integrations.find-list',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ listId: inAddress(ConnectionListIdSchema) }),
  run: async ({ db, actor }, { sectionId, listId }) => {
    const found = await maybeOne<{ connectionId: ConnectionId; tagId: TagId }>(
      db,
      sql`
        select connection_id as "connectionId", tag_id as "tagId" from connection_list
        where section_id = ${sectionId} and id = ${listId} and status <> 'left'`,
    );
    if (!found) return refuse('not_found', 'This list does not keep a tag any more.');
    return mayAct(actor, 'admins') ? `settings/integrations/${found.connectionId}` : `tags/${found.tagId}`;
  },
});
