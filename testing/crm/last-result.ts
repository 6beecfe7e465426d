// Remembers the last few results of a made-up CRM: the pages of one read ask for the same rows again and again.

/** How many results are remembered. */
const MOST = 8;

export class LastResults<Value> {
  readonly #known = new Map<string, Value>();

  /** `key`: all that the result depends on, with the version of the data. */
  of(key: string, find: () => Value): Value {
    const value = this.#known.get(key) ?? find();
    this.#known.delete(key);
    this.#known.set(key, value);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return value;
  }
}
