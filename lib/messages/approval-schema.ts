// Shapes of approvals. Imports no server code, so that the browser can use it.
import { z } from 'zod';
import type { MessageId, SendId, UserId } from '@/lib/db/ids';

/** Who approves what goes out: nobody has to; anybody but who asks; an Account Owner or Admin, but not who asks. */
export const APPROVALS = ['none', 'anyone', 'admins'] as const;
export const ApprovalRuleSchema = z.enum(APPROVALS);
export type ApprovalRule = z.output<typeof ApprovalRuleSchema>;

export const NOTE_MAX = 1_000;

/** One time that somebody asked for approval. `withdrawn`: it was taken back before anybody had decided. */
export type ApprovalEntry = {
  sendId: SendId;
  state: 'asked' | 'approved' | 'returned' | 'withdrawn';
  /** Null: a client of the API. */
  askedBy: string | null;
  askedById: UserId | null;
  askedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  note: string;
};

/** `mine`: the person who reads has asked. */
export type Approvals = { rule: ApprovalRule; entries: ApprovalEntry[] };

/**
 * What the shell tells a person: a message waits for their approval; the A/B test of one that they have sent waits for a choice; or somebody has
 * decided about one of theirs.
 */
export type MessageNotice = {
  kind: 'asked' | 'choice' | 'approved' | 'returned';
  sendId: SendId;
  messageId: MessageId;
  name: string;
  by: string | null;
  note: string;
};
