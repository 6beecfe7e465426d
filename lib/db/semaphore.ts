// A fair semaphore: limits how much heavy work runs at once in this process. Waiters are served in order of arrival.

export type Semaphore = {
  /** Resolves with the function that releases the slot; rejects with the signal's reason if it is aborted first. */
  acquire: (signal?: AbortSignal) => Promise<() => void>;
  /** Number of waiters. */
  waiting: () => number;
  /** True when nothing runs and nothing waits. */
  idle: () => boolean;
};

export function semaphore(atOnce: number): Semaphore {
  let running = 0;
  const waiting = new Set<() => void>();
  const release = () => {
    running -= 1;
    const [next] = waiting;
    next?.();
  };
  return {
    waiting: () => waiting.size,
    idle: () => running === 0 && waiting.size === 0,
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        const begin = () => {
          waiting.delete(begin);
          signal?.removeEventListener('abort', giveUp);
          running += 1;
          let released = false;
          resolve(() => {
            if (!released) release();
            released = true;
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
