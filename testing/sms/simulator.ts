// The base of made-up SMS providers: a real HTTP server that keeps what it was sent, with faults at will, and that reports by real calls.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
};
export type Answer = { status: number; headers?: Record<string, string>; body: string };

/** An SMS that a provider has taken. */
export type TakenSms = {
  id: string;
  from: string;
  to: string;
  text: string;
  reference: string | null;
  callback: string | null;
};

/** A call that a provider makes. */
export type Report = { url: string; headers: Record<string, string>; body: string };

/** What happens to a call instead of an answer. `before`: nothing is taken; `after`: the SMS is taken, and the answer is lost. */
export type Fault = { when: 'before' | 'after'; do: 'reset' | 'silence' } | { answer: Answer };

export type Vendor = {
  /** Its answer. `take` keeps an SMS and gives it an id. */
  answer: (asked: Asked, take: (sms: Omit<TakenSms, 'id'>) => TakenSms) => Answer;
  newId: (index: number) => string;
};

export const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export class SmsSimulator {
  readonly taken: TakenSms[] = [];
  readonly asked: Asked[] = [];
  /** Used up one by one, each by the next call. */
  readonly faults: Fault[] = [];
  /** The most calls at once. */
  most = 0;
  delayMs = 0;
  private running = 0;
  private readonly server: http.Server;

  private constructor(
    server: http.Server,
    private readonly vendor: Vendor,
  ) {
    this.server = server;
    server.on('request', (request, response) => void this.receive(request, response));
  }

  /** Listens on this machine only. */
  static async start(vendor: Vendor): Promise<SmsSimulator> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SmsSimulator(server, vendor);
  }

  /** 'http://127.0.0.1:1234' */
  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  reset(): void {
    this.taken.length = this.asked.length = this.faults.length = 0;
    this.most = this.delayMs = 0;
  }

  private async receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://simulator');
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const asked = { method: request.method ?? '', path, query, headers, body: Buffer.concat(parts).toString('utf8') };
    this.asked.push(asked);
    this.most = Math.max(this.most, ++this.running);
    try {
      if (this.delayMs > 0) await pause(this.delayMs);
      const fault = this.faults.shift();
      if (fault && 'answer' in fault) return void write(response, fault.answer);
      if (fault?.when === 'before') return fail(request, fault.do);
      const answer = this.vendor.answer(asked, (sms) => this.take(sms));
      if (fault) return fail(request, fault.do);
      write(response, answer);
    } finally {
      this.running--;
    }
  }

  private take(sms: Omit<TakenSms, 'id'>): TakenSms {
    const taken = { id: this.vendor.newId(this.taken.length + 1), ...sms };
    this.taken.push(taken);
    return taken;
  }
}

function fail(request: http.IncomingMessage, how: 'reset' | 'silence'): void {
  if (how === 'reset') request.socket.destroy();
}

function write(response: http.ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

/** Whether a call has this user name and password (RFC 7617). */
export const hasBasic = ({ headers }: Asked, user: string, password: string): boolean =>
  headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
