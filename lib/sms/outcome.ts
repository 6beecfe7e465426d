// What becomes of an SMS that is handed over, and what its provider reports later.

type Answer = {
  /** The provider's own number of what went wrong, such as 21610, or the status of its answer; null: there was no answer. */
  code: number | null;
  /** The provider's word for it, such as `queued`. */
  status: string | null;
  /** What it said, or what happened, in words for a person. */
  text: string;
};

/** The meanings are those of mails (lib/sending/outcome.ts). `optedOut`: the person has told the provider to stop. */
export type SmsOutcome = Answer &
  (
    | { kind: 'sent' }
    | { kind: 'deferred'; why: 'recipient' | 'pace' | 'connection'; retryAfterMs?: number }
    | { kind: 'refused'; why: 'address' | 'policy' | 'message' | 'unreachable' | 'optedOut' }
    | { kind: 'senderFault'; why: 'connection' | 'credentials' | 'permission'; retryAfterMs?: number }
    | { kind: 'unknown' }
  );

/** `address`: there is no such mobile. `unreachable`: it cannot be reached for now. */
export type ReportReason = 'address' | 'unreachable' | 'expired' | 'policy' | 'optedOut' | 'other';

/** What a provider reports of an SMS. `underway`: nothing is known yet. */
export type SmsReport = {
  /** What we named it when it was handed over. */
  reference: string;
  providerId: string | null;
  state: 'underway' | 'delivered' | 'failed';
  /** Why it failed. */
  why: ReportReason | null;
  code: number | null;
  /** The provider's word. */
  status: string;
};

/** An SMS that somebody sent to our number. `from`: as keys of Mobile are stored, without +. */
export type SmsAnswer = { from: string; text: string };

/** What a call of a provider says. */
export type Told = { is: 'report'; report: SmsReport } | { is: 'answer'; answer: SmsAnswer };
