// The days between which a flow lets people in, in words. Imports no server code, so that pages can use it.
import type { FlowSettings } from './schema';
import { whyClosed } from './zones';

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'long' });

/** '1 March 2027'. */
export const dayInWords = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

/** Why it lets nobody in at a moment; null: it does. */
export function closedInWords(settings: FlowSettings, zone: string, at: Date): string | null {
  const closed = whyClosed(settings, zone, at);
  if (closed === 'early') return `The flow lets nobody in before ${dayInWords(settings.opensOn!)}.`;
  return closed && `The flow lets nobody in after ${dayInWords(settings.closesOn!)}.`;
}

/** 'open 1 March 2027 – 31 March 2027'; null: it is always. */
export function periodInWords({ opensOn, closesOn }: Pick<FlowSettings, 'opensOn' | 'closesOn'>): string | null {
  if (opensOn === null && closesOn === null) return null;
  if (closesOn === null) return `open from ${dayInWords(opensOn!)}`;
  return opensOn === null
    ? `open until ${dayInWords(closesOn)}`
    : `open ${dayInWords(opensOn)} – ${dayInWords(closesOn)}`;
}
