// The audit log's filter in the URL.
import { z } from 'zod';
import type { AuditFilter, AuditPlace } from '@/lib/audit/queries';
import { positiveId } from '@/lib/db/ids';

const Day = z.iso.date().optional().catch(undefined);
/** '1795689600000-42': the time in milliseconds and the id of an entry. */
const Place = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/)
  .transform((text): AuditPlace => {
    const [at, id] = text.split('-').map(Number) as [number, number];
    return { at: new Date(at), id };
  });

/** The place of an entry as the address of the following page has it. */
export const placeInUrl = ({ at, id }: AuditPlace): string => `${at.getTime()}-${id}`;

const Query = z.object({
  q: z.string().trim().max(200).optional().catch(undefined),
  user: positiveId().optional().catch(undefined),
  from: Day,
  to: Day,
  before: Place.optional().catch(undefined),
});

/** Parses the URL; invalid parts are dropped. */
export function auditQuery(
  params: Record<string, string | string[] | undefined>,
): AuditFilter & { before?: AuditPlace } {
  const { q, user, from, to, before } = Query.parse(params);
  return { text: q || undefined, userId: user, from, to, before };
}
