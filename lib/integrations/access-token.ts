// Access tokens that end: fetched once for all calls at the same time, and renewed before they end.

export type Token = { value: string; /** How long to use it, in milliseconds. */ useMs: number };

/** The token of one session. */
export type TokenKeeper = {
  get: () => Promise<string>;
  /** The CRM refused this one: the next `get` fetches another. */
  refused: (value: string) => void;
};

/** `fetchToken` is called when one is needed. If it fails, so does `get`, and the next `get` tries again. */
export function keepToken(fetchToken: () => Promise<Token>): TokenKeeper {
  let current: { value: string; until: number } | undefined;
  let fetching: Promise<string> | undefined;
  const renew = async () => {
    try {
      const { value, useMs } = await fetchToken();
      current = { value, until: Date.now() + useMs };
      return value;
    } finally {
      fetching = undefined;
    }
  };
  return {
    get() {
      if (current && current.until > Date.now()) return Promise.resolve(current.value);
      fetching ??= renew();
      return fetching;
    },
    refused(value) {
      if (current?.value === value) current = undefined;
    },
  };
}
