// The state of the process: what /healthz returns, and why a request has to wait.
import { databaseProblem } from '@/lib/db/condition';

export const state = {
  /** What start-up is doing or waiting for; null once the process can serve requests. */
  starting: 'the process' as string | null,
  stopping: false,
};

/** Why no request can be served at the moment, for a person; null if requests are served. */
export function startupMessage(): string | null {
  if (state.starting !== null) return `Tagwell is starting: ${state.starting}.`;
  return databaseProblem() ?? null;
}
