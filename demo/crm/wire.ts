// Requests and answers of a made-up CRM.

export type SimRequest = {
  method: string;
  /** With the address of the server. */
  url: URL;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
};

export type SimAnswer = { status: number; headers?: Record<string, string>; body: string };

/** An answer with a JSON body. */
export const json = (status: number, value: unknown, headers: Record<string, string> = {}): SimAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});
