// Reads of bulk operations for pages.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { OperationIdSchema, TagIdSchema } from '@/lib/db/ids';
import { BulkValueSchema, previewBulkValue } from './bulk-attribute';
import { previewBulkTag } from './bulk-tag';
import { countHeldTags } from './held-tags';
import { listUndoExceptions } from './queries';
import { BulkSelectionSchema } from './selection';

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

/** How many of the chosen profiles a value would change. Refuses a value that cannot be set. */
export const readBulkValuePreview = query({
  name: 'profiles.preview-bulk-value',
  scope: 'section',
  allow: 'readers',
  timeLimit: 'slow',
  input: InSection.extend(BulkValueSchema.shape),
  run: ({ db }, { sectionId, ...asked }) => previewBulkValue(db, sectionId, asked),
});
