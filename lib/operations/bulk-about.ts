// What a bulk change of tags was about, for its page: the tags, and how the profiles were chosen.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { listAttributes } from '@/lib/attributes/queries';
import { OperationIdSchema, type AccountId, type SectionId, type TagId } from '@/lib/db/ids';
import { maybeOne, sql, type Db } from '@/lib/db/sql';
import { filterInWords } from '@/lib/profiles/filter-words';
import { namesIn, rulesInWords } from '@/lib/segments/words';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { tagLabels } from '@/lib/tags/labels';
import type { TagLabel } from '@/lib/tags/schema';
import { bulkTagKind, StepInput, type FixedSelection } from './bulk-tag';

/** The visible tags that were applied and removed, and a sentence that says which profiles were chosen. */
export type BulkTagAbout = { applied: TagLabel[]; removed: TagLabel[]; chosen: string };

/** Null for operations that are not bulk changes of tags. */
export const readBulkTagAbout = query({
  name: 'operations.describe-bulk-tag',
  scope: 'section',
  allow: 'readers',
  input: InSection.extend({ operationId: OperationIdSchema }),
  run: async ({ db, accountId }, { sectionId, operationId }): Promise<BulkTagAbout | null> => {
    const found = await maybeOne<{ input: unknown }>(
      db,
      sql`
        select input from operation
        where section_id = ${sectionId} and id = ${operationId} and kind = ${bulkTagKind.kind}`,
    );
    if (!found) return null;
    const input = StepInput.safeParse(found.input);
    // Sample data have none.
    if (!input.success) return null;
    const { apply, remove, selection } = input.data;
    return {
      applied: await tagLabels(db, sectionId, apply),
      removed: await tagLabels(db, sectionId, remove),
      chosen: await inWords(db, { accountId, sectionId }, selection),
    };
  },
});

async function inWords(
  db: Db,
  { accountId, sectionId }: { accountId: AccountId; sectionId: SectionId },
  selection: FixedSelection,
): Promise<string> {
  switch (selection.kind) {
    case 'ids':
      return `${selection.ids.length.toLocaleString('en-GB')} ${selection.ids.length === 1 ? 'profile' : 'profiles'}, selected one by one.`;
    case 'rules':
      return rulesInWords(
        selection.rules,
        namesIn(await vocabularyOf(db, { accountId, sectionId }, [selection.rules])),
      );
    case 'all': {
      const { filter } = selection;
      const tags = await tagLabels(db, sectionId, [...filter.has, ...filter.hasAny, ...filter.hasNot]);
      const attributes = await listAttributes(db, sectionId);
      return filterInWords(filter, {
        tag: (id: TagId) => tags.find((tag) => tag.id === id)?.name ?? 'a hidden tag',
        attribute: (code) => attributes.find((attribute) => attribute.code === code)?.name ?? 'a hidden attribute',
      });
    }
  }
}
