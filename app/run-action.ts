// Connects server actions to commands and queries: the actor comes from the session, and the page gets the result as a value.
import type { UserActor } from '@/lib/access/actor';
import type { Command } from '@/lib/access/command';
import type { Query } from '@/lib/access/query';
import type { Result } from '@/lib/access/refusal';
import { unavailableReason } from '@/lib/db/condition';
import { findViewer } from './viewer';

/** Runs a command as the signed-in person. `requestId`: one per intent, so that a double submit takes effect once. */
export async function runAction<Output>(
  command: Command<Output>,
  input: unknown,
  requestId?: string,
): Promise<Result<Output>> {
  return asViewer((actor) => command(actor, input, { requestId }));
}

/** Runs a query as the signed-in person. */
export async function readAction<Input, Output>(query: Query<Input, Output>, input: unknown): Promise<Result<Output>> {
  return asViewer((actor) => query(actor, input as Input));
}

/** Does something as the signed-in person. Refuses if nobody is, or if the database cannot be reached. */
export async function asViewer<Output>(work: (actor: UserActor) => Promise<Result<Output>>): Promise<Result<Output>> {
  try {
    const actor = await findViewer();
    return actor ? await work(actor) : { ok: false, refusal: SIGNED_OUT };
  } catch (error) {
    const reason = unavailableReason(error);
    if (reason === null) throw error;
    return { ok: false, refusal: { code: 'unavailable', message: reason } };
  }
}

const SIGNED_OUT = {
  code: 'not_signed_in',
  message: 'Your session has ended. Sign in again in another tab, then try again.',
} as const;
