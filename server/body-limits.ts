// How large the body of a request may be and how long it may take. What a caller sends is counted as it arrives, so that it does
// not matter who reads it (Next, the API, next-auth), or whether anybody does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY, HTTP } from '@/lib/config/limits';
import { refuseRequest, type RefusedRequest } from './refuse-request';

/** `whole`: kept in memory and expected at once. `stream`: a file, which may take as long as it goes on coming. */
export type BodyRule = { kind: 'whole' | 'stream'; maxBytes: number };

export type BodyTimes = {
  /** Until a body that is kept in memory has to be there. */
  wholeMs: number;
  uploadPeriodMs: number;
  uploadPeriodBytes: number;
};

const UPLOAD = /^\/(uploads\/|data\/[^/]+\/imports\/upload(\?|$))/;
const RULES: [path: RegExp, maxBytes: number][] = [
  [/^\/data\/[^/]+\/imports\/peek(\?|$)/, BODY.peek],
  [/^\/(v2\/)?audience\/.*\/profiles\/tags(\?|$)/, BODY.apiSets],
  [/^\/(v2\/)?audience\/.*\/tags\/jobs(\?|$)/, BODY.apiJobs],
  [/^\/((v2\/)?audience|oauth)\//, BODY.api],
  [/^\/(api|sign-in|set-up|invite)(\/|\?|$)/, BODY.signedOut],
];

/** The rule for an address. `uploadBytes`: the largest file. */
export function bodyRule(url: string, uploadBytes: number): BodyRule {
  // A form around the file has fields and separators.
  if (UPLOAD.test(url)) return { kind: 'stream', maxBytes: uploadBytes + BODY.signedOut };
  return { kind: 'whole', maxBytes: RULES.find(([path]) => path.test(url))?.[1] ?? BODY.pages };
}

/** The bytes of bodies in memory, of all requests and of each client. */
export class BodyBudget {
  private total = 0;
  private readonly each = new Map<string, number>();

  constructor(
    private readonly limits: { all: number; each: number } = { all: HTTP.bodyBytes, each: HTTP.bodyBytesPerAddress },
  ) {}

  /** Counts bytes of a client; false if they are too many now. They are counted all the same, until `give`. `client`: null: no limit of its own. */
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

/** Watches the body of a request from here on. Returns false, with an answer given, if what it announces is too much already. */
export function limitBody(request: IncomingMessage, response: ServerResponse, limits: Limits): boolean {
  const { rule, times, budget, client } = limits;
  if (request.complete) return true;
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
    // The reader of the body gets an error, once the caller has had time to read the answer.
    request.socket.once('close', () => request.destroy(new Error('The body was refused.')));
  };
  const push = request.push.bind(request);
  // The parser hands each piece of the body to the request by `push`.
  request.push = (piece: Buffer | null, encoding?: BufferEncoding) => {
    // The rest is thrown away, and its end is not passed on: what was read must not look whole.
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
          detail: 'Too much is being sent at once. Try again in some seconds.',
          retryAfter: 5,
        });
        return true;
      }
    }
    return push(piece, encoding);
  };
  const { socket } = request;
  const watch = rule.kind === 'whole' ? watchWhole() : watchProgress();
  // The connection stays for further requests: what watches this one must not stay with it.
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
      refuse(tooSlow(`The body did not come within ${times.wholeMs / 1_000} seconds.`));
    }, times.wholeMs).unref();
  }

  /** Compares what came with what has to come. While we do not read on, nothing can come. */
  function watchProgress(): NodeJS.Timeout {
    let before = 0;
    return setInterval(() => {
      if (request.complete) return stopWatching();
      const slow = received - before < times.uploadPeriodBytes;
      const ours = request.readableLength >= request.readableHighWaterMark;
      before = received;
      if (slow && !ours) refuse(tooSlow('The file stopped coming.'));
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
