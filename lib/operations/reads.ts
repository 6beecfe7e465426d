// Reads of bulk operations for pages.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { OperationIdSchema, TagIdSchema, type SectionId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { countEntries, type FlowEntries, type ManyChange } from '@/lib/flows/entries';
import { BulkValueSchema, previewBulkValue, readValue } from './bulk-attribute';
import { previewBulkTag, TagsSchema } from './bulk-tag';
import { countHeldTags } from './held-tags';
import { listUndoExceptions } from './queries';
import { BulkSelectionSchema, chosenProfiles, fixSelection, type BulkSelection } from './selection';

/** What an undo left unchanged. `after`: only those after this id. */
export const readUndoExceptions = query({
  name: 'operations.list-undo-exceptions',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({
    operationId: OperationIdSchema,
    after: z.int().optional(),
    limit: z.int().positive().max(5_000),
  }),
  run: ({ db }, { sectionId, operationId, after, limit }) =>
    listUndoExceptions(db, sectionId, operationId, { after, limit }),
});

/** How many are chosen, and on how many of them each tag is. */
export const readBulkTagPreview = query({
  name: 'profiles.preview-bulk-tag',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ selection: BulkSelectionSchema }),
  run: ({ db }, { sectionId, selection }) => previewBulkTag(db, sectionId, selection),
});

/** Tags that integration lists hold on some of the chosen profiles: removed in bulk, they are kept off those. */
export const readHeldTags = query({
  name: 'profiles.count-held-tags',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ selection: BulkSelectionSchema, tagIds: z.array(TagIdSchema).max(50) }),
  run: ({ db }, { sectionId, ...asked }) => countHeldTags(db, sectionId, asked),
});

/** Into which flows how many of the chosen profiles would come by tags that they get and lose, if the change may start flows. */
export const readBulkTagEntries = query({
  name: 'profiles.count-bulk-tag-entries',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend({ selection: BulkSelectionSchema, ...TagsSchema.shape }),
  run: async ({ db }, { sectionId, selection, apply, remove }) =>
    entriesOfSelection(db, sectionId, selection, { apply, remove, value: null }),
});

/** The same by a value that they get. Refuses a value that cannot be set. */
export const readBulkValueEntries = query({
  name: 'profiles.count-bulk-value-entries',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend(BulkValueSchema.shape),
  run: async ({ db }, { sectionId, selection, attributeId, value: typed }) => {
    const value = await readValue(db, sectionId, attributeId, typed);
    return entriesOfSelection(db, sectionId, selection, { apply: [], remove: [], value: { attributeId, value } });
  },
});

async function entriesOfSelection(
  db: Db,
  sectionId: SectionId,
  selection: BulkSelection,
  change: Omit<ManyChange, 'source'>,
): Promise<FlowEntries[]> {
  const people = await chosenProfiles(db, sectionId, await fixSelection(db, sectionId, selection));
  return countEntries(db, sectionId, people, { ...change, source: 'bulk' }, new Date());
}

/** How many of the chosen profiles a value would change. Refuses a value that cannot be set. */
export const readBulkValuePreview = query({
  name: 'profiles.preview-bulk-value',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend(BulkValueSchema.shape),
  run: ({ db }, { sectionId, ...asked }) => previewBulkValue(db, sectionId, asked),
});
