// An operation as pages show it. Safe for the browser.
import type { OperationPage } from '@/lib/work/kind';
import type { OperationState } from '@/lib/work/queries';

export type OperationView = OperationState & {
  /** '1,200 tags applied · 3 already there'. */
  countsInWords: string;
  /** The current phase, for kinds that have several. */
  phaseInWords: string | null;
  /** Some of what was requested was not done: rejected, kept or impossible. */
  partial: boolean;
  cancellable: boolean;
  retryable: boolean;
  undoable: boolean;
  /** The page of its result, if it has one. */
  page: OperationPage | null;
};
