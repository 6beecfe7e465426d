// Where a request came from, as recorded by the server in front of Next (server/web.ts).
import type { Origin } from './actor';

/** Set by server/web.ts, which overwrites any value sent by the client. */
export const CLIENT_ADDRESS_HEADER = 'x-tagwell-client';

/** Carries the path and query of the request. Set by server/web.ts, which overwrites any value sent by the client. */
export const PATH_HEADER = 'x-tagwell-path';

/** The id of a request, in the request and in its answer: created by server/front.ts. */
export const REQUEST_ID_HEADER = 'x-request-id';

export function originOf(headers: Pick<Headers, 'get'>): Origin {
  return {
    ip: headers.get(CLIENT_ADDRESS_HEADER),
    userAgent: headers.get('user-agent')?.slice(0, 300) ?? null,
    requestId: headers.get(REQUEST_ID_HEADER) ?? undefined,
  };
}
