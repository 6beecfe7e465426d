// The REST API in front of Next on the same port, or as a process of its own.
import { getRequestListener } from '@hono/node-server';
import { createApi } from '@/api/app';
import { environment } from '@/lib/config/environment';
import type { Handler } from './front';
import { log } from './log';

/** Creates the handler of API requests. */
export function apiHandler(): Handler {
  const api = createApi({
    secret: `api:${process.env.NEXTAUTH_SECRET}`,
    callsPerSecond: environment().TAGWELL_API_CALLS_PER_SECOND,
    onError: (error, call) => log.error({ err: error, ...call }, 'an API call failed'),
  });
  // Next keeps the globals that it was built with.
  const answer = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  return (request, response) => void answer(request, response);
}
