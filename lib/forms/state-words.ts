// What becomes of a submission, in words. Imports no server code.
import type { SubmissionState } from './schema';

export const STATE_WORDS: Record<SubmissionState, string> = {
  received: 'Being applied',
  pending: 'To be confirmed',
  waiting: 'Waits for the form to be fixed',
  quarantined: 'In quarantine',
  failed: 'Failed',
  done: 'Applied',
  removed: 'Removed',
};
