// A saved view of the profiles list: what it asks for and how it is shown.
import { z } from 'zod';
import type { ProfileViewId } from '@/lib/db/ids';
import { ProfileFilterSchema } from './schema';
import { NEWEST_FIRST, SortSchema } from './sort-schema';

const COLUMNS_MAX = 50;
/** The longest state of a view, in characters of the address that opens it: servers and proxies refuse longer addresses. */
export const ADDRESS_MAX = 6_000;
const COLUMN = /^(keys|tags|added|changed|key:\d{1,10}|attribute:[^,\s]{1,40})$/;

/** A view as it is stored; it may be from before there were limits. `columns`: ids; null: the usual ones. */
export const StoredViewSchema = z.object({
  filter: ProfileFilterSchema,
  sort: SortSchema.default(NEWEST_FIRST),
  columns: z.array(z.string()).nullable().default(null),
  compact: z.boolean().default(false),
});

export type ViewState = z.output<typeof StoredViewSchema>;

/** A view that can be saved. */
export const ViewStateSchema = StoredViewSchema.extend({
  columns: z
    .array(z.string().regex(COLUMN, 'One of the columns does not exist. Choose the columns again, then save the view.'))
    .max(COLUMNS_MAX, `A view can have at most ${COLUMNS_MAX} columns. Choose fewer, then save it.`)
    .nullable()
    .default(null),
}).refine((state) => addressLength(state) <= ADDRESS_MAX, {
  message: 'This view is too long for a link. Use fewer conditions, shorter values or fewer columns, then save it.',
});

/** `own`: it is the reader's. `by`: whose it is. `tooLong`: it was saved before there was a limit, and no address can hold it. */
export type SavedView = {
  id: ProfileViewId;
  name: string;
  shared: boolean;
  own: boolean;
  by: string;
  tooLong: boolean;
  state: ViewState;
};

/** About how long the address of a view is, from its values. */
export function addressLength(state: ViewState): number {
  let length = 0;
  // JSON.stringify visits every value.
  JSON.stringify(state, (_name, value: unknown) => {
    // A value has a separator of three characters after it.
    if (typeof value === 'string') length += encodeURIComponent(value.toWellFormed()).length + 3;
    else if (typeof value === 'number' || typeof value === 'boolean') length += String(value).length + 3;
    return value;
  });
  return length;
}
