// The REST API in front of Next on the same port, or as a process of its own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApi } from '@/api/app';
import { problemBody } from '@/api/problem';
import { CLIENT_ADDRESS_HEADER } from '@/lib/access/origin';
import { environment } from '@/lib/config/environment';
import { answerHealth, measure } from './health';
import { createHttpServer, listen, stopServer } from './listen';
import { log } from './log';
import type { WebServer } from './web';

/** Answers the API's requests. */
export function apiListener(): (request: IncomingMessage, response: ServerResponse) => void {
  const seconds = environment().TAGWELL_API_TIMEOUT_SECONDS;
  const api = createApi({
    secret: `api:${process.env.NEXTAUTH_SECRET}`,
    callsPerSecond: environment().TAGWELL_API_CALLS_PER_SECOND,
    onError: (error) => log.error({ err: error }, 'an API call failed'),
  });
  // Next keeps the globals that it was built with.
  const answer = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  return (request, response) => {
    limitTime(request, response, seconds);
    void answer(request, response);
  };
}

/** Gives up a call whose body does not come. Files may take their time. */
function limitTime(request: IncomingMessage, response: ServerResponse, seconds: number): void {
  if (request.complete || request.url?.startsWith('/uploads/')) return;
  const timer = setTimeout(() => {
    if (request.complete || response.headersSent) return;
    const detail = `The body did not come within ${seconds} seconds. Nothing was changed: send it again.`;
    const body = JSON.stringify(problemBody('too-slow', detail));
    response.writeHead(408, { 'content-type': 'application/problem+json', connection: 'close' });
    response.end(body, () => request.socket.destroy());
  }, seconds * 1_000);
  response.once('close', () => clearTimeout(timer));
}

/** Listens for the API alone. Throws `ListenError` where the port is taken or not allowed. */
export async function startApi({ host, port }: { host: string; port: number }): Promise<WebServer> {
  const server = createHttpServer();
  await listen(server, host, port);
  const answer = apiListener();
  server.on('request', (request, response) => {
    measure(request, response);
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(request);
    if (!answerHealth(request, response)) answer(request, response);
  });
  return { port: (server.address() as AddressInfo).port, stop: () => stopServer(server) };
}

/** Asked for at every request, so it is not parsed each time. */
let behindProxy: boolean | undefined;

/** Behind a proxy (TAGWELL_URL is set) the address that the proxy saw; else the connection's own. A client cannot choose it. */
export function clientAddress(request: IncomingMessage): string {
  behindProxy ??= environment().TAGWELL_URL !== undefined;
  const forwarded = behindProxy ? String(request.headers['x-forwarded-for'] ?? '') : '';
  return forwarded.split(',').at(-1)?.trim() || request.socket.remoteAddress || '';
}
