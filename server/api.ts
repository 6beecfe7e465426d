// The REST API in front of Next on the same port, or as a process of its own.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createApi, type FailedCall } from '@/api/app';
import { follow, followerOf } from '@/api/followed';
import { sendForm, SHOWN_FORM, showForm, type FormHeaders } from '@/api/forms';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '@/lib/access/origin';
import { environment } from '@/lib/config/environment';
import type { Handler } from './front';
import { log } from './log';

/** Creates the handler of API requests. */
export function apiHandler(): Handler {
  const onError = (error: unknown, call: FailedCall) => log.error({ err: error, ...call }, 'an API call failed');
  const api = createApi({
    secret: `api:${process.env.NEXTAUTH_SECRET}`,
    callsPerSecond: environment().TAGWELL_API_CALLS_PER_SECOND,
    onError,
  });
  // Next keeps the globals that it was built with.
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const answer: Handler = (request, response) => void listener(request, response);
  return (request, response) => {
    const { method = '', url = '', headers } = request;
    // Thousands open one form at once and send it, or follow the links of one mail.
    if (method === 'POST' && SHOWN_FORM.test(url) && !MULTIPART.test(headers['content-type'] ?? '')) {
      const call = { requestId: headers[REQUEST_ID_HEADER]?.toString(), method, route: 'public forms' };
      const sent = { url, agent: headers['user-agent'] ?? '', languages: headers['accept-language'] ?? '' };
      const address = headers[CLIENT_ADDRESS_HEADER]?.toString() ?? null;
      return readText(request, (body) => {
        void sendForm({ ...sent, address, body }, (error) => onError(error, call)).then((page) =>
          write(response, page),
        );
      });
    }
    if (method !== 'GET' && method !== 'HEAD') return answer(request, response);
    const followed = SHOWN_FORM.test(url)
      ? showForm(url, formHeaders(headers), method)
      : follow(
          url,
          followerOf(method, (name) => headers[name]?.toString()),
        );
    if (!followed) return answer(request, response);
    // What leads nowhere, and what fails, has a page.
    followed.then(
      (found) => (found ? write(response, found, method) : answer(request, response)),
      () => answer(request, response),
    );
  };
}

const MULTIPART = /^multipart\/form-data/i;

/** Reads a whole body, whose size the front limits. One that breaks off, or was refused, needs no answer. */
function readText(request: IncomingMessage, then: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => then(Buffer.concat(chunks).toString()));
  request.on('error', () => undefined);
}

type Written = { status: number; headers: Record<string, string>; body: string | Buffer | null };

function write(response: ServerResponse, { status, headers, body }: Written, method?: string): void {
  const bytes = Buffer.from(body ?? '');
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? null : bytes);
}

const formHeaders = (headers: IncomingHttpHeaders): FormHeaders => ({
  agent: headers['user-agent'] ?? '',
  referrer: headers.referer ?? '',
  host: headers.host ?? '',
  languages: headers['accept-language'] ?? '',
  purpose: String(headers['sec-purpose'] ?? ''),
});
