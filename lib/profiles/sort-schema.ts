// The order of a list, and a place in it.
import { z } from 'zod';
import { ProfileIdSchema } from '@/lib/db/ids';
import { isStorable } from '@/lib/text/storable';

/** 'added', 'changed' (the last change of the profile's data), or `attribute:<code>`. */
export const SortSchema = z.object({ by: z.string().max(60), descending: z.boolean() });
export type Sort = z.output<typeof SortSchema>;

export const NEWEST_FIRST: Sort = { by: 'added', descending: true };

/** A place in the order: the profile's id, and its value as text; null where it has none, or the order is by id. */
export const PlaceSchema = z.object({
  id: ProfileIdSchema,
  value: z.string().max(6_000).refine(isStorable).nullable(),
});
export type Place = z.output<typeof PlaceSchema>;
