// The filter of the suppression list, in the address.
import { CHANNELS } from '@/lib/consents/schema';
import { REASONS, type SuppressionPlace } from '@/lib/suppression/schema';

/** What the address asks for; anything it cannot mean is left out. */
export function suppressionFilter(search: Record<string, string | undefined>) {
  const place = /^(\d{4}-[\dT:.-]+Z)~(\d{1,16})$/.exec(search.before ?? '');
  return {
    search: (search.q ?? '').slice(0, 320),
    channel: CHANNELS.find((channel) => channel === search.channel),
    reason: REASONS.find((reason) => reason === search.reason),
    lifted: search.show === 'lifted',
    ...(place && !Number.isNaN(Date.parse(place[1]!)) && { before: { at: new Date(place[1]!), id: Number(place[2]) } }),
  };
}

export const placeInUrl = ({ at, id }: SuppressionPlace): string => `${at.toISOString()}~${id}`;
