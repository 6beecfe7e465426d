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

/** The visible tags that were applied and removed, and a sentence that says which profiles were chosen. */
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
      sql`select input from operation where section_id = ${sectionId} and id = ${operationId}`,
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
