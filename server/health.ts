// /healthz, /readyz and /metrics: answered by the server itself, before Next.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';

collectDefaultMetrics();

const requests = new Histogram({
  name: 'tagwell_http_request_seconds',
  help: 'Time to answer HTTP requests, by method and status class.',
  labelNames: ['method', 'status'],
  buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 5],
});

new Gauge({
  name: 'tagwell_operations',
  help: 'Operations that wait or run.',
  labelNames: ['status'],
  async collect() {
    const waiting = await rows<{ status: string; count: number }>(
      pool(),
      sql`select status, count(*) as count from operation where status in ('queued', 'running') group by status`,
    );
    this.reset();
    for (const { status, count } of waiting) this.set({ status }, count);
  },
});

/** Measures a request from here to its end. */
export function measure(request: IncomingMessage, response: ServerResponse): void {
  const end = requests.startTimer({ method: request.method ?? 'GET' });
  response.once('close', () => end({ status: `${Math.floor(response.statusCode / 100)}xx` }));
}

/** Answers the operator's addresses; false for all others. */
export function answerHealth(request: IncomingMessage, response: ServerResponse): boolean {
  switch (request.url) {
    case '/healthz':
      send(response, 200, 'ok');
      return true;
    case '/readyz':
      pool()
        .query('select 1')
        .then(
          () => send(response, 200, 'ready'),
          () => send(response, 503, 'the database does not answer'),
        );
      return true;
    case '/metrics':
      register.metrics().then(
        (text) => send(response, 200, text, register.contentType),
        () => send(response, 503, 'the database does not answer'),
      );
      return true;
    default:
      return false;
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(`${body}\n`);
}
