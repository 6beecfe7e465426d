// Whether a thing has been changed since the person who acts opened it: also by themselves, in another tab.
import type { UserId } from '@/lib/db/ids';
import { actorUserId, type Actor } from './actor';
import { refuse } from './refusal';

/** When a thing was last changed, and by whom; null: by nobody who is known any more. */
export type LastChange = { changedAt: Date; changedById: UserId | null; changedBy: string | null };

/** Refuses with `conflict` unless `seen` (ISO 8601) is the last change. `then`: what can be done about it, if the page does not say so itself. */
export function requireSeen(
  actor: Actor,
  thing: 'form' | 'message' | 'segment',
  { changedAt, changedById, changedBy }: LastChange,
  seen: string,
  then = '',
): void {
  if (changedAt.toISOString() === new Date(seen).toISOString()) return;
  const isOwn = changedById !== null && changedById === actorUserId(actor);
  const words = isOwn
    ? `You have changed this ${thing} in another tab or window since you opened it here.`
    : `${changedBy ?? 'Someone'} has changed this ${thing} since you opened it.`;
  refuse('conflict', then === '' ? words : `${words} ${then}`);
}
