// /healthz, /readyz and /metrics: answered by the server itself, before Next.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import ipaddr from 'ipaddr.js';
import { register } from 'prom-client';
import { environment } from '@/lib/config/environment';
import { databaseProblem } from '@/lib/db/condition';
import { pool } from '@/lib/db/pool';
import { state, startupMessage } from './state';

/** Answers the operator's addresses; returns false for all others. */
export function answerHealth(request: IncomingMessage, response: ServerResponse): boolean {
  switch (request.url) {
    case '/healthz':
      send(response, 200, state.starting === null ? (databaseProblem() ?? 'ok') : `starting: ${state.starting}`);
      return true;
    case '/readyz':
      answerReady(response);
      return true;
    case '/metrics':
      answerMetrics(request, response);
      return true;
    default:
      return false;
  }
}

function answerReady(response: ServerResponse): void {
  const wait = startupMessage();
  if (wait !== null) return send(response, 503, wait);
  pool()
    .query('select 1')
    .then(
      () => send(response, 200, 'ready'),
      () => send(response, 503, 'the database is not responding'),
    );
}

function answerMetrics(request: IncomingMessage, response: ServerResponse): void {
  if (!mayReadMetrics(request)) {
    return send(
      response,
      403,
      'Metrics are for this machine only. For others set TAGWELL_METRICS_TOKEN and send it as a Bearer token.',
    );
  }
  const wait = startupMessage();
  if (wait !== null) return send(response, 503, wait);
  register.metrics().then(
    (text) => send(response, 200, text, register.contentType),
    () => send(response, 503, 'the database is not responding'),
  );
}

/** With the token if one is configured; otherwise from this machine only, and not through a proxy on it. */
function mayReadMetrics({ headers, socket }: IncomingMessage): boolean {
  const token = environment().TAGWELL_METRICS_TOKEN;
  if (token) {
    const [wanted, given] = [Buffer.from(`Bearer ${token}`), Buffer.from(headers.authorization ?? '')];
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  }
  const address = socket.remoteAddress ?? '';
  const forwarded = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'].some((name) => headers[name] !== undefined);
  return !forwarded && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(`${body}\n`);
}
