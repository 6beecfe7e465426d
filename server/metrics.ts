// Metrics for operators (GET /metrics), beside the process's own: memory, event loop, garbage collection.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Gauge, Histogram } from 'prom-client';
import { pool, poolUse } from '@/lib/db/pool';
import { runningOperations, waitingJobs } from '@/lib/work/waiting';
import { ledgerLag } from '@/lib/tags/low-water-mark';
import { waitingMessages } from '@/lib/webhooks/queries';

collectDefaultMetrics();

/** How long counts from the database are cached: scrapes in between cost no query. */
const COUNTED_FOR_MS = 10_000;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const requests = new Histogram({
  name: 'tagwell_http_request_seconds',
  help: 'Time to answer HTTP requests, by method and status class.',
  labelNames: ['method', 'status'],
  buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 5],
});

/** Measures a request from here until it ends. */
export function measure(request: IncomingMessage, response: ServerResponse): void {
  const { method = '' } = request;
  const end = requests.startTimer({ method: METHODS.includes(method) ? method : 'other' });
  response.once('close', () => end({ status: `${Math.floor(response.statusCode / 100)}xx` }));
}

async function count() {
  const [operations, jobs, messages, lag] = await Promise.all([
    runningOperations(pool()),
    waitingJobs(pool()),
    waitingMessages(pool()),
    ledgerLag(),
  ]);
  return { operations, jobs, messages, lag };
}

type Counted = Awaited<ReturnType<typeof count>>;
let counted: { at: number; found: Promise<Counted> } | undefined;

/** Counted once for all gauges; again after some seconds or a failure. */
function recentCount(): Promise<Counted> {
  if (!counted || performance.now() - counted.at > COUNTED_FOR_MS) {
    const found = count();
    counted = { at: performance.now(), found };
    found.catch(() => (counted = undefined));
  }
  return counted.found;
}

function gauge<Label extends string>(
  name: string,
  help: string,
  labelNames: Label[],
  values: (counted: Counted) => [labels: Partial<Record<Label, string>>, value: number][],
): void {
  new Gauge({
    name,
    help,
    labelNames,
    async collect() {
      const found = values(await recentCount());
      this.reset();
      for (const [labels, value] of found) this.set(labels, value);
    },
  });
}

gauge('tagwell_operations', 'Operations that wait or run.', ['kind', 'status'], ({ operations }) =>
  operations.map(({ kind, status, count: many }) => [{ kind, status }, many]),
);
gauge('tagwell_jobs_waiting', 'Jobs that are due and that no worker has taken yet.', ['task'], ({ jobs }) =>
  jobs.map(({ task, count: many }) => [{ task }, many]),
);
gauge('tagwell_job_oldest_seconds', 'For how long the oldest job has been due.', ['task'], ({ jobs }) =>
  jobs.map(({ task, oldestSeconds }) => [{ task }, oldestSeconds]),
);
gauge('tagwell_webhook_messages_waiting', 'Webhook messages that are still to be delivered.', [], ({ messages }) => [
  [{}, messages.count],
]);
gauge('tagwell_webhook_message_oldest_seconds', 'Age of the oldest of them.', [], ({ messages }) => [
  [{}, messages.oldestSeconds],
]);
gauge('tagwell_ledger_lag', 'Changes of tags that the feed and webhooks may not read yet.', [], ({ lag }) => [
  [{}, lag],
]);

new Gauge({
  name: 'tagwell_database_connections',
  help: 'Connections of this process to the database: total, idle; and callers that wait for one.',
  labelNames: ['state'],
  collect() {
    for (const [state, value] of Object.entries(poolUse())) this.set({ state }, value);
  },
});
