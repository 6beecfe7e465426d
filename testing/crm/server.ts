// The base of made-up CRMs: a real HTTP server with a clock of its own, a log of calls, a throttle and faults at will. Control it
// by the methods, or over HTTP under /__sim/ (reset, clock, fault, mutate, log).
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '@/lib/integrations/clock';
import { Faults, spoiled, type Fault } from './faults';
import { PopulationSize } from './population';
import { json, type SimAnswer, type SimRequest } from '@/demo/crm/wire';

/** What a vendor's simulator adds to the base. */
export type Vendor = {
  answer: (request: SimRequest) => SimAnswer | Promise<SimAnswer>;
  /** What the log says of a call beside its address, where all calls have the same: ' query 99990034'. */
  describe?: (request: SimRequest) => string;
  /** Its limit, as published: by key, in a sliding window. `keyOf` null: the call is not counted. */
  limit?: { calls: number | (() => number); perMs: number; keyOf: (request: SimRequest) => string | null };
  /** Its answer to too many calls. `retryAfter`: seconds, if it says so. */
  throttled: (retryAfter: number | undefined) => SimAnswer;
  /** Starts again with another population. Over HTTP: POST /__sim/reset. */
  reset: (size: PopulationSize) => void;
  /** What POST /__sim/mutate can do: `{ "do": "renameList", "with": ["12", "New name"] }`. */
  mutations: Record<string, (...values: never[]) => unknown>;
};

export type LoggedCall = SimRequest & {
  /** 'GET /path?query', percent-decoded. */
  line: string;
  /** 0 while it runs, and of a call that got no answer. */
  status: number;
  /** By the virtual clock. */
  at: number;
  /** Calls in progress when it came, with itself. */
  running: number;
};

/** Constant, so that dates in tests are known: a morning in Sweden, before a clock change in the same week. */
const START = Date.parse('2026-03-26T08:00:00Z');

const Control = {
  clock: z.object({ advance: z.number() }),
  mutate: z.object({ do: z.string(), with: z.array(z.unknown()).default([]) }),
};

export class Simulator {
  readonly faults = new Faults();
  log: LoggedCall[] = [];
  /** Called with each call before it is answered: to change the data in the middle of a read. */
  beforeAnswer: (call: LoggedCall) => void = () => undefined;
  readonly #vendor: Vendor;
  readonly #server: http.Server;
  readonly #time: { now: number };
  #running = 0;
  readonly #windows = new Map<string, number[]>();
  readonly #answers = new Map<string, SimAnswer>();
  /** Answers and faults that wait; they end with the server. */
  readonly #stopping = new AbortController();

  private constructor(server: http.Server, vendor: Vendor, time: { now: number }) {
    this.#time = time;
    this.#server = server;
    this.#vendor = vendor;
    server.on('request', (request, response) => void this.#receive(request, response));
  }

  /** Listens on this machine only, on any free port unless one is given. `vendorOf` gets the clock and the address. */
  static async start(vendorOf: (base: { now: () => number; origin: string }) => Vendor, port = 0): Promise<Simulator> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const origin = originOf(server);
    const time = { now: START };
    return new Simulator(server, vendorOf({ now: () => time.now, origin }), time);
  }

