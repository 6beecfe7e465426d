// Turns of one person or API key: of what is heavy only so much goes on at once, so that one who asks for a lot waits for
// oneself and not everybody else with them.
import { READS } from '@/lib/config/limits';
import { Interrupted } from '@/lib/db/interruptible';
import { turns, type Turns } from '@/lib/db/turns';
import { actorKey, type Actor } from './actor';
import { refuse } from './refusal';

const shared = globalThis as typeof globalThis & { tagwellTurnsOf?: Map<string, Turns> };
/** Shared like the pool: there are several copies of this file in a process. */
const turnsOf = (shared.tagwellTurnsOf ??= new Map<string, Turns>());

/**
 * Does heavy work when it is the actor's turn. Refused with `too_many_requests` if too much of the same actor waits already;
 * `Interrupted` if the signal says that nobody waits any more.
 */
export async function inTurn<T>(actor: Actor, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const key = actorKey(actor);
  const own = turnsOf.get(key) ?? turns(READS.perPerson);
  turnsOf.set(key, own);
  if (own.waiting() >= READS.waitingPerPerson) {
    refuse('too_many_requests', 'You are asking for too much at once. Wait until some of it is there, then try again.');
  }
  const leave = await own.take(signal).catch(() => {
    throw new Interrupted('abandoned');
  });
  try {
    return await work();
  } finally {
    leave();
    if (own.idle()) turnsOf.delete(key);
  }
}
