'use client';
import type { RefusalData } from '@/lib/access/refusal';

/** Of a form that is checked as a whole: the message for each field with a problem. */
function problemsOf({ details }: RefusalData): Record<string, string> {
  const { problems } = (details ?? {}) as { problems?: Record<string, string> };
  return problems ?? {};
}

/** The message for a field, or for the whole form (`null`) if it belongs to none of the named fields. */
export function messageFor(
  refusal: RefusalData | null,
  field: string | null,
  fields: readonly string[] = [],
): string | undefined {
  if (!refusal) return undefined;
  if (field === null) return refusal.field && fields.includes(refusal.field) ? undefined : refusal.message;
  return refusal.field === field ? refusal.message : problemsOf(refusal)[field];
}