  /** 'http://127.0.0.1:1234' */
  get origin(): string {
    return originOf(this.#server);
  }

  /** The clock of the simulator, for the connector: waiting moves it on and takes no time. */
  readonly clock: Clock = {
    now: () => this.#time.now,
    sleep: (milliseconds) => {
      this.#time.now += milliseconds;
      return Promise.resolve();
    },
  };

  advance(milliseconds: number): void {
    this.#time.now += milliseconds;
  }

  /** Without faults, log, throttle and what was before; the clock goes on. */
  reset(size: Partial<PopulationSize> = {}): void {
    this.faults.clear();
    this.log = [];
    this.beforeAnswer = () => undefined;
    this.#windows.clear();
    this.#answers.clear();
    this.#vendor.reset(PopulationSize.parse(size));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    for await (const part of request) body += part as string;
    const url = new URL(request.url ?? '/', this.origin);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    const incoming: SimRequest = { method: request.method ?? 'GET', url, headers, body };
    const control = /^\/__sim\/(\w+)$/.exec(url.pathname)?.[1];
    if (control) return write(response, this.#time.now, this.#control(control, body));
    const logged: LoggedCall = {
      ...incoming,
      line: `${incoming.method} ${decoded(url.pathname + url.search)}${this.#vendor.describe?.(incoming) ?? ''}`,
      status: 0,
      at: this.#time.now,
      running: (this.#running += 1),
    };
    this.log.push(logged);
    try {
      const answer = await this.#answer(logged, request);
      if (!answer) return;
      logged.status = answer.status;
      write(response, this.#time.now, answer);
    } finally {
      this.#running -= 1;
    }
  }

  /** Null: there is none. */
  async #answer(call: LoggedCall, request: http.IncomingMessage): Promise<SimAnswer | null> {
    const fault = this.faults.of(call.line);
    if (fault?.kind === 'reset') return (request.socket.resetAndDestroy(), null);
    if (fault?.kind === 'timeout') return null;
    if (fault?.kind === 'slow')
      await pause(fault.delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (fault?.kind === 'throttled') return this.#vendor.throttled(fault.retryAfter);
    const busy = this.#throttled(call);
    if (busy !== null) return this.#vendor.throttled(busy);
    return this.#spoil(fault, call, async () => {
      this.beforeAnswer(call);
      return this.#vendor.answer(call);
    });
  }

  async #spoil(fault: Fault | undefined, call: LoggedCall, answer: () => Promise<SimAnswer>): Promise<SimAnswer> {
    const before = this.#answers.get(call.url.pathname);
    const right = await answer();
    if (!fault) this.#answers.set(call.url.pathname, right);
    return fault ? spoiled(fault, right, { before, origin: this.origin, sent: call }) : right;
  }

  /** Seconds until the window has room, or null if it has. */
  #throttled(call: SimRequest): number | null {
    const { limit } = this.#vendor;
    const key = limit?.keyOf(call);
    if (!limit || key === null || key === undefined) return null;
    const recent = (this.#windows.get(key) ?? []).filter((at) => at > this.#time.now - limit.perMs);
    const full = recent.length >= (typeof limit.calls === 'number' ? limit.calls : limit.calls());
    this.#windows.set(key, full ? recent : [...recent, this.#time.now]);
    return full ? Math.ceil(((recent[0] ?? this.#time.now) + limit.perMs - this.#time.now) / 1_000) : null;
  }

  #control(what: string, body: string): SimAnswer {
    try {
      return json(200, this.#controlled(what, body === '' ? {} : JSON.parse(body)) ?? {});
    } catch (error) {
      return json(400, { message: error instanceof Error ? error.message : 'It failed.' });
    }
  }

  #controlled(what: string, value: unknown): unknown {
    switch (what) {
      case 'reset':
        return this.reset(PopulationSize.parse(value));
      case 'clock':
        return this.advance(Control.clock.parse(value).advance);
      case 'fault':
        return this.faults.set(value as Parameters<Faults['set']>[0]);
      case 'log':
        return this.log;
      case 'mutate': {
        const wanted = Control.mutate.parse(value);
        const mutation = Object.hasOwn(this.#vendor.mutations, wanted.do)
          ? this.#vendor.mutations[wanted.do]
          : undefined;
        if (!mutation) throw new Error(`It can: ${Object.keys(this.#vendor.mutations).join(', ')}.`);
        return mutation(...(wanted.with as never[]));
      }
      default:
        throw new Error('It can: reset, clock, fault, mutate, log.');
    }
  }
}

const originOf = (server: http.Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function write(response: http.ServerResponse, now: number, { status, headers = {}, body }: SimAnswer): void {
  response.writeHead(status, {
    'content-length': String(Buffer.byteLength(body)),
    date: new Date(now).toUTCString(),
    ...headers,
  });
  response.end(body);
}
