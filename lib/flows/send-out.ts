// Sends what flows tell others: calls at the same time, of each flow a few. A flow whose receiver does not answer holds up neither other flows nor other
// sections. No network in a transaction, and a process that dies leaves what it had in hand to the next one.
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WEBHOOKS } from '@/lib/config/limits';
import type { SectionId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { post } from '@/lib/outbound/request';
import { compose, ComposeError } from '@/lib/sending/compose/compose';
import { domainOfSender, openTransport } from '@/lib/sending/open-transport';
import { openSender, sendersOn } from '@/lib/sending/queries';
import type { OpenSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { takeRoom } from '@/lib/sending/use';
import { shortened } from '@/lib/text/shortened';
import { shuffled } from '@/lib/work/shuffled';
import { claimOut, flowsWithDue, secretOf, settleOut, type OutItem } from './out';
import type { FlowPlace } from './run';

/** How much of a flow is taken at once. */
const BATCH = 20;
const LEASE_MS = 5 * 60_000;
/** How many flows send at once, and how many of those may be such whose receiver did not answer last time. */
const FLOWS_AT_ONCE = Math.floor(WEBHOOKS.atOnce / WEBHOOKS.perWebhook);
const SILENT_AT_ONCE = Math.floor(WEBHOOKS.atOnceToSilent / WEBHOOKS.perWebhook);
/** How soon it is looked for more while something is under way. */
const LOOK_MS = 250;
const MINUTE_MS = 60_000;
/** Minutes until each further attempt. */
const RETRY_MINUTES = [1, 5, 15, 60, 240, 480];
const NO_SENDER_MINUTES = 15;
/** How long a notice waits for a sender. */
const NO_SENDER_MS = 24 * 60 * MINUTE_MS;

/** `now`: tests bring a clock of their own. */
type Options = Partial<PoolOptions> & { signal?: AbortSignal; now?: Date };

/** Sends what is due, in every section, until nothing is. Throws at the end if something failed; everything else is sent. */
export async function sendOut(options: Options = {}): Promise<void> {
  const turn = new Turn(options);
  do await turn.startDue();
  while (await turn.goesOn());
}

class Turn {
  /** One batch of a flow at a time. */
  private readonly running = new Map<string, Promise<void>>();
  private readonly silent = new Set<string>();
  private readonly failed = new Map<string, unknown>();

  constructor(private readonly options: Options) {}

  /** Takes batches of flows that have none in hand, in random order: those that did not answer come last. */
  async startDue(): Promise<void> {
    const { signal, now = new Date() } = this.options;
    if (signal?.aborted || this.running.size >= FLOWS_AT_ONCE) return;
    const due = shuffled(await flowsWithDue(pool(), now)).filter((flow) => {
      const key = keyOf(flow);
      return !this.running.has(key) && !this.failed.has(key);
    });
    const isSilent = (flow: FlowPlace) => this.silent.has(keyOf(flow));
    let toSilent = [...this.running.keys()].filter((key) => this.silent.has(key)).length;
    for (const flow of [...due.filter((each) => !isSilent(each)), ...due.filter(isSilent)]) {
      if (this.running.size >= FLOWS_AT_ONCE || (isSilent(flow) && toSilent >= SILENT_AT_ONCE)) return;
      if (isSilent(flow)) toSilent++;
      this.start(flow);
    }
  }

  /** Waits until something has ended, or for a moment. False: everything has. */
  async goesOn(): Promise<boolean> {
    if (this.running.size > 0) {
      const moment = new AbortController();
      await Promise.race([...this.running.values(), pause(LOOK_MS, undefined, { signal: moment.signal })]);
      moment.abort();
      return true;
    }
    if (this.failed.size > 0) throw new AggregateError(this.failed.values(), 'Some flows could not tell others.');
    return false;
  }

  private start(flow: FlowPlace): void {
    const key = keyOf(flow);
    const sent = this.sendBatch(flow)
      .catch((error: unknown) => void this.failed.set(key, error))
      .finally(() => this.running.delete(key));
    this.running.set(key, sent);
  }

  private async sendBatch(flow: FlowPlace): Promise<void> {
    const { sectionId } = flow;
    const now = this.options.now ?? new Date();
    const limit = this.silent.has(keyOf(flow)) ? WEBHOOKS.perSilentWebhook : BATCH;
    const items = await claimOut(pool(), flow, { limit, leaseMs: LEASE_MS, now });
    const calls = items.filter(({ kind }) => kind === 'webhook');
    const mails = items.filter(({ kind }) => kind === 'notify');
    await Promise.all([
      ...Array.from({ length: WEBHOOKS.perWebhook }, () => this.makeCalls(flow, calls)),
      ...(mails.length > 0 ? [sendMails(sectionId, mails, this.options)] : []),
    ]);
  }

  /** One after the other. Others take from the same. Once one is not answered, the rest waits for its turn. */
  private async makeCalls(flow: FlowPlace, calls: OutItem[]): Promise<void> {
    const { sectionId } = flow;
    let wasAnswered = true;
    for (let item = calls.shift(); item; item = calls.shift()) {
      if (!wasAnswered || this.options.signal?.aborted) await postpone(sectionId, item, this.options);
      else wasAnswered = await makeCall(sectionId, item, this.options);
      if (wasAnswered) this.silent.delete(keyOf(flow));
      else this.silent.add(keyOf(flow));
    }
  }
}

const keyOf = ({ sectionId, flowId }: FlowPlace): string => `${sectionId} ${flowId}`;

/** Returns whether somebody answered, whatever they did. */
async function makeCall(sectionId: SectionId, item: OutItem, options: Options): Promise<boolean> {
  const { signal } = options;
  const id = `flow_${sectionId}_${item.number}`;
  const timestamp = String(Math.floor((options.now ?? new Date()).getTime() / 1_000));
  const key = Buffer.from(secretOf(sectionId).replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${item.body}`).digest('base64');
  const outcome = await post(
    item.address,
    {
      ...{ 'content-type': 'application/json', 'user-agent': 'Tagwell' },
      ...{ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signed}` },
    },
    item.body,
    { ...(signal && { signal }) },
  );
  const said = 'error' in outcome ? outcome.error : `It answered ${outcome.status}.`;
  if (signal?.aborted) await postpone(sectionId, item, options);
  else if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) {
    await end(sectionId, item, 'sent', said, options);
  } else {
    // 410: the receiver is gone for good.
    await again(sectionId, item, said, options, { final: 'status' in outcome && outcome.status === 410 });
  }
  return 'status' in outcome;
}

