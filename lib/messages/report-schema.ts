// Shapes of a message's report. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import type { ProfileId } from '@/lib/db/ids';
import type { AbResult, SendTest } from './ab-schema';
import type { RecipientState } from './schema';

/** Groups of recipients that a segment can be made of. */
export const REPORT_GROUPS = ['got', 'opened', 'clicked', 'not_opened', 'not_clicked', 'left', 'bounced'] as const;
export const ReportGroupSchema = z.enum(REPORT_GROUPS);
export type ReportGroup = (typeof REPORT_GROUPS)[number];

/** What the list of recipients can be narrowed to: a state, or something that they did. */
export const RECIPIENT_FILTERS = [
  ...(['all', 'sent', 'refused', 'unknown', 'skipped', 'failed', 'waiting', 'cancelled'] as const),
  ...(['opened', 'clicked', 'left', 'bounced', 'complained'] as const),
] as const;
export const RecipientFilterSchema = z.enum(RECIPIENT_FILTERS);
export type RecipientFilter = (typeof RECIPIENT_FILTERS)[number];

export type ReportTotals = {
  recipients: number;
  sent: number;
  refused: number;
  unknown: number;
  skipped: number;
  failed: number;
  waiting: number;
  cancelled: number;
  opened: number;
  machineOpened: number;
  clicked: number;
  machineClicked: number;
  left: number;
  /** Of those that were taken: `refused` has the others. `sent` has neither. */
  bounced: number;
  complained: number;
};

/** What a link is known by in rules of segments. */
export const LinkKeySchema = z.string().regex(/^[0-9a-f]{16}$/);

/** `address`: with values as {{First name}}. `clicked`: people; `clicks`: theirs; `machine`: those of machines. */
export type ReportLink = {
  key: string;
  place: string;
  address: string;
  clicked: number;
  clicks: number;
  machine: number;
};
/** `state`: also `bounced`, of mails that were taken and came back. */
export type ReportReason = { state: RecipientState | 'bounced'; why: string; people: number };
export type ReportProvider = {
  provider: string;
  sent: number;
  refused: number;
  bounced: number;
  opened: number;
  clicked: number;
};
/** `part`: of the audience: the test's, or those who waited for it. Opens, clicks and leavings are people’s, not machines’. */
export type ReportVariant = {
  variant: number;
  part: 'test' | 'rest';
  people: number;
  sent: number;
  opened: number;
  clicked: number;
  left: number;
};
/** `result`: null until it was decided. `winnerBy`: null: the clicks. `subjects`: by variant. */
export type ReportTest = {
  decides: SendTest['decides'];
  result: AbResult | null;
  winner: number | null;
  winnerBy: string | null;
  subjects: string[];
  variants: ReportVariant[];
};
/** `hour`: from the first mail; the last one has all that came later. */
export type ReportHour = { hour: number; opened: number; clicked: number; left: number };
export type ReportRecipient = {
  number: number;
  profileId: ProfileId | null;
  /** As the profile is called; null: it was erased. */
  name: string | null;
  address: string | null;
  state: RecipientState;
  why: string | null;
  answer: string | null;
  at: Date | null;
  openedAt: Date | null;
  clickedAt: Date | null;
  leftAt: Date | null;
  /** Why it came back, after it had been taken. */
  bounce: string | null;
  /** Of refusals too. */
  bouncedAt: Date | null;
  complainedAt: Date | null;
};

/** Of an SMS message. `failed`: refused, or reported as not delivered. `underway`: sent, and nothing has been reported. `parts`: of all that left. */
export type SmsTotals = {
  recipients: number;
  sent: number;
  delivered: number;
  underway: number;
  failed: number;
  unknown: number;
  skipped: number;
  waiting: number;
  cancelled: number;
  clicked: number;
  machineClicked: number;
  left: number;
  parts: number;
};
export type SmsFailure = { why: string; people: number };

/** What the list of an SMS message's recipients can be narrowed to. `failed`: as in `SmsTotals`. */
export const SMS_FILTERS = [
  ...([
    'all',
    'sent',
    'delivered',
    'underway',
    'failed',
    'unknown',
    'skipped',
    'waiting',
    'cancelled',
    'clicked',
    'left',
  ] as const),
] as const;
export const SmsFilterSchema = z.enum(SMS_FILTERS);
export type SmsFilter = (typeof SMS_FILTERS)[number];

/** `failure`: why it failed; null: it did not. */
export type SmsRecipient = {
  number: number;
  profileId: number | null;
  address: string | null;
  state: RecipientState;
  why: string | null;
  failure: string | null;
  answer: string | null;
  parts: number | null;
  at: Date | null;
  deliveredAt: Date | null;
  clickedAt: Date | null;
  leftAt: Date | null;
};
