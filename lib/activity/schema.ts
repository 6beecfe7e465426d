// An operation as pages show it. Safe for the browser.
import type { OperationPage } from '@/lib/work/kind';
import type { OperationState } from '@/lib/work/queries';

export type OperationView = OperationState & {
  /** '1,200 tags applied · 3 already there'. */
  countsInWords: string;
  /** What it is doing, where it does several things one after the other. */
  phaseInWords: string | null;
  /** Part of what was asked for was not done: rejected, kept or impossible. */
  partial: boolean;
  cancellable: boolean;
  retryable: boolean;
  undoable: boolean;
  /** Where its result is shown, if it has a page of its own. */
  page: OperationPage | null;
};
