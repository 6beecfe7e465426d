// The list's state in the URL: which pairs, for which reason, and where the page begins.
import { PairPlaceSchema, ReasonSchema, type PairPlace, type Reason } from '@/lib/duplicates/schema';

export type ListParams = { dismissed: boolean; reason: Reason | null; after: PairPlace | null };

/** What the URL asks for; invalid parts are dropped. */
export function listParams(given: Record<string, string | string[] | undefined>): ListParams {
  const dismissed = given.show === 'decided';
  return {
    dismissed,
    reason: dismissed ? null : (ReasonSchema.safeParse(given.reason).data ?? null),
    after: typeof given.after === 'string' ? placeOf(given.after, dismissed) : null,
  };
}

/** The address of a list. */
export function listPath(slug: string, { dismissed, reason, after }: Partial<ListParams>): string {
  const query = new URLSearchParams({
    ...(dismissed && { show: 'decided' }),
    ...(reason && { reason }),
    ...(after && { after: placeText(after) }),
  });
  return `/${slug}/profiles/duplicates${query.size > 0 ? `?${query}` : ''}`;
}

/** Whether an address is of a list of the section. */
export const isListPath = (slug: string, path: string | undefined): path is string =>
  path !== undefined && (path === listPath(slug, {}) || path.startsWith(`${listPath(slug, {})}?`));

const placeText = ({ at, reasons, first, second }: PairPlace) =>
  [...(at ? [at.toISOString()] : []), reasons, first, second].join('_');

/** A place in a list of decided pairs has a time. */
function placeOf(text: string, dismissed: boolean): PairPlace | null {
  const parts = text.split('_');
  const at = dismissed ? parts.shift() : null;
  const [reasons, first, second] = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));
  return PairPlaceSchema.safeParse({ at, reasons, first, second }).data ?? null;
}
