// What becomes of a recipient after an attempt, by what the mail server said.
import type { Outcome } from '@/lib/sending/outcome';
import type { Claimed, ClaimOf } from './claim';
import type { Result } from './results';

/** Minutes until each further attempt. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 240, 240];
const LONGEST_MS = 24 * 3_600_000;
/** How long a server may go on asking for less. */
const LONGEST_PACE_MS = 72 * 3_600_000;
/** When a mail that was held up by no fault of its own is due again. What holds it up says when it may go. */
const SOON_MS = 5_000;

const ends = ({ number, claimedAt }: ClaimOf, now: Date) => ({
  number,
  claimedAt,
  why: null,
  tries: 1 as const,
  nextAt: null,
  endedAt: now,
  code: null,
  status: null,
  answer: null,
});

/** It waits again: nothing of it has left. */
const waits = (claimed: ClaimOf, at: Date): Result => ({
  ...ends(claimed, at),
  state: 'waiting',
  tries: 0,
  nextAt: at,
  endedAt: null,
});

/** It is given back, and no server has heard of it. */
export const unused = (claimed: ClaimOf, now: Date): Result => ({
  ...waits(claimed, now),
  isUnused: true,
});

/** It cannot be written. */
export const failed = (claimed: ClaimOf, why: 'template' | 'address', answer: string, now: Date): Result => ({
  ...ends(claimed, now),
  state: 'failed',
  why,
  answer,
});

/** The person is gone. */
export const gone = (claimed: ClaimOf, now: Date): Result => ({
  ...ends(claimed, now),
  state: 'skipped',
  why: 'erased',
  tries: 0,
});

/** What becomes of a recipient. `again`: what was perhaps sent is sent once more. Only a server that speaks of the mail itself uses up an attempt. */
export function settled(claimed: Claimed, outcome: Outcome, { again, now }: { again: boolean; now: Date }): Result {
  const { code, status, text: answer } = outcome;
  const ended = { ...ends(claimed, now), code, status, answer };
  switch (outcome.kind) {
    case 'sent':
      return { ...ended, state: 'sent' };
    case 'refused':
      return { ...ended, state: 'refused', why: outcome.why };
    case 'unknown':
      return (again ? later(claimed, now) : undefined) === undefined
        ? { ...ended, state: 'unknown', why: 'connection' }
        : { ...ended, state: 'waiting', nextAt: later(claimed, now)!, endedAt: null };
    case 'senderFault':
      return { ...ended, ...waits(claimed, now), code, status, answer };
    case 'deferred': {
      if (outcome.why !== 'recipient' && now.getTime() - claimed.triedAt.getTime() < LONGEST_PACE_MS) {
        return { ...waits(claimed, new Date(now.getTime() + SOON_MS)), code, status, answer };
      }
      const at = outcome.why === 'recipient' ? later(claimed, now) : undefined;
      return at
        ? { ...ended, state: 'waiting', nextAt: at, endedAt: null }
        : { ...ended, state: 'refused', why: 'expired' };
    }
  }
}

/** When the next attempt is; undefined: there is none. */
function later({ attempts, triedAt }: Claimed, now: Date): Date | undefined {
  const minutes = RETRY_MINUTES[attempts];
  if (minutes === undefined) return undefined;
  const at = new Date(now.getTime() + minutes * 60_000);
  return at.getTime() - triedAt.getTime() > LONGEST_MS ? undefined : at;
}

/** What an answer says about those that come next: nothing, or that a lane, or the whole sender, is to wait or to stop. */
export type Consequence =
  | { kind: 'none' }
  | { kind: 'slower'; whom: 'lane' | 'sender' }
  | { kind: 'lost' }
  | { kind: 'stop' };

/** These speak of the connection, so of the sender's own server, whoever the mail is for. */
const OF_CONNECTION = new Set([421, 432, 454]);

export function consequenceOf(outcome: Outcome): Consequence {
  if (outcome.kind === 'senderFault')
    return outcome.why === 'connection' ? { kind: 'slower', whom: 'sender' } : { kind: 'stop' };
  if (outcome.kind === 'unknown') return { kind: 'lost' };
  if (outcome.kind !== 'deferred' || outcome.why === 'recipient') return { kind: 'none' };
  if (outcome.why === 'connection') return { kind: 'lost' };
  const own = (outcome.code !== null && OF_CONNECTION.has(outcome.code)) || outcome.status === '4.3.2';
  return { kind: 'slower', whom: own ? 'sender' : 'lane' };
}
