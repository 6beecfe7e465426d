// The profiles list as a CSV file: those that match a filter in the list's order, or selected ones.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { sql } from '@/lib/db/sql';
import { profilesFile } from '@/lib/profiles/export';
import { filterContext, matchConditions } from '@/lib/profiles/filter';
import { SelectionSchema } from '@/lib/profiles/schema';
import { selectInOrder } from '@/lib/profiles/sort';
import { NEWEST_FIRST, SortSchema } from '@/lib/profiles/sort-schema';
import { SELECTED_MAX, TOO_MANY_SELECTED } from './list-export-limit';
import { requireUsable } from './selection';
import { selectionInWords } from './selection-words';

const ListFileSchema = z.object({
  selection: SelectionSchema.refine(
    (selection) => selection.kind === 'all' || selection.ids.length <= SELECTED_MAX,
    TOO_MANY_SELECTED,
  ),
  sort: SortSchema.default(NEWEST_FIRST),
  /** Ids of columns, as `readExportColumns` gives them. */
  columns: z.array(z.string().max(60)).min(1, 'Choose at least one column.').max(1_000),
});
/** What the file contains: as JSON in its address. */
export type ListFile = z.input<typeof ListFileSchema>;

const Input = InSection.extend({
  list: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'The address of this export is not complete. Export again.' });
        return z.NEVER;
      }
    })
    .pipe(ListFileSchema),
});

/**
 * The lines of the file. If the list cannot be sorted as asked (any more), the newest profiles come first, as on the page.
 * Refuses columns, tags and attributes that are gone, and more files at once than are allowed.
 */
export const readListFile = query({
  name: 'profiles.read-list-file',
  scope: 'section',
  allow: 'readers',
  input: Input,
  run: async ({ db, actor, signal }, { sectionId, list: { selection, sort, columns } }) => {
    await requireUsable(db, sectionId, selection);
    const conditions =
      selection.kind === 'all'
        ? matchConditions(sectionId, selection.filter, await filterContext(db, sectionId, selection.filter))
        : sql`and profile.id = any(${selection.ids}::bigint[])`;
    const rowsOf =
      (await selectInOrder(db, sectionId, { conditions, sort })) ??
      (await selectInOrder(db, sectionId, { conditions, sort: NEWEST_FIRST }))!;
    return { lines: await profilesFile({ actor, sectionId }, rowsOf, { columns, signal }) };
  },
});

/** Records that an export of the list starts. Changes nothing. What was searched for is left out: it may be a person's key. */
export const recordListExport = command({
  name: 'profiles.export-list',
  scope: 'section',
  allow: 'readers',
  input: Input,
  run: async ({ tx, accountId }, { sectionId, list: { selection } }) => {
    const named = selection.kind === 'all' ? { ...selection, filter: { ...selection.filter, search: '' } } : selection;
    const searched = selection.kind === 'all' && selection.filter.search !== '' ? ' Found by a search.' : '';
    return { chosen: `${await selectionInWords(tx, { accountId, sectionId }, named)}${searched}` };
  },
  audit: ({ list: { columns } }, { chosen }) => ({
    summary: `Exported the profiles list: ${chosen}`,
    details: { columns },
  }),
});
