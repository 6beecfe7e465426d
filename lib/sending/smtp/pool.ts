// A few connections to one mail server, used again and again.
import { SMTP } from '@/lib/config/limits';
import type { Mail, Outcome, Transport } from '../outcome';
import { Line, LINE_OPTIONS, NoLine, type LineOptions, type SmtpServer } from './line';

/** `connections`: at most at once. Milliseconds: see `SMTP` in limits.ts. */
export type PoolOptions = LineOptions & {
  connections: number;
  mailsPerConnection: number;
  idleMs: number;
  backOffMs: number;
  backOffMostMs: number;
};

const POOL_OPTIONS: PoolOptions = {
  ...LINE_OPTIONS,
  connections: 5,
  mailsPerConnection: SMTP.mailsPerConnection,
  idleMs: SMTP.idleMs,
  backOffMs: SMTP.backOffMs,
  backOffMostMs: SMTP.backOffMostMs,
};

type Waiting = { mail: Mail; settle: (outcome: Outcome) => void; tries: number };

/** A mail that finds its connection closed goes over another one. */
const TRIES = 3;

export class SmtpPool implements Transport {
  private readonly options: PoolOptions;
  private readonly waiting: Waiting[] = [];
  private readonly lines = new Set<Line>();
  private readonly idle: { line: Line; timer: NodeJS.Timeout }[] = [];
  private opening = 0;
  private failures = 0;
  private blocked: { until: number; outcome: Outcome } | undefined;
  private closed = false;
  private onQuiet: (() => void) | undefined;

  constructor(
    private readonly server: SmtpServer,
    options: Partial<PoolOptions> = {},
  ) {
    this.options = { ...POOL_OPTIONS, ...options };
  }

  deliver(mail: Mail): Promise<Outcome> {
    if (this.closed) return Promise.resolve(CLOSED);
    return new Promise((settle) => {
      this.waiting.push({ mail, settle, tries: 0 });
      this.advance();
    });
  }

  async close(graceMs: number = SMTP.graceMs): Promise<void> {
    this.closed = true;
    for (const { settle } of this.waiting.splice(0)) settle(CLOSED);
    for (const { line, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      line.quit();
      this.lines.delete(line);
    }
    if (this.lines.size + this.opening > 0) {
      const quiet = new Promise<void>((resolve) => (this.onQuiet = resolve));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([quiet, new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))]);
      clearTimeout(timer);
    }
    for (const line of this.lines) line.close();
    this.lines.clear();
  }

  /** Gives waiting mails to connections, and opens what is missing. */
  private advance(): void {
    while (this.waiting.length > 0 && !this.closed) {
      const free = this.idle.pop();
      if (free) {
        clearTimeout(free.timer);
        if (free.line.open) void this.use(free.line);
        else this.lines.delete(free.line);
        continue;
      }
      if (this.blocked && Date.now() >= this.blocked.until) this.blocked = undefined;
      if (this.blocked) {
        // Whoever has a connection goes on with it. Without one, nobody waits here: rows can wait, processes end.
        if (this.lines.size + this.opening === 0) this.giveUp(this.blocked);
        return;
      }
      if (this.lines.size + this.opening >= this.options.connections || this.opening >= this.waiting.length) return;
      // One that is known to work, before all of them knock at a closed door.
      if (this.failures > 0 && this.opening > 0) return;
      void this.openLine();
    }
  }

  private giveUp({ until, outcome }: { until: number; outcome: Outcome }): void {
    const retryAfterMs = Math.max(0, until - Date.now());
    for (const { settle } of this.waiting.splice(0)) settle({ ...outcome, retryAfterMs } as Outcome);
  }

  private async openLine(): Promise<void> {
    this.opening++;
    try {
      const line = await Line.open(this.server, this.options);
      this.opening--;
      this.failures = 0;
      this.lines.add(line);
      line.onEnd = () => this.lines.delete(line);
      if (this.closed) return this.retire(line);
      this.next(line);
    } catch (error) {
      this.opening--;
      this.failures++;
      const { backOffMs, backOffMostMs } = this.options;
      const pause = Math.min(backOffMostMs, backOffMs * 2 ** (this.failures - 1));
      const outcome: Outcome =
        error instanceof NoLine
          ? error.outcome
          : { kind: 'senderFault', why: 'connection', code: null, status: null, text: 'The connection failed.' };
      this.blocked = { until: Date.now() + pause, outcome };
      this.settled();
      this.advance();
    }
  }

  /** Gives a connection the next mail, or lets it rest. */
  private next(line: Line): void {
    if (this.closed || !line.open || line.used >= this.options.mailsPerConnection) return this.retire(line);
    if (this.waiting.length > 0) return void this.use(line);
    const timer = setTimeout(() => {
      this.idle.splice(
        this.idle.findIndex((entry) => entry.line === line),
        1,
      );
      this.retire(line);
    }, this.options.idleMs);
    timer.unref();
    this.idle.push({ line, timer });
  }

  private retire(line: Line): void {
    line.quit();
    this.lines.delete(line);
    this.settled();
    this.advance();
  }

  private settled(): void {
    if (this.lines.size + this.opening === 0) this.onQuiet?.();
  }

  private async use(line: Line): Promise<void> {
    const job = this.waiting.shift();
    if (!job) return this.next(line);
    const usedBefore = line.used > 0;
    job.tries++;
    const outcome = await line.send(job.mail);
    const wasClosed = outcome.kind === 'deferred' && outcome.why === 'connection' && outcome.code === null;
    // A server may close a connection that rested, and nothing of the mail has left.
    if (wasClosed && usedBefore && job.tries < TRIES && !this.closed) this.waiting.unshift(job);
    else job.settle(outcome);
    this.next(line);
  }
}

const CLOSED: Outcome = {
  kind: 'deferred',
  why: 'connection',
  code: null,
  status: null,
  text: 'Tagwell was stopped before the mail was handed over.',
};
