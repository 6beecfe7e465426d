// Pages and what browsers ask for: Next, behind the front. The API's calls go to the API.
import next from 'next';
import { isApiPath } from '@/api/app';
import { FOREIGN_ORIGIN, PATH_HEADER } from '@/lib/access/origin';
import { UNSTORABLE } from '@/lib/access/refusal';
import { unavailableReason } from '@/lib/db/condition';
import { apiHandler } from './api';
import { setPolicy } from './content-security';
import type { Front, Handler } from './front';
import { dropBadCallback, isForeignWrite } from './from-elsewhere';
import { log } from './log';
import { refuseRequest } from './refuse-request';

export type Web = { handler: Handler; stop: () => Promise<void> };

/** Prepares Next. */
export async function openWeb(front: Front, { host, port }: { host: string; port: number }): Promise<Web> {
  const development = process.env.NODE_ENV === 'development';
  const application = next({ dev: development, dir: process.cwd(), hostname: host, port });
  await application.prepare();
  const handle = application.getRequestHandler();
  const api = apiHandler();
  const handler: Handler = (request, response) => {
    request.headers[PATH_HEADER] = request.url;
    if (isApiPath(request.url ?? '')) return api(request, response);
    // No text with it can be asked about: the database has none.
    if (request.url?.includes('%00')) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(UNSTORABLE);
      return;
    }
    if (isForeignWrite(request))
      return refuseRequest(request, response, { kind: 'not-allowed', detail: FOREIGN_ORIGIN });
    dropBadCallback(request);
    // Live reload needs eval and inline scripts.
    if (!development) setPolicy(request, response);
    handle(request, response).catch((error: unknown) => {
      const reason = unavailableReason(error);
      if (!response.writableEnded) log.error({ err: error }, 'a request failed');
      if (response.headersSent) return void response.destroy();
      if (reason !== null)
        return refuseRequest(request, response, { kind: 'unavailable', detail: reason, retryAfter: 5 });
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Something went wrong on our side. Try again.\n');
    });
  };
  // Live reload; a built application has no such connections.
  if (development) {
    front.server.on('upgrade', (request, socket, head) => {
      application
        .getUpgradeHandler()(request, socket, head)
        .catch(() => socket.destroy());
    });
  }
  return { handler, stop: () => application.close() };
}
