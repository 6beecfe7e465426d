// Timeouts, retries and concurrency of background work. Set by the process at its start; tests use short times.

/** Times in milliseconds. */
export type WorkOptions = {
  /** How long a process works on one operation while others of its lane wait. */
  turnMs: number;
  /** After this many consecutive failures, without a successful step in between, an operation ends as failed. */
  attempts: number;
  /** The pause after the first failure; it doubles with each further one. */
  retryMs: number;
  /** How often the leader looks for work of dead processes. */
  recoverEveryMs: number;
  /** How long a process must be absent before its work is given to others: long enough to reconnect. */
  awayMs: number;
  /** How often a process checks its connection, and tries to become leader if there is none. */
  refreshMs: number;
  /** How long a new leader waits before it acts: a former leader that lost its connection has stopped by then. */
  handoverMs: number;
  /** A process whose database does not answer for this long closes its connection, and with it gives up the lead. */
  answerMs: number;
  /** The longest pause of a failing loop, and between attempts to connect. */
  longestPauseMs: number;
  /** The concurrency of each lane in one process, and how often it polls for jobs, in case a notification is missed. */
  lanes: Record<Lane, { concurrency: number; pollMs: number }>;
};

/**
 * `now`: short jobs that somebody or something waits for, such as wake-ups and sends. `work`: operations. `remote`: jobs
 * that wait for other systems, which may take an hour. `mail`: the mails of senders, for as long as there are any. `service`: those
 * of single calls, which wait for no newsletter. `night`:
 * sizes, clean-up, statistics; runs only in the leader. Each lane has its own workers, so that no lane waits for
 * another.
 */
export const LANES = ['now', 'work', 'remote', 'mail', 'service', 'night'] as const;
export type Lane = (typeof LANES)[number];

export const WORK_OPTIONS: WorkOptions = {
  turnMs: 5_000,
  attempts: 6,
  retryMs: 2_000,
  recoverEveryMs: 2_000,
  awayMs: 2_000,
  refreshMs: 5_000,
  handoverMs: 1_000,
  answerMs: 20_000,
  longestPauseMs: 30_000,
  lanes: {
    now: { concurrency: 4, pollMs: 1_000 },
    work: { concurrency: 4, pollMs: 3_000 },
    remote: { concurrency: 8, pollMs: 3_000 },
    mail: { concurrency: 8, pollMs: 2_000 },
    service: { concurrency: 4, pollMs: 1_000 },
    night: { concurrency: 2, pollMs: 5_000 },
  },
};
