// The API client behind a call.
import type { Actor, ClientActor } from '@/lib/access/actor';
import { refuse } from '@/lib/access/refusal';

/** The actor as an API client. Refuses any other actor. */
export function clientOf(actor: Actor): ClientActor {
  return actor.kind === 'client' ? actor : refuse('not_allowed', 'This is for API clients only.');
}
