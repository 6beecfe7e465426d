// Turns: of what is heavy only so many go on at once, and the others wait, first come, first served.

export type Turns = {
  /** Resolves when it is one's turn, with what ends it; rejects with the signal's reason where that comes first. */
  take: (signal?: AbortSignal) => Promise<() => void>;
  /** How many wait. */
  waiting: () => number;
  /** Whether nothing goes on and nobody waits. */
  idle: () => boolean;
};

export function turns(atOnce: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();
  const leave = () => {
    running -= 1;
    const [next] = waiting;
    next?.();
  };
  return {
    waiting: () => waiting.size,
    idle: () => running === 0 && waiting.size === 0,
    take: (signal) =>
      new Promise((resolve, reject) => {
        const begin = () => {
          waiting.delete(begin);
          signal?.removeEventListener('abort', giveUp);
          running += 1;
          let left = false;
          resolve(() => {
            if (!left) leave();
            left = true;
          });
        };
        const giveUp = () => {
          waiting.delete(begin);
          reject(signal?.reason as Error);
        };
        if (signal?.aborted) return giveUp();
        if (running < atOnce) return begin();
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.add(begin);
      }),
  };
}
