// Lists that clients read page by page, by a time: a cursor names the last item of a page by its time and id.
import { z } from '@hono/zod-openapi';

const CURSOR = /^(\d{4}-[\dT:.-]+Z)~(\d{1,16})$/;

/** The parameters of such a list. */
export const paging = {
  cursor: z.string().regex(CURSOR, 'Send the `next` of the page before.').optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
};

/** Where a page begins; undefined for the first one. */
export function placeOf(cursor: string | undefined): { at: string; id: number } | undefined {
  const [, at, id] = CURSOR.exec(cursor ?? '') ?? [];
  return at === undefined ? undefined : { at, id: Number(id) };
}

/** The cursor of the next page; null if `found` has not one more than `limit`. */
export function nextOf<Row extends { id: number }>(
  found: readonly Row[],
  limit: number,
  at: (row: Row) => Date,
): string | null {
  const last = found.length > limit ? found[limit - 1]! : undefined;
  return last ? `${at(last).toISOString()}~${last.id}` : null;
}
