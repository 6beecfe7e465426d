// Responses to requests that are not served, in a format that the caller reads.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isApiPath } from '@/api/app';
import { FORMS_PATH } from '@/api/forms';
import { problemBody, type ProblemKind } from '@/api/problem';

export type RefusedRequest = {
  kind: Extract<ProblemKind, 'not-allowed' | 'too-slow' | 'too-large' | 'too-many-requests' | 'unavailable'>;
  /** What is wrong and what to do. */
  detail: string;
  /** Seconds. */
  retryAfter?: number;
};

/** Time for a caller to read the response while its own body still arrives. */
const LINGER_MS = 2_000;

/** Sends the refusal unless a response has begun, and closes the connection if the body is incomplete. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { kind, detail, retryAfter }: RefusedRequest,
): void {
  // A destroyed request has lost its socket; the response loses its own when it ends.
  const socket: Socket | null = response.socket ?? request.socket;
  const body = problemBody(kind, detail);
  const whole = request.complete;
  if (!response.headersSent) {
    const [type, text] = written(request, body);
    response.writeHead(body.status, {
      'content-type': type,
      'cache-control': 'no-store',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(!whole && { connection: 'close' }),
    });
    response.end(text);
  }
  if (whole) return;
  // Discards what still arrives for a moment: resetting the connection at once would lose the response.
  request.resume();
  const timer = setTimeout(() => socket?.destroy(), LINGER_MS);
  socket?.once('close', () => clearTimeout(timer));
}

/** JSON for clients and widgets, a page that retries automatically for people, plain text for everything else. */
function written(request: IncomingMessage, body: ReturnType<typeof problemBody>): [type: string, text: string] {
  const { url = '', method, headers } = request;
  // A form is answered by the API, but for people.
  if (isApiPath(url) && !FORMS_PATH.test(url)) return ['application/problem+json', JSON.stringify(body)];
  if (url.startsWith('/data/') || url.startsWith('/api/')) {
    return ['application/json', JSON.stringify({ message: body.detail })];
  }
  const forPerson = method === 'GET' && String(headers.accept ?? '').includes('text/html');
  return forPerson ? ['text/html; charset=utf-8', page(body.detail)] : ['text/plain', `${body.detail}\n`];
}

const page = (detail: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tagwell</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem">
<h1 style="font-size: 1.25rem">One moment</h1>
<p>${detail.replace(/[<&]/g, (sign) => (sign === '<' ? '&lt;' : '&amp;'))}</p>
<p>This page tries again by itself.</p>
</body>
</html>
`;
