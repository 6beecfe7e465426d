// How often something happened lately, in the memory of this process. Nothing that would tell a person from another is kept.

const NAMES_MAX = 20_000;

/** Counts by name in a window that moves on by halves: what is older than the window never counts, what is in its newer half always does. */
export class Rates {
  #since = 0;
  #now = new Map<string, number>();
  #before = new Map<string, number>();

  constructor(private readonly windowMs: number) {}

  /** Counts one more; how many there were lately, with this one. */
  add(name: string, now: number): number {
    this.#move(now);
    // Names that a caller invents must not fill the memory.
    if (this.#now.size >= NAMES_MAX) this.#now = new Map();
    this.#now.set(name, (this.#now.get(name) ?? 0) + 1);
    return this.of(name, now);
  }

  /** How many there were lately. */
  of(name: string, now: number): number {
    this.#move(now);
    return (this.#now.get(name) ?? 0) + (this.#before.get(name) ?? 0);
  }

  #move(now: number): void {
    const half = Math.floor(now / (this.windowMs / 2));
    if (half === this.#since) return;
    this.#before = half === this.#since + 1 ? this.#now : new Map<string, number>();
    this.#now = new Map();
    this.#since = half;
  }
}
