// How patient long work is. Tests shorten it.

export type WorkTimes = {
  /** A running operation whose process has given no sign of life for so long is taken over. Milliseconds. */
  staleMs: number;
  /** How long a process works on one operation while others wait. Milliseconds. */
  turnMs: number;
  /** So many failures one after the other, without a step that succeeds between, end an operation. */
  attempts: number;
  /** The pause after the first failure; each one after that is twice as long. Milliseconds. */
  retryMs: number;
  /** How often a worker looks for operations that nobody works on. Milliseconds. */
  recoverEveryMs: number;
};

export const WORK_TIMES: WorkTimes = {
  staleMs: 15_000,
  turnMs: 5_000,
  attempts: 6,
  retryMs: 2_000,
  recoverEveryMs: 5_000,
};
