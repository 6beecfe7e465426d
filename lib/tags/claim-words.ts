// Sentences about tags that integration lists hold. Imports no server code, so that the browser can use it.
import type { HoldingList } from './held-by';
import type { Source } from './source';

/** How a tag was set apart from lists. */
const BY: Partial<Record<Source, string>> = {
  import: 'by an import',
  form: 'by a form',
  flow: 'by a flow',
  api: 'through the API',
  merge: 'by a merge',
};

/** What holds a tag apart from lists: 'by hand', 'by an import'. */
export const setInWords = (source: Source): string => BY[source] ?? 'by hand';

/** 'Shop: Trade Show', 'Shop: Trade Show and Shop: Newsletter', 'Shop: A, Shop: B and 3 others'. */
export function listsInWords(lists: readonly Pick<HoldingList, 'name'>[]): string {
  const names = lists.map(({ name }) => name);
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What happens if somebody removes a tag that lists hold. */
export const keepsOffInWords = (lists: readonly Pick<HoldingList, 'name'>[]): string =>
  `Set by ${listsInWords(lists)}; removing it here keeps it off.`;
