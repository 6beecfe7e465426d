// What a bulk operation was about, for its page: its tags, and how the profiles were chosen.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { OperationIdSchema } from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';
import { tagLabels } from '@/lib/tags/labels';
import type { TagLabel } from '@/lib/tags/schema';
import { TagsSchema } from './bulk-tag';
import { BulkInput } from './selection';
import { selectionInWords } from './selection-words';

/**
 * The visible tags that were applied and removed, and a sentence that says which profiles were chosen. Of an undo or a redo: as of the
 * operation whose changes it takes back or makes again.
 */
export type BulkAbout = { applied: TagLabel[]; removed: TagLabel[]; chosen: string };

/** Null for operations that are not on chosen profiles. */
export const readBulkAbout = query({
  name: 'operations.describe-bulk',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ operationId: OperationIdSchema }),
  run: async ({ db, accountId }, { sectionId, operationId }): Promise<BulkAbout | null> => {
    const found = await maybeOne<{ input: unknown }>(
      db,
      // A redo undoes an undo.
      sql`
        select coalesce(root.input, parent.input, operation.input) as input
        from operation
        left join operation parent on parent.section_id = ${sectionId} and parent.id = operation.undo_of
        left join operation root on root.section_id = ${sectionId} and root.id = parent.undo_of
        where operation.section_id = ${sectionId} and operation.id = ${operationId}`,
    );
    const input = BulkInput.extend(TagsSchema.shape).safeParse(found?.input).data;
    if (!input) return null;
    return {
      applied: await tagLabels(db, sectionId, input.apply),
      removed: await tagLabels(db, sectionId, input.remove),
      chosen: await selectionInWords(db, { accountId, sectionId }, input.selection),
    };
  },
});
