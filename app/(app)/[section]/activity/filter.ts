// Activity's filter in the URL.
import { z } from 'zod';
import { OperationIdSchema, UserIdSchema } from '@/lib/db/ids';

const Query = z.object({
  q: z.string().trim().max(200).optional().catch(undefined),
  kind: z.string().max(40).optional().catch(undefined),
  user: UserIdSchema.optional().catch(undefined),
  before: OperationIdSchema.optional().catch(undefined),
});

/** Parses the URL; invalid parts are dropped. */
export function activityQuery(params: Record<string, string | string[] | undefined>) {
  const { q, kind, user, before } = Query.parse(params);
  return { text: q || undefined, kind: kind || undefined, userId: user, before };
}
