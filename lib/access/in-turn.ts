// Semaphore of one person or API key: of what is heavy only so much goes on at once, so that one who asks for a lot waits for
// oneself and not everybody else with them.
import { READS } from '@/lib/config/limits';
import { Cancelled } from '@/lib/db/cancellable';
import { semaphore, type Semaphore } from '@/lib/db/semaphore';
import { actorKey, type Actor } from './actor';
import { refuse } from './refusal';

const shared = globalThis as typeof globalThis & { tagwellTurnsOf?: Map<string, Semaphore> };
/** Shared like the pool: there are several copies of this file in a process. */
const turnsOf = (shared.tagwellTurnsOf ??= new Map<string, Semaphore>());

/**
 * Does heavy work when it is the actor's turn. Refused with `too_many_requests` if too much of the same actor waits already;
 * `Cancelled` if the signal says that nobody waits any more.
 */
export async function inTurn<T>(actor: Actor, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const key = actorKey(actor);
  const own = turnsOf.get(key) ?? semaphore(READS.perPerson);
  turnsOf.set(key, own);
  if (own.waiting() >= READS.waitingPerPerson) {
    refuse('too_many_requests', 'You are asking for too much at once. Wait until some of it is there, then try again.');
  }
  const leave = await own.acquire(signal).catch(() => {
    throw new Cancelled('abandoned');
  });
  try {
    return await work();
  } finally {
    leave();
    if (own.idle()) turnsOf.delete(key);
  }
}
