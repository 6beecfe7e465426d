// What becomes of a submission, and how it came, in words. Imports no server code.
import type { SubmissionState, SubmissionVia } from './schema';

export const STATE_WORDS: Record<SubmissionState, string> = {
  received: 'Being applied',
  pending: 'To be confirmed',
  waiting: 'Waits for the form to be fixed',
  quarantined: 'In quarantine',
  failed: 'Failed',
  done: 'Applied',
  removed: 'Removed',
};

/** How it came, if not by the form's page. */
export const VIA_WORDS: Partial<Record<SubmissionVia, string>> = {
  api: 'by the API',
  html: 'by a form of a website’s own',
};
