// Keeps the calls of this process within a vendor's limit: at most a share of the published rate, and so many at once.
import { CRM } from '@/lib/config/limits';
import { semaphore } from '@/lib/db/semaphore';
import type { Clock } from './clock';

/** A vendor's limit on calls. All connections with the same key share it. */
export type RateLimit = {
  key: string;
  calls: number;
  perMs: number;
  /** Calls at the same time. */
  concurrency: number;
  /** Milliseconds to wait after a 429 without `Retry-After`; doubles with each further one. */
  throttledMs: number;
};

/**
 * A token bucket with places. It refills at `pace` of the published rate and holds what is left of it, so that no period of the
 * vendor's length ever sees more calls than published, even the first.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #places;
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAt: number;
  #pausedUntil = 0;
  /** The end of the queue for tokens: they are given in order of arrival. */
  #queue: Promise<void> = Promise.resolve();

  constructor({ calls, perMs, concurrency }: RateLimit, clock: Clock) {
    this.#clock = clock;
    this.#places = semaphore(concurrency);
    this.#perMs = (calls * CRM.pace) / perMs;
    this.#capacity = Math.max(1, Math.floor(calls * (1 - CRM.pace)));
    this.#tokens = this.#capacity;
    this.#filledAt = clock.now();
  }

  /** Resolves with the function that gives the place back, when a call may start. Rejects with the signal's reason. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    const release = await this.#places.acquire(signal);
    const turn = this.#queue.then(() => this.#takeToken(signal));
    this.#queue = turn.catch(() => undefined);
    try {
      await orAborted(turn, signal);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** No further call starts for so long: the vendor asked for it. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds);
  }

  async #takeToken(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.#wait();
      if (wait <= 0) break;
      await this.#clock.sleep(wait, signal);
    }
    this.#tokens -= 1;
  }

  /** Milliseconds until a token is there. */
  #wait(): number {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + Math.max(0, now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
    const missing = this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
    return Math.max(missing, this.#pausedUntil - now);
  }
}

/** The promise; or rejects with the signal's reason, whichever is first. */
function orAborted(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal?.reason as Error);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', giveUp));
  });
}

const limiters = new Map<string, Limiter>();

/** The limiter of a key, shared by everything in this process. The first to ask decides its limit and clock. */
export function limiterOf(limit: RateLimit, clock: Clock): Limiter {
  const known = limiters.get(limit.key);
  if (known) return known;
  const limiter = new Limiter(limit, clock);
  limiters.set(limit.key, limiter);
  return limiter;
}
