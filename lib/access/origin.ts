// Where a request came from, as the server in front of Next wrote it down (server/web.ts).
import type { Origin } from './actor';

/** The header that server/web.ts sets; one sent by a client is overwritten there. */
export const CLIENT_ADDRESS_HEADER = 'x-tagwell-client';

/** The header in which server/web.ts passes on the path and query of the request; one sent by a client is overwritten. */
export const PATH_HEADER = 'x-tagwell-path';

/** The id of a request, on its way in and in its answer: server/front.ts makes it. */
export const REQUEST_ID_HEADER = 'x-request-id';

export function originOf(headers: Pick<Headers, 'get'>): Origin {
  return {
    ip: headers.get(CLIENT_ADDRESS_HEADER),
    userAgent: headers.get('user-agent')?.slice(0, 300) ?? null,
    requestId: headers.get(REQUEST_ID_HEADER) ?? undefined,
  };
}
