// Which submissions the page shows.
import type { SubmissionState } from '@/lib/forms/schema';

/** `all`: without those in quarantine and removed ones. */
export const SHOWS = ['all', 'pending', 'waiting', 'quarantined', 'failed'] as const satisfies readonly (
  | SubmissionState
  | 'all'
)[];
export type Show = (typeof SHOWS)[number];

export const SHOW_NAMES: Record<Show, string> = {
  all: 'All',
  pending: 'To be confirmed',
  waiting: 'Waiting',
  quarantined: 'In quarantine',
  failed: 'Failed',
};

/** What a filter without submissions says. */
export const NONE: Record<Show, [title: string, hint: string]> = {
  all: ['No submissions yet', 'Share the form: its address, its QR code or in your website.'],
  pending: ['Nobody has to confirm', 'Who has sent the form and not yet confirmed by email is here.'],
  waiting: ['Nothing waits', 'If the form needs attention, its submissions wait here until it is fixed.'],
  quarantined: ['The quarantine is empty', 'What looks like spam is put here. You can release it, or remove it.'],
  failed: ['Nothing has failed', 'What could not be applied several times is here, with the reason.'],
};
