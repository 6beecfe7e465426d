// Loops that run while a process is the leader.
import type { WorkOptions } from './options';

/** A loop of the leader. */
export type Loop = {
  name: string;
  /** The pause between two turns. Milliseconds. */
  everyMs: number;
  /**
   * One turn, safe to repeat. A process that has lost the lead finishes its current turn, which may overlap with the
   * first turn of the next leader. `signal`: aborted when the loop shall stop.
   */
  turn: (signal: AbortSignal) => Promise<void>;
  /** Called after the last turn. */
  close?: () => Promise<void>;
};

type Options = Pick<WorkOptions, 'longestPauseMs'> & {
  /** A turn failed. The loop continues after a pause that doubles with each consecutive failure. */
  onProblem: (message: string, error: unknown) => void;
};

/** Starts a loop. `stop` waits for the current turn. */
export function startLoop(loop: Loop, { longestPauseMs, onProblem }: Options): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let current = Promise.resolve();
  const turn = async () => {
    try {
      await loop.turn(stopping.signal);
      failures = 0;
    } catch (error) {
      failures++;
      if (!stopping.signal.aborted) onProblem(`a background loop failed: ${loop.name}`, error);
    }
    if (stopping.signal.aborted) return;
    timer = setTimeout(next, Math.max(loop.everyMs, Math.min(longestPauseMs, loop.everyMs * 2 ** failures)));
  };
  const next = () => {
    current = turn();
  };
  next();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await current;
      // The next start must not depend on how this one ended.
      await loop
        .close?.()
        .catch((error: unknown) => onProblem(`a background loop could not be closed: ${loop.name}`, error));
    },
  };
}
