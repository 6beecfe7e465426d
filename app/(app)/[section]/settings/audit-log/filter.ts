// The audit log's filter in the URL.
import { z } from 'zod';
import type { AuditFilter } from '@/lib/audit/queries';
import { positiveId } from '@/lib/db/ids';

const Day = z.iso.date().optional().catch(undefined);
const Query = z.object({
  q: z.string().trim().max(200).optional().catch(undefined),
  user: positiveId().optional().catch(undefined),
  from: Day,
  to: Day,
  before: positiveId(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
});

/** Parses the URL; invalid parts are dropped. */
export function auditQuery(params: Record<string, string | string[] | undefined>): AuditFilter & { before?: number } {
  const { q, user, from, to, before } = Query.parse(params);
  return { text: q || undefined, userId: user, from, to, before };
}