const end = (
  sectionId: SectionId,
  item: OutItem,
  state: 'sent' | 'failed',
  outcome: string,
  { now = new Date() }: Options,
): Promise<void> => settleOut(pool(), sectionId, item, { state, outcome: shortened(outcome, 500) }, now);

async function again(
  sectionId: SectionId,
  item: OutItem,
  outcome: string,
  options: Options,
  { final = false } = {},
): Promise<void> {
  const minutes = final ? undefined : RETRY_MINUTES[item.attempts - 1];
  if (minutes === undefined) return end(sectionId, item, 'failed', outcome, options);
  const now = options.now ?? new Date();
  const nextAt = new Date(now.getTime() + minutes * MINUTE_MS);
  await settleOut(pool(), sectionId, item, { state: 'waiting', outcome: shortened(outcome, 500), nextAt }, now);
}

/** It was not tried. */
const postpone = (
  sectionId: SectionId,
  item: OutItem,
  { now = new Date() }: Options,
  { outcome = 'It waits for its turn.', nextAt = now } = {},
): Promise<void> => settleOut(pool(), sectionId, item, { state: 'waiting', outcome, nextAt, counts: false }, now);

async function sendMails(sectionId: SectionId, mails: readonly OutItem[], options: Options): Promise<void> {
  const now = options.now ?? new Date();
  const [first] = await sendersOn(pool(), sectionId, 'email');
  const sender = first && (await openSender(pool(), sectionId, first.id));
  if (!sender || sender.pausedAt) {
    for (const mail of mails) await withoutSender(sectionId, mail, options);
    return;
  }
  const room = await transaction((tx) => takeRoom(tx, sender, mails.length, now));
  const going = mails.slice(0, room.granted);
  for (const mail of mails.slice(going.length)) {
    const nextAt = room.nextAt ?? new Date(now.getTime() + MINUTE_MS);
    await postpone(sectionId, mail, options, { outcome: 'The limits of the sender allow no more now.', nextAt });
  }
  if (going.length === 0) return;
  const transport = openTransport(sender, options);
  try {
    await Promise.all(going.map((mail) => sendMail(sectionId, mail, sender, transport, options)));
  } finally {
    await transport.close();
  }
}

/** A notice waits for a sender for a day; then it is given up, so that nobody stands at its step for ever. */
async function withoutSender(sectionId: SectionId, mail: OutItem, options: Options): Promise<void> {
  const outcome = 'The section has no sender for email that may send now.';
  const now = options.now ?? new Date();
  if (now.getTime() - mail.createdAt.getTime() >= NO_SENDER_MS) return end(sectionId, mail, 'failed', outcome, options);
  const nextAt = new Date(now.getTime() + NO_SENDER_MINUTES * MINUTE_MS);
  await postpone(sectionId, mail, options, { outcome, nextAt });
}

async function sendMail(
  sectionId: SectionId,
  item: OutItem,
  sender: OpenSender,
  transport: ReturnType<typeof openTransport>,
  options: Options,
): Promise<void> {
  try {
    const mail = compose({
      from: { name: sender.fromName, address: sender.fromAddress },
      to: { name: '', address: item.address },
      replyTo: sender.replyTo === null ? null : { name: '', address: sender.replyTo },
      ...{ subject: item.subject, text: item.body },
      messageId: `flow.${sectionId}.${item.number}@${domainOfSender(sender)}`,
      date: item.createdAt,
      automatic: true,
    });
    const outcome = await transport.deliver({ ...mail, forEveryone: true });
    if (outcome.kind === 'sent') {
      return await end(sectionId, item, 'sent', outcome.text, options);
    }
    await again(sectionId, item, outcome.text, options, { final: outcome.kind === 'refused' });
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    await again(sectionId, item, error.message, options, { final: true });
  }
}
