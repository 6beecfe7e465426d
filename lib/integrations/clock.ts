// Time as calls to CRMs see it: tests pass a clock that does not wait.

export type Clock = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after the time, or when the signal is aborted, whichever is first. Never rejects. */
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
};

export const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      if (signal?.aborted) done();
      else signal?.addEventListener('abort', done, { once: true });
    }),
};
