// The REST API in front of Next on the same port, or as a process of its own.
import { getRequestListener } from '@hono/node-server';
import { createApi } from '@/api/app';
import { follow } from '@/api/followed';
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
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const answer: Handler = (request, response) => void listener(request, response);
  return (request, response) => {
    const { method = '', url = '', headers } = request;
    const followed =
      method === 'GET' || method === 'HEAD' ? follow(url, { method, agent: headers['user-agent'] ?? '' }) : undefined;
    if (!followed) return answer(request, response);
    // What leads nowhere, and what fails, has a page.
    followed.then(
      (found) => {
        if (found) response.writeHead(found.status, found.headers).end(found.body);
        else answer(request, response);
      },
      () => answer(request, response),
    );
  };
}
