// When marketing by SMS may leave: at the hours of its sender only, as nobody is to be woken by an advertisement. Pure, so that the browser can use it.
import type { Channel } from '@/lib/consents/schema';
import type { MessageKind } from '@/lib/suppression/may-receive';
import { endOfHours, firstWithin, type Hours } from '@/lib/text/hours';

type About = { channel: Channel; kind: MessageKind };
type Sender = { settings: { sms: { hours: Hours | null } | null } };

/** The hours at which a message may leave; null: it may at any time, as what people need does. */
export const hoursFor = ({ channel, kind }: About, { settings }: Sender): Hours | null =>
  channel === 'sms' && kind === 'marketing' ? (settings.sms?.hours ?? null) : null;

/** What is handed over in the last minute would come after it. */
const LAST_MS = 60_000;

/** When it may leave: a moment that is now or later. */
export function leavesAt(hours: Hours | null, now: Date): Date {
  const opens = firstWithin(hours, now);
  const end = endOfHours(hours, opens);
  return end !== null && end.getTime() - opens.getTime() <= LAST_MS ? firstWithin(hours, nextMinute(end)) : opens;
}

const nextMinute = (end: Date): Date => new Date(end.getTime() + 1);

/** When the hours end in which it leaves that may leave now, at the latest; null: never. */
export const hasUntil = (hours: Hours | null, now: Date): Date | null => endOfHours(hours, leavesAt(hours, now));

/** Whether what has waited since the audience was frozen is too late, if it is only to leave on that day. */
export function isTooLate(
  hours: Hours | null,
  { onlySameDay, frozenAt }: { onlySameDay: boolean; frozenAt: Date | null },
  now: Date,
): boolean {
  const end = onlySameDay && frozenAt !== null ? hasUntil(hours, frozenAt) : null;
  return end !== null && now.getTime() > end.getTime() - LAST_MS;
}
