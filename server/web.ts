// Pages and other browser requests: Next, behind the front. API calls go to the API.
import next from 'next';
import { isApiPath } from '@/api/app';
import { PATH_HEADER, REQUEST_ID_HEADER } from '@/lib/access/origin';
import { unavailableReason } from '@/lib/db/condition';
import { builtActions, checkAction, isAction, isPageForm, refuseMalformed } from './action-request';
import { apiHandler } from './api';
import { setPolicy } from './content-security';
import type { Front, Handler } from './front';
import { foreignOrigin, isCrossOriginWrite, removeInvalidCallback } from './cross-origin';
import { log } from './log';
import { refuseRequest } from './refuse-request';
import { onRequestErrors } from './request-errors';
import { unreadablePath } from './unreadable-path';

const REPORTED_MAX = 1_000;

export type Web = { handler: Handler; stop: () => Promise<void> };

/** Prepares Next. */
export async function openWeb(front: Front, { host, port }: { host: string; port: number }): Promise<Web> {
  const development = process.env.NODE_ENV === 'development';
  // Next's own output is text that contains values: errors arrive through `onRequestErrors` instead.
  const application = next({ dev: development, dir: process.cwd(), hostname: host, port, quiet: !development });
  /** Requests whose error has been logged. A request that ended before its error was reported stays in the set. */
  const logged = new Set<string>();
  onRequestErrors((error, { method, headers }, { routePath, routeType }) => {
    const id = String(headers[REQUEST_ID_HEADER]);
    if (logged.size > REPORTED_MAX) logged.clear();
    logged.add(id);
    const level = unavailableReason(error) === null ? 'error' : 'warn';
    log[level]({ err: error, requestId: id, method, route: routePath, of: routeType }, 'a request failed');
  });
  await application.prepare();
  const handle = application.getRequestHandler();
  const api = apiHandler();
  const actions = development ? undefined : builtActions();
  const toNext: Handler = (request, response) => {
    removeInvalidCallback(request);
    // Live reload needs eval and inline scripts.
    if (!development) setPolicy(request, response);
    const { method, headers } = request;
    const requestId = String(headers[REQUEST_ID_HEADER]);
    response.once('close', () => {
      // 503 is the front's own refusal.
      if (!logged.delete(requestId) && response.statusCode >= 500 && response.statusCode !== 503) {
        log.error({ requestId, method, status: response.statusCode }, 'a request failed, and Next gave no reason');
      }
    });
    handle(request, response).catch((error: unknown) => {
      const reason = unavailableReason(error);
      logged.add(requestId);
      if (!response.writableEnded) log.error({ err: error, requestId, method }, 'a request failed');
      if (response.headersSent) return void response.destroy();
      if (reason !== null)
        return refuseRequest(request, response, { kind: 'unavailable', detail: reason, retryAfter: 5 });
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Something went wrong on our side. Try again.\n');
    });
  };
  const handler: Handler = (request, response) => {
    request.headers[PATH_HEADER] = request.url;
    if (isApiPath(request.url ?? '')) return api(request, response);
    const unreadable = unreadablePath(request.url ?? '');
    if (unreadable !== null) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(unreadable);
      return;
    }
    if (isCrossOriginWrite(request))
      return refuseRequest(request, response, { kind: 'not-allowed', detail: foreignOrigin() });
    if (isAction(request)) return checkAction(request, response, actions, () => toNext(request, response));
    if (isPageForm(request)) return refuseMalformed(response);
    toNext(request, response);
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
