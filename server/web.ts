// The web server: Node's own, with Next behind it.
import type { AddressInfo } from 'node:net';
import next from 'next';
import { isApiPath } from '@/api/app';
import { CLIENT_ADDRESS_HEADER, PATH_HEADER } from '@/lib/access/origin';
import { UNSTORABLE } from '@/lib/access/refusal';
import { apiListener, clientAddress } from './api';
import { setPolicy } from './content-security';
import { answerHealth, measure } from './health';
import { createHttpServer, listen, stopServer } from './listen';
import { log } from './log';

export type WebServer = { port: number; stop: () => Promise<void> };

/** Listens, and answers once Next is ready. Throws `ListenError` where the port is taken or not allowed. */
export async function startWeb({ host, port }: { host: string; port: number }): Promise<WebServer> {
  const server = createHttpServer();
  await listen(server, host, port);
  const { port: listening } = server.address() as AddressInfo;
  const development = process.env.NODE_ENV === 'development';
  const application = next({
    dev: development,
    dir: process.cwd(),
    hostname: host,
    port: listening,
  });
  await application.prepare();
  const handle = application.getRequestHandler();
  const api = apiListener();
  server.on('request', (request, response) => {
    measure(request, response);
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(request);
    request.headers[PATH_HEADER] = request.url;
    if (answerHealth(request, response)) return;
    if (isApiPath(request.url ?? '')) return api(request, response);
    // No text with it can be asked about: the database has none.
    if (request.url?.includes('%00')) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(UNSTORABLE);
      return;
    }
    // Live reload needs eval and inline scripts.
    if (!development) setPolicy(request, response);
    handle(request, response).catch((error: unknown) => {
      log.error({ error: String(error) }, 'a request failed');
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    application
      .getUpgradeHandler()(request, socket, head)
      .catch(() => socket.destroy());
  });
  return {
    port: listening,
    stop: async () => {
      await stopServer(server);
      await application.close();
    },
  };
}
