// Commands and queries in metrics and in the debug log.
import { Histogram } from 'prom-client';
import { onCall } from '@/lib/access/declared';
import { log } from './log';

const seconds = new Histogram({
  name: 'tagwell_call_seconds',
  help: 'Time of commands and queries, by name and outcome: ok, a refusal, cancelled, or error for anything unexpected.',
  labelNames: ['kind', 'name', 'outcome'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
});

/** Records metrics and logs for every command and query of this process from now on. */
export function watchCalls(): void {
  onCall(({ kind, name, outcome, seconds: taken, actor, requestId, error }) => {
    seconds.observe({ kind, name, outcome }, taken);
    log.debug({ [kind]: name, outcome, ms: Math.round(taken * 1_000), actor, requestId }, 'a call');
    // Next shows the digest of an error in the browser: with the request id as digest, an operator finds the log entry.
    if (error instanceof Error && requestId !== undefined) Object.assign(error, { digest: requestId });
  });
}
