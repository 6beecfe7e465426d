// Limits on the size and duration of request bodies. Bytes are counted as they arrive, whether or not anybody (Next, the API,
// next-auth) reads them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY, HTTP } from '@/lib/config/limits';
import { refuseRequest, type RefusedRequest } from './refuse-request';

/** `whole`: kept in memory and due within a fixed time. `stream`: a file, which may take any time as long as it makes progress. */
export type BodyRule = { kind: 'whole' | 'stream'; maxBytes: number };

export type BodyTimes = {
  /** Time limit for bodies that are kept in memory. */
  wholeMs: number;
  uploadPeriodMs: number;
  uploadPeriodBytes: number;
};

const UPLOAD = /^\/(uploads\/|data\/[^/]+\/imports\/upload(\?|$))/;
const RULES: [path: RegExp, maxBytes: number][] = [
  [/^\/data\/[^/]+\/imports\/peek(\?|$)/, BODY.peek],
  [/^\/data\/[^/]+\/messages\/pictures(\?|$)/, BODY.picture],
  [/^\/(v2\/)?audience\/.*\/profiles\/tags(\?|$)/, BODY.apiSets],
  [/^\/(v2\/)?audience\/.*\/tags\/jobs(\?|$)/, BODY.apiJobs],
  [/^\/(v2\/)?audience\/.*\/forms\/[^/]+\/submissions(\?|$)/, BODY.form],
  [/^\/((v2\/)?audience|oauth)\//, BODY.api],
  [/^\/hooks\/(crm|bounces|ses|sms)\//, BODY.hook],
  [/^\/f\//, BODY.form],
  [/^\/(api|sign-in|set-up|invite|u|p)(\/|\?|$)/, BODY.signedOut],
];

/** The rule for an address. `uploadBytes`: the largest file allowed. */
export function bodyRule(url: string, uploadBytes: number): BodyRule {
  // The form around the file adds fields and separators.
  if (UPLOAD.test(url)) return { kind: 'stream', maxBytes: uploadBytes + BODY.signedOut };
  return { kind: 'whole', maxBytes: RULES.find(([path]) => path.test(url))?.[1] ?? BODY.pages };
}

/** Bytes of bodies in memory: in total and per client. */
export class BodyBudget {
  private total = 0;
  private readonly each = new Map<string, number>();

  constructor(
    private readonly limits: { all: number; each: number } = { all: HTTP.bodyBytes, each: HTTP.bodyBytesPerAddress },
  ) {}

  /**
   * Adds bytes of a client; false if that exceeds a limit. They are counted in either case, until `give`. `client`: null means no
   * limit per client.
   */
  take(client: string | null, bytes: number): boolean {
    this.add(client, bytes);
    const own = client === null ? 0 : (this.each.get(client) ?? 0);
    return this.total <= this.limits.all && own <= this.limits.each;
  }

  give(client: string | null, bytes: number): void {
    this.add(client, -bytes);
  }

  private add(client: string | null, bytes: number): void {
    this.total += bytes;
    if (client === null) return;
    const own = (this.each.get(client) ?? 0) + bytes;
    if (own > 0) this.each.set(client, own);
    else this.each.delete(client);
  }
}

type Limits = { rule: BodyRule; times: BodyTimes; budget: BodyBudget; client: string | null };

/** Watches the body of a request from here on. Returns false, having answered, if the announced length is already too large. */
export function limitBody(request: IncomingMessage, response: ServerResponse, limits: Limits): boolean {
  const { rule, times, budget, client } = limits;
  if (request.complete) return true;
  const { socket } = request;
  if (Number(request.headers['content-length'] ?? 0) > rule.maxBytes) {
    refuseRequest(request, response, tooLarge(rule));
    return false;
  }
  let received = 0;
  let held = 0;
  let refused = false;
  const refuse = (refusal: RefusedRequest) => {
    if (refused) return;
    refused = true;
    stopWatching();
    refuseRequest(request, response, refusal);
    // Fails the reader of the body, once the caller has had time to read the answer.
    socket.once('close', () => request.destroy(new Error('The body was refused.')));
  };
  const push = request.push.bind(request);
  // The HTTP parser passes each piece of the body to `push`.
  request.push = (piece: Buffer | null, encoding?: BufferEncoding) => {
    // Discards the rest without passing on its end: a truncated body must not look complete.
    if (refused) return true;
    if (piece === null) {
      stopWatching();
      return push(piece, encoding);
    }
    received += piece.length;
    if (received > rule.maxBytes) {
      refuse(tooLarge(rule));
      return true;
    }
    if (rule.kind === 'whole') {
      held += piece.length;
      if (!budget.take(client, piece.length)) {
        refuse({
          kind: 'unavailable',
          detail: 'Too much is being sent at once. Try again in a few seconds.',
          retryAfter: 5,
        });
        return true;
      }
    }
    return push(piece, encoding);
  };
  const watch = rule.kind === 'whole' ? watchWhole() : watchProgress();
  // The connection may carry further requests, so this request's listeners must go.
  const stopWatching = () => {
    clearInterval(watch);
    socket.off('close', stopWatching);
  };
  socket.once('close', stopWatching);
  response.once('close', () => {
    budget.give(client, held);
    held = 0;
    if (request.complete) stopWatching();
  });
  return true;

  function watchWhole(): NodeJS.Timeout {
    return setInterval(() => {
      if (request.complete) return stopWatching();
      refuse(tooSlow(`The body did not arrive within ${times.wholeMs / 1_000} seconds.`));
    }, times.wholeMs).unref();
  }

  /** Checks regularly that enough has arrived. While we apply backpressure, nothing can arrive. */
  function watchProgress(): NodeJS.Timeout {
    let before = 0;
    return setInterval(() => {
      if (request.complete) return stopWatching();
      const slow = received - before < times.uploadPeriodBytes;
      const ours = request.readableLength >= request.readableHighWaterMark;
      before = received;
      if (slow && !ours) refuse(tooSlow('The file stopped arriving.'));
    }, times.uploadPeriodMs).unref();
  }
}

const tooSlow = (what: string): RefusedRequest => ({
  kind: 'too-slow',
  detail: `${what} Nothing was changed: send it again.`,
});

function tooLarge({ kind, maxBytes }: BodyRule): RefusedRequest {
  const most = maxBytes >= 1_048_576 ? `${Math.floor(maxBytes / 1_048_576)} MB` : `${maxBytes / 1_000} kB`;
  const detail =
    kind === 'stream'
      ? `A file may have at most ${most}. Split it.`
      : `A body may have at most ${most} here. Send less at once.`;
  return { kind: 'too-large', detail };
}
