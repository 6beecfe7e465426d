// The HTTP server in front of the pages and the API. It listens before anything else is ready, so that every caller gets an answer,
// and it limits how much one caller, and all of them together, can use.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '@/lib/access/origin';
import { networkOf } from '@/lib/config/address-range';
import { HTTP } from '@/lib/config/limits';
import { BodyBudget, bodyRule, limitBody, type BodyTimes } from './body-limits';
import { clientAddress, isTrusted } from './client-address';
import { closeAfterEarlyAnswer } from './early-answer';
import { answerHealth } from './health';
import { measure } from './metrics';
import { refuseRequest } from './refuse-request';
import { startupMessage } from './state';

/** The server cannot listen on the address; the message is one line for the operator. */
export class ListenError extends Error {}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type FrontOptions = {
  times: BodyTimes;
  /** The largest file that can be uploaded. */
  uploadBytes: number;
  /** Overrides limits in tests. */
  limits?: Partial<Record<keyof typeof HTTP, number>>;
  /** Trusted proxies, in place of the environment's. */
  proxies?: readonly string[];
};

/** Retry-After during start-up. Seconds. */
const RETRY_WHEN_STARTING = 2;
const RETRY_WHEN_BUSY = 5;

const BUSY = 'Too many requests are being answered at once. Try again in a few seconds.';
/** Listeners of a response before Node warns of a leak. */
const RESPONSE_LISTENERS = 30;

export class Front {
  readonly server: Server;
  private handler: Handler | undefined;
  private readonly limits: Record<keyof typeof HTTP, number>;
  private readonly budget: BodyBudget;
  private readonly connections = new Counts();
  private readonly requests = new Counts();
  private readonly uploads = new Counts();
  private readonly underWay = new Set<ServerResponse>();
  private stopping = false;

  constructor(private readonly options: FrontOptions) {
    this.limits = { ...HTTP, ...options.limits };
    this.budget = new BodyBudget({ all: this.limits.bodyBytes, each: this.limits.bodyBytesPerAddress });
    this.server = createServer(
      {
        keepAliveTimeout: this.limits.keepAliveMs,
        headersTimeout: this.limits.headersMs,
        maxHeaderSize: this.limits.headerBytes,
        // Bodies have limits of their own: see body-limits.ts.
        requestTimeout: 0,
      },
      (request, response) => this.answer(request, response),
    );
    this.server.maxConnections = this.limits.connections;
    this.server.timeout = this.limits.silenceMs;
    this.server.on('connection', (socket: Socket) => this.countConnection(socket));
  }

  /** Resolves with the port once the server listens; throws `ListenError` if it cannot. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        const reasons: Record<string, string> = {
          EADDRINUSE: `Port ${port} is in use. Stop the other program, or set PORT to another number.`,
          EACCES: `Port ${port} needs more rights. Set PORT to a number above 1023.`,
          EADDRNOTAVAIL: `This machine has no address ${host}. Set HOST to one that it has.`,
        };
        reject(new ListenError(reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`));
      });
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** Passes requests to this handler from now on; until then they get 503 with Retry-After. */
  serve(handler: Handler): void {
    this.handler = handler;
  }

  /** Stops accepting connections, closes idle ones, and gives requests in progress a few seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const response of this.underWay) response.shouldKeepAlive = false;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, pause(this.limits.stopMs, undefined, { ref: false })]);
    this.server.closeAllConnections();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    // Ours and those of Next are more than the ten from which Node warns of a leak.
    response.setMaxListeners(RESPONSE_LISTENERS);
    measure(request, response);
    closeAfterEarlyAnswer(request, response);
    if (this.stopping) response.shouldKeepAlive = false;
    this.underWay.add(response);
    response.once('close', () => this.underWay.delete(response));
    const { proxies } = this.options;
    const address = clientAddress(request, proxies);
    overwrite(request, CLIENT_ADDRESS_HEADER, address);
    const id = requestId(request, proxies);
    overwrite(request, REQUEST_ID_HEADER, id);
    response.setHeader(REQUEST_ID_HEADER, id);
    if (answerHealth(request, response)) return;
    const wait = startupMessage();
    if (wait !== null || !this.handler) {
      const detail = wait ?? 'Tagwell is starting.';
      return refuseRequest(request, response, { kind: 'unavailable', detail, retryAfter: RETRY_WHEN_STARTING });
    }
    // A proxy represents many people: limits apply only to the clients that it names.
    const client = isTrusted(address, proxies) ? null : networkOf(address);
    if (!this.admit(request, response, client)) return;
    const rule = bodyRule(request.url ?? '', this.options.uploadBytes);
    if (!limitBody(request, response, { rule, times: this.options.times, budget: this.budget, client })) return;
    this.handler(request, response);
  }

  /** Counts the request until it ends, or refuses it if there are too many. */
  private admit(request: IncomingMessage, response: ServerResponse, client: string | null): boolean {
    const upload = bodyRule(request.url ?? '', 0).kind === 'stream';
    const counts = upload ? this.uploads : this.requests;
    const all = upload ? this.limits.uploads : this.limits.requests;
    const each = upload ? this.limits.uploadsPerAddress : this.limits.requestsPerAddress;
    if (client !== null && counts.of(client) >= each) {
      refuseRequest(request, response, { kind: 'too-many-requests', detail: BUSY, retryAfter: RETRY_WHEN_BUSY });
      return false;
    }
    if (counts.total >= all) {
      refuseRequest(request, response, { kind: 'unavailable', detail: BUSY, retryAfter: RETRY_WHEN_BUSY });
      return false;
    }
    counts.add(client, 1);
    response.once('close', () => counts.add(client, -1));
    return true;
  }

  private countConnection(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    if (isTrusted(address, this.options.proxies)) return;
    const network = networkOf(address);
    if (this.connections.of(network) >= this.limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.connections.add(network, 1);
    socket.once('close', () => this.connections.add(network, -1));
  }
}

/** Sets a header as if the caller had sent it, replacing the caller's own. */
function overwrite(request: IncomingMessage, name: string, value: string): void {
  request.headers[name] = value;
  const { rawHeaders } = request;
  // The lengths are compared first: this is asked of each header of every request. Beyond a thousand of them `headers` does not have all.
  const isIts = (header = '') => header.length === name.length && header.toLowerCase() === name;
  if (rawHeaders.some(isIts))
    request.rawHeaders = rawHeaders.filter((_part, index) => !isIts(rawHeaders[index - (index % 2)]));
  request.rawHeaders.push(name, value);
}

/** A new id, or the one that a trusted proxy assigned. */
function requestId(request: IncomingMessage, proxies: readonly string[] | undefined): string {
  const given = String(request.headers[REQUEST_ID_HEADER] ?? '');
  const known = /^[\w-]{8,64}$/.test(given) && isTrusted(request.socket.remoteAddress ?? '', proxies);
  return known ? given : randomUUID();
}

/** Counts in total and per client. */
class Counts {
  total = 0;
  private readonly each = new Map<string, number>();

  of(client: string): number {
    return this.each.get(client) ?? 0;
  }

  add(client: string | null, more: 1 | -1): void {
    this.total += more;
    if (client === null) return;
    const own = this.of(client) + more;
    if (own > 0) this.each.set(client, own);
    else this.each.delete(client);
  }
}
