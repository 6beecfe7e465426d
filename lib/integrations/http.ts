// HTTP to CRMs, in one place: limits, retries, timeouts, sizes, and which hosts may be called.

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

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute. */
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Repeating it does no harm, so it may be retried. Default: for GET only. */
  repeatable?: boolean;
};

/** An answer with status 200 to 299, or one that the caller asked for with `accept`. */
export type HttpAnswer = {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** By the server's clock, if it says; otherwise ours. */
  serverTime: Date;
};

/** The calls of one connection. */
export type Http = {
  /**
   * Sends a request. Retries what is temporary. Throws `CrmError` for anything but 2xx, unless its status is in
   * `accept`.
   */
  send: (request: HttpRequest, options?: { accept?: readonly number[] }) => Promise<HttpAnswer>;
  /** Calls so far, retries included. */
  readonly calls: number;
};
