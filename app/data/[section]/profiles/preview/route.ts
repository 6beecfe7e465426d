import { z } from 'zod';
import { postRoute } from '@/app/write-route';
import { parseInput } from '@/lib/access/command';
import { withTimeout } from '@/lib/access/with-timeout';
import { TagIdSchema } from '@/lib/db/ids';
import { BulkSelectionSchema, previewBulkTag } from '@/lib/operations/bulk-tag';

const Body = z.object({ selection: BulkSelectionSchema, tagIds: z.array(TagIdSchema).max(100) });

/**
 * What a bulk change would find. A POST, since a selection can be long; it changes nothing, and the database stops when the
 * caller leaves.
 */
export const POST = postRoute(async ({ actor, section, request }) => {
  const { selection, tagIds } = parseInput(Body, await request.json().catch(() => null));
  return withTimeout({ actor, signal: request.signal }, (db) => previewBulkTag(db, section.id, selection, tagIds));
});
