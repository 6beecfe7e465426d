// The web server: Node's own, with Next behind it.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import next from 'next';
import { CLIENT_ADDRESS_HEADER } from '@/app/origin';
import { environment } from '@/lib/config/environment';
import { setPolicy } from './content-security';
import { answerHealth, measure } from './health';
import { listen } from './listen';
import { log } from './log';

export type WebServer = { port: number; stop: () => Promise<void> };

/** Listens, and answers once Next is ready. Throws `ListenError` where the port is taken or not allowed. */
export async function startWeb({ host, port }: { host: string; port: number }): Promise<WebServer> {
  // Longer than proxies keep an idle connection, so that none sends a request into one that we are just closing.
  const server = createServer({ keepAliveTimeout: 65_000 });
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
  server.on('request', (request, response) => {
    measure(request, response);
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(request);
    if (answerHealth(request, response)) return;
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
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000))]);
      server.closeAllConnections();
      await application.close();
    },
  };
}

/** Behind a proxy (TAGWELL_URL is set) the address that the proxy saw; else the connection's own. A client cannot choose it. */
function clientAddress(request: IncomingMessage): string {
  const forwarded = environment().TAGWELL_URL ? String(request.headers['x-forwarded-for'] ?? '') : '';
  return forwarded.split(',').at(-1)?.trim() || request.socket.remoteAddress || '';
}
