// Keeps calls within a vendor's limit: at most a share of the published rate, and so many at once. The rate holds over all processes
// that take turns, the number at once in each.
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

/** A turn every so many milliseconds; after a pause, `burst` of them at once. */
export type Pace = { everyMs: number; burst: number };

/**
 * Takes the next turn of a key, which all processes share. Resolves with how many milliseconds after `now` it is. A turn that was taken
 * and not used is lost.
 */
export type TakeTurn = (key: string, pace: Pace, now: number) => Promise<number>;

/**
 * A token bucket with places. It refills at `pace` of the published rate and holds what is left of it, so that no period of the
 * vendor's length ever sees more calls than published, even the first. `takeTurn`: the bucket of all processes; its tokens are asked
 * for one at a time, so that none is kept by a process that does not call.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #places;
  readonly #key: string;
  readonly #pace: Pace;
  readonly #takeTurn: TakeTurn | undefined;
  #tokens: number;
  #filledAt: number;
  #pausedUntil = 0;
  /** The end of the queue for tokens: they are given in order of arrival. */
  #queue: Promise<void> = Promise.resolve();

  constructor({ key, calls, perMs, concurrency }: RateLimit, clock: Clock, takeTurn?: TakeTurn) {
    this.#clock = clock;
    this.#takeTurn = takeTurn;
    this.#places = semaphore(concurrency);
    this.#key = key;
    this.#pace = { everyMs: perMs / (calls * CRM.pace), burst: Math.max(1, Math.floor(calls * (1 - CRM.pace))) };
    this.#tokens = this.#pace.burst;
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
    await this.#waitFor(() => this.#wait(), signal);
    this.#tokens -= 1;
    if (!this.#takeTurn) return;
    const began = this.#clock.now();
    const turn = began + (await this.#takeTurn(this.#key, this.#pace, began));
    // Meanwhile the vendor may have asked for a pause.
    await this.#waitFor(() => Math.max(turn, this.#pausedUntil) - this.#clock.now(), signal);
  }

  /** Sleeps until nothing is left to wait for, in milliseconds. Throws the signal's reason. */
  async #waitFor(left: () => number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = left();
      if (wait <= 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }

  /** Milliseconds until a token is there. */
  #wait(): number {
    const now = this.#clock.now();
    const { everyMs, burst } = this.#pace;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#filledAt) / everyMs);
    this.#filledAt = now;
    const missing = this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) * everyMs);
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

/** The limiter of a key, shared by everything in this process. The first to ask decides all else. */
export function limiterOf(limit: RateLimit, clock: Clock, takeTurn?: TakeTurn): Limiter {
  const known = limiters.get(limit.key);
  if (known) return known;
  const limiter = new Limiter(limit, clock, takeTurn);
  limiters.set(limit.key, limiter);
  return limiter;
}
