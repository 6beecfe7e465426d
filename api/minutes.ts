// A rate limit of this process for callers that are not known: so many by name in each minute.
const MINUTE = 60_000;
const NAMES_MAX = 10_000;

export class Minutes {
  #since = 0;
  #taken = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Takes one; false if the limit of the minute is reached. */
  take(name: string): boolean {
    const now = Math.floor(Date.now() / MINUTE);
    // Names that a caller invents must not fill the memory.
    if (now !== this.#since || this.#taken.size >= NAMES_MAX) this.#taken = new Map();
    this.#since = now;
    const taken = (this.#taken.get(name) ?? 0) + 1;
    this.#taken.set(name, taken);
    return taken <= this.limit;
  }
}
