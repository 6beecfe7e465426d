// How patient background work is and how much of it goes on at once. The process gives them at its start; tests give short times.

/** Times in milliseconds. */
export type WorkOptions = {
  /** How long a process works on one operation while others of its lane wait. */
  turnMs: number;
  /** So many failures in a row, without a step that succeeds between, end an operation as failed. */
  attempts: number;
  /** The pause after the first failure; each one after that is twice as long. */
  retryMs: number;
  /** How often the leader looks for work whose process has died. */
  recoverEveryMs: number;
  /** How long a process must be away until its work is given to others: long enough to connect again. */
  awayMs: number;
  /** How often a process shows that its connection lives, and tries to lead where nobody does. */
  lookMs: number;
  /** How long a new leader waits before it does anything: a former one that has lost its connection has stopped by then. */
  handoverMs: number;
  /** A process whose database does not answer for so long gives up its connection, and with it the lead. */
  answerMs: number;
  /** The longest pause of a loop that keeps failing, and between attempts to connect. */
  longestPauseMs: number;
  /** What each lane does at once in one process, and how often it looks for jobs of which no notification tells. */
  lanes: Record<Lane, { concurrency: number; pollMs: number }>;
};

/**
 * - `now`: what somebody or something waits for, such as wake-ups and sends. Short jobs.
 * - `work`: operations.
 * - `night`: sizes, cleaning, statistics. Runs in the leading process only.
 *
 * Each lane has workers of its own, so that none of them waits for another lane.
 */
export const LANES = ['now', 'work', 'night'] as const;
export type Lane = (typeof LANES)[number];

export const WORK_OPTIONS: WorkOptions = {
  turnMs: 5_000,
  attempts: 6,
  retryMs: 2_000,
  recoverEveryMs: 2_000,
  awayMs: 2_000,
  lookMs: 5_000,
  handoverMs: 1_000,
  answerMs: 20_000,
  longestPauseMs: 30_000,
  lanes: {
    now: { concurrency: 4, pollMs: 1_000 },
    work: { concurrency: 4, pollMs: 3_000 },
    night: { concurrency: 2, pollMs: 5_000 },
  },
};
