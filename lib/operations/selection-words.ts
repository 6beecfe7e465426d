// How the profiles of a bulk operation were chosen, as a sentence.
import { listAttributes } from '@/lib/attributes/queries';
import type { AccountId, SectionId, TagId } from '@/lib/db/ids';
import type { Db } from '@/lib/db/sql';
import { filterInWords } from '@/lib/profiles/filter-words';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { namesIn, rulesInWords } from '@/lib/segments/words';
import { tagLabels } from '@/lib/tags/labels';
import type { FixedSelection } from './selection';

/** 'All profiles with VIP.', '3 profiles, selected one by one.' */
export async function selectionInWords(
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
