// Heavy work of one person or API key: only a few at once, so that somebody who requests a lot delays only themselves.
import { READS } from '@/lib/config/limits';
import { Cancelled } from '@/lib/db/cancellable';
import { semaphore, type Semaphore } from '@/lib/db/semaphore';
import { actorKey, type Actor } from './actor';
import { refuse } from './refusal';

const shared = globalThis as typeof globalThis & { tagwellActorLimits?: Map<string, Semaphore> };
/** Shared like the pool: a process may load several copies of this file. */
const limits = (shared.tagwellActorLimits ??= new Map<string, Semaphore>());

/**
 * Runs heavy work once the actor has fewer than `READS.perPerson` running. Refuses with `too_many_requests` if too much
 * of the same actor's work is waiting; throws `Cancelled` if `signal` is aborted while waiting.
 */
export async function withinActorLimit<T>(
  actor: Actor,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const key = actorKey(actor);
  const own = limits.get(key) ?? semaphore(READS.perPerson);
  limits.set(key, own);
  if (own.waiting() >= READS.waitingPerPerson) {
    refuse('too_many_requests', 'Too many requests at once. Wait until some have finished, then try again.');
  }
  const release = await own.acquire(signal).catch(() => {
    throw new Cancelled('abandoned');
  });
  try {
    return await work();
  } finally {
    release();
    if (own.idle()) limits.delete(key);
  }
}
