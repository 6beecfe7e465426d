// The REST API in front of Next on the same port, or as a process of its own.
import type { IncomingHttpHeaders } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createApi } from '@/api/app';
import { follow, followerOf } from '@/api/followed';
import { SHOWN_FORM, showForm, type FormHeaders } from '@/api/forms';
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
    if (method !== 'GET' && method !== 'HEAD') return answer(request, response);
    // Thousands open one form at once, or follow the links of one mail.
    const followed = SHOWN_FORM.test(url)
      ? showForm(url, formHeaders(headers), method)
      : follow(
          url,
          followerOf(method, (name) => headers[name]?.toString()),
        );
    if (!followed) return answer(request, response);
    // What leads nowhere, and what fails, has a page.
    followed.then(
      (found) => {
        if (!found) return answer(request, response);
        const body = Buffer.from(found.body ?? '');
        response.writeHead(found.status, { ...found.headers, 'content-length': body.length });
        response.end(method === 'HEAD' ? null : body);
      },
      () => answer(request, response),
    );
  };
}

const formHeaders = (headers: IncomingHttpHeaders): FormHeaders => ({
  agent: headers['user-agent'] ?? '',
  referrer: headers.referer ?? '',
  host: headers.host ?? '',
  languages: headers['accept-language'] ?? '',
  purpose: String(headers['sec-purpose'] ?? ''),
});
