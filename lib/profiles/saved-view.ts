// A saved view of the profiles list: what it asks for and how it is shown.
import { z } from 'zod';
import type { ProfileViewId } from '@/lib/db/ids';
import { ProfileFilterSchema } from './schema';
import { NEWEST_FIRST, SortSchema } from './sort-schema';

/** `columns`: ids; null: the usual ones. */
export const ViewStateSchema = z.object({
  filter: ProfileFilterSchema,
  sort: SortSchema.default(NEWEST_FIRST),
  columns: z.array(z.string().max(60)).max(300).nullable().default(null),
  compact: z.boolean().default(false),
});
export type ViewState = z.output<typeof ViewStateSchema>;

/** `own`: it is the reader's. `by`: whose it is. */
export type SavedView = {
  id: ProfileViewId;
  name: string;
  shared: boolean;
  own: boolean;
  by: string;
  state: ViewState;
};
