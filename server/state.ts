// Where the process is in its life: what /healthz says and why a request has to wait.
import { databaseProblem } from '@/lib/db/condition';

export const state = {
  /** What is being done or waited for before the process can work; null once it can. */
  starting: 'the process' as string | null,
  stopping: false,
};

/** Why no request can be served at the moment, in words; null: they can. */
export function whyWait(): string | null {
  if (state.starting !== null) return `Tagwell is starting: ${state.starting}.`;
  return databaseProblem() ?? null;
}
