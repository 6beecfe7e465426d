// Hands SMS over to a provider, a few at once, and says what became of each.
import http from 'node:http';
import https from 'node:https';
import { SMS } from '@/lib/config/limits';
import { asCallError, call, type CallAnswer, type CallError } from '@/lib/outbound/request';
import type { OpenProvider } from './account';
import type { SmsOutcome } from './outcome';
import type { ProviderCall, Sms } from './provider';

/** `onHanding`: as of a mail (lib/sending/outcome.ts). */
export type HandedSms = Omit<Sms, 'from'> & { onHanding?: () => Promise<void> | void };

export type SmsTransport = {
  /** Hands an SMS over. Never throws because of the receiver. */
  deliver: (sms: HandedSms) => Promise<SmsOutcome>;
  /** Lets what is under way end, for `graceMs` at most, and closes all connections. */
  close: (graceMs?: number) => Promise<void>;
};

export type SmsOptions = { connections: number; connectMs: number; answerMs: number; backOffMs: number };

const none = (text: string) => ({ code: null, status: null, text });

const CLOSED: SmsOutcome = {
  kind: 'deferred',
  why: 'connection',
  ...none('Tagwell was stopped before the SMS was handed over.'),
};

/** So many calls in a row without an answer: then nobody is asked for a while. */
const FAILURES_MAX = 5;

export class HttpSmsTransport implements SmsTransport {
  private readonly options: SmsOptions;
  private readonly waiting: (() => void)[] = [];
  private readonly agents = [
    // Servers close a connection that rests for five seconds or more; one that is closed while it is used leaves an SMS unknown.
    new http.Agent({ keepAlive: true, timeout: SMS.restMs }),
    new https.Agent({ keepAlive: true, timeout: SMS.restMs }),
  ] as const;
  private readonly ending = new AbortController();
  private running = 0;
  private failures = 0;
  private blocked: { until: number; outcome: SmsOutcome } | undefined;
  private closed = false;
  private onQuiet: (() => void) | undefined;

  constructor(
    private readonly provider: OpenProvider,
    private readonly from: string,
    options: Partial<SmsOptions> = {},
  ) {
    this.options = {
      connections: 5,
      connectMs: SMS.connectMs,
      answerMs: SMS.answerMs,
      backOffMs: SMS.backOffMs,
      ...options,
    };
  }

  async deliver({ onHanding, ...sms }: HandedSms): Promise<SmsOutcome> {
    if (this.running >= this.options.connections) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await this.hand({ ...sms, from: this.from }, onHanding);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
      if (this.running === 0) this.onQuiet?.();
    }
  }

  async close(graceMs: number = SMS.graceMs): Promise<void> {
    this.closed = true;
    if (this.running > 0) {
      let timer: NodeJS.Timeout | undefined;
      const quiet = new Promise<void>((resolve) => (this.onQuiet = resolve));
      await Promise.race([quiet, new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))]);
      clearTimeout(timer);
    }
    this.ending.abort();
    for (const agent of this.agents) agent.destroy();
  }

  private async hand(sms: Sms, onHanding: HandedSms['onHanding']): Promise<SmsOutcome> {
    if (this.closed) return CLOSED;
    if (this.blocked && Date.now() < this.blocked.until) {
      return { ...this.blocked.outcome, retryAfterMs: this.blocked.until - Date.now() } as SmsOutcome;
    }
    let request: ProviderCall;
    try {
      request = this.provider.send(sms);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'The template failed.';
      return { kind: 'refused', why: 'message', ...none(`The call could not be written: ${reason}`) };
    }
    try {
      await onHanding?.();
    } catch {
      const text = 'The SMS was held back: it could not be recorded that it leaves.';
      return { kind: 'deferred', why: 'connection', ...none(text) };
    }
    const outcome = await this.ask(request);
    this.count(outcome);
    return outcome;
  }

  private async ask(request: ProviderCall): Promise<SmsOutcome> {
    let answer: CallAnswer;
    try {
      answer = await this.call(request);
    } catch (error) {
      return withoutAnswer(asCallError(error));
    }
    return this.provider.outcome(answer);
  }

  private call({ url, ...request }: ProviderCall): Promise<CallAnswer> {
    const [plain, secure] = this.agents;
    return call(url, request, {
      connectMs: this.options.connectMs,
      timeoutMs: this.options.answerMs,
      answerChars: SMS.answerChars,
      longer: 'cut',
      signal: this.ending.signal,
      agent: url.startsWith('https:') ? secure : plain,
    });
  }

  /** Notes whether the provider answers at all. */
  private count(outcome: SmsOutcome): void {
    const isSilent = outcome.code === null && (outcome.kind === 'unknown' || outcome.kind === 'senderFault');
    this.failures = isSilent ? this.failures + 1 : 0;
    if (this.failures < FAILURES_MAX) return;
    const pause = Math.min(SMS.backOffMostMs, this.options.backOffMs * 2 ** (this.failures - FAILURES_MAX));
    this.blocked = {
      until: Date.now() + pause,
      outcome: { kind: 'senderFault', why: 'connection', ...none(`The provider does not answer. ${outcome.text}`) },
    };
  }
}

/** What a call without an answer means: what may have arrived was perhaps sent. */
function withoutAnswer(error: CallError): SmsOutcome {
  if (error.mayHaveArrived) return { kind: 'unknown', ...none(error.message) };
  if (error.reason === 'cancelled') return CLOSED;
  return { kind: 'senderFault', why: 'connection', ...none(error.message) };
}

/** Asks a provider whether it knows the account, sending nothing. Null: it cannot be asked. */
export async function probeProvider(
  provider: OpenProvider,
  from: string,
  { answerMs = SMS.askMs }: Partial<SmsOptions> = {},
): Promise<SmsOutcome | null> {
  const probe = provider.probe(from);
  if (probe === null) return null;
  const { url, ...request } = probe;
  try {
    const limits = { connectMs: answerMs, timeoutMs: answerMs, answerChars: SMS.answerChars, longer: 'cut' } as const;
    const answer = await call(url, request, limits);
    // What answers a question that sends nothing has no id of an SMS in it.
    if (answer.status >= 200 && answer.status < 300) {
      return { kind: 'sent', code: answer.status, status: null, text: 'The provider knows this account.' };
    }
    return provider.outcome(answer);
  } catch (error) {
    return { kind: 'senderFault', why: 'connection', ...none(asCallError(error).message) };
  }
}
