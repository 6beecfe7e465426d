// Sends pending messages, signed according to Standard Webhooks (https://www.standardwebhooks.com), and retries for a day. A
// process that dies after sending but before recording it sends again: receivers recognise a message by its `webhook-id`.
import { createHmac } from 'node:crypto';
import { WEBHOOKS } from '@/lib/config/limits';
import { unsealIfReadable } from '@/lib/config/seal';
import type { SectionId, WebhookId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { post, type Outcome } from '@/lib/outbound/request';
import { shuffled } from '@/lib/work/shuffled';
import { activeWebhook } from './queries';
import { RETRY_AFTER } from './schema';
import { withoutForbidden } from './without-forbidden';

/** Lease on a message, longer than a call can take. Seconds. */
const LEASE = 60;

/** Maximum number of attempts. */
const ATTEMPTS = RETRY_AFTER.length + 1;

type Due = {
  sectionId: SectionId;
  id: number;
  webhookId: WebhookId;
  messageId: string;
  body: string;
  attempts: number;
  url: string;
  secret: Buffer;
};

type Sending = { webhookId: WebhookId; call: AbortController };

/**
 * Sends messages for one process. Messages in transit are limited per webhook, to one if its receiver did not answer last time, and
 * such receivers share half of the slots, so that they do not delay others.
 */
export class Deliveries {
  private readonly running = new Map<Promise<void>, Sending>();
  private readonly silent = new Set<WebhookId>();
  private readonly onError: (error: unknown) => void;

  /** `onError`: an outcome could not be recorded; its message is sent again when the lease expires. */
  constructor({ onError = () => undefined }: { onError?: (error: unknown) => void } = {}) {
    this.onError = onError;
  }

  /** Claims due messages and starts sending them. Returns their number. */
  async start(): Promise<number> {
    await this.giveUpDeleted();
    const free = WEBHOOKS.atOnce - this.running.size;
    const due = free > 0 ? await takeDue(free, this.places()) : [];
    for (const message of due) {
      const call = new AbortController();
      const sent: Promise<void> = this.deliver(message, call.signal)
        .catch(this.onError)
        .finally(() => this.running.delete(sent));
      this.running.set(sent, { webhookId: message.webhookId, call });
    }
    return due.length;
  }

  /** Waits until everything in transit has settled and is recorded. After `withinMs` the rest is aborted, to be sent again later. */
  async settle(withinMs: number = 2 * WEBHOOKS.timeoutMs): Promise<void> {
    const cut = setTimeout(() => this.running.forEach(({ call }) => call.abort()), withinMs);
    await Promise.all(this.running.keys());
    clearTimeout(cut);
  }

  private async deliver(message: Due, signal: AbortSignal): Promise<void> {
    if (message.attempts > ATTEMPTS) {
      return keepOutcome(message, {
        milliseconds: 0,
        error: 'It was sent the maximum number of times, and the outcome could not be recorded.',
      });
    }
    const body = await withoutForbidden(message);
    if (body === null) {
      return keepOutcome(message, {
        milliseconds: 0,
        error: 'It was not sent: Allowed Operations no longer permit reading its content.',
        final: true,
      });
    }
    if (body !== message.body) await keepBody(message, body);
    const outcome = await sendSigned({ ...message, body }, signal);
    if ('error' in outcome) this.silent.add(message.webhookId);
    else this.silent.delete(message.webhookId);
    if (signal.aborted) return;
    await keepOutcome(message, outcome);
  }

  /** Webhooks without all of their slots free: those with messages in transit, and those that did not answer. */
  private places(): Slots {
    const onTheWay = new Map<WebhookId, number>();
    for (const { webhookId } of this.running.values()) onTheWay.set(webhookId, (onTheWay.get(webhookId) ?? 0) + 1);
    const toSilent = [...this.running.values()].filter(({ webhookId }) => this.silent.has(webhookId)).length;
    const known = [...new Set([...onTheWay.keys(), ...this.silent])];
    const free = known.map((id) => {
      const most = this.silent.has(id) ? WEBHOOKS.perSilentWebhook : WEBHOOKS.perWebhook;
      return [id, Math.max(0, most - (onTheWay.get(id) ?? 0))] as const;
    });
    return {
      free: new Map(free),
      silent: this.silent,
      freeForSilent: Math.max(0, WEBHOOKS.atOnceToSilent - toSilent),
    };
  }

  /** Aborts what is in transit to deleted webhooks. */
  private async giveUpDeleted(): Promise<void> {
    const ids = [...new Set([...[...this.running.values()].map(({ webhookId }) => webhookId), ...this.silent])];
    if (ids.length === 0) return;
    const there = await rows<{ id: WebhookId }>(pool(), sql`select id from webhook where id = any(${ids}::int[])`);
    const left = new Set(there.map(({ id }) => id));
    for (const id of this.silent) if (!left.has(id)) this.silent.delete(id);
    for (const { webhookId, call } of this.running.values()) if (!left.has(webhookId)) call.abort();
  }
}

/** `free`: slots of webhooks that have some in use. `freeForSilent`: shared by those that did not answer. */
type Slots = { free: ReadonlyMap<WebhookId, number>; silent: ReadonlySet<WebhookId>; freeForSilent: number };

/**
 * Leases the next messages, oldest first, as many for each webhook as it has free slots. Webhooks come in random order, those that
 * did not answer last.
 */
async function takeDue(limit: number, { free, silent, freeForSilent }: Slots): Promise<Due[]> {
  const now = new Date();
  const due: Due[] = [];
  let remainingForSilent = freeForSilent;
  const ready = shuffled(await webhooksWithDue(now));
  for (const webhook of [...ready.filter(({ id }) => !silent.has(id)), ...ready.filter(({ id }) => silent.has(id))]) {
    const isSilent = silent.has(webhook.id);
    const most = Math.min(
      free.get(webhook.id) ?? WEBHOOKS.perWebhook,
      limit - due.length,
      isSilent ? remainingForSilent : Infinity,
    );
    if (most <= 0) continue;
    const taken = await takeOfWebhook(webhook, most, now);
    if (isSilent) remainingForSilent -= taken.length;
    due.push(...taken);
  }
  return due;
}

type Ready = { sectionId: SectionId; id: WebhookId; url: string; secret: Buffer };

/** The active webhooks of all sections with a due message: one index probe each. */
function webhooksWithDue(now: Date): Promise<Ready[]> {
  return rows<Ready>(
    pool(),
    sql`
      select webhook.section_id as "sectionId", webhook.id, webhook.url, webhook.secret
      from webhook
      where ${activeWebhook(now)} and exists (
        select from webhook_message message
        where message.section_id = webhook.section_id and message.webhook_id = webhook.id
          and message.status = 'waiting' and message.next_attempt_at <= ${now}
      )`,
  );
}

async function takeOfWebhook({ sectionId, id, url, secret }: Ready, most: number, now: Date): Promise<Due[]> {
  const leasedUntil = new Date(now.getTime() + LEASE * 1_000);
  const taken = await rows<Omit<Due, 'url' | 'secret'>>(
    pool(),
    sql`
      with due as materialized (
        select id from webhook_message
        where section_id = ${sectionId} and webhook_id = ${id} and status = 'waiting' and next_attempt_at <= ${now}
        order by next_attempt_at
        limit ${most}
        for no key update skip locked
      )
      update webhook_message message
      set next_attempt_at = ${leasedUntil}, attempts = message.attempts + 1
      from due
      where message.section_id = ${sectionId} and message.id = due.id
      returning message.section_id as "sectionId", message.id, message.webhook_id as "webhookId",
        message.message_id as "messageId", message.body, message.attempts`,
  );
  return taken.map((message) => ({ ...message, url, secret }));
}

async function sendSigned({ url, secret, messageId, body }: Due, signal: AbortSignal): Promise<Outcome> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const key = unsealIfReadable(secret);
  if (key === undefined) {
    return {
      milliseconds: 0,
      error: 'The secret cannot be read: TAGWELL_SECRET has changed since. Give the webhook a new secret.',
    };
  }
  return post(
    url,
    {
      'content-type': 'application/json',
      'user-agent': 'Tagwell',
      'webhook-id': messageId,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature(key, { messageId, timestamp, body }),
    },
    body,
    { signal },
  );
}

/** `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` with the secret's bytes. */
export function signature(
  secret: string,
  { messageId, timestamp, body }: { messageId: string; timestamp: string; body: string },
): string {
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', bytes).update(`${messageId}.${timestamp}.${body}`).digest('base64')}`;
}

/** Stores the body for the log. */
async function keepBody({ sectionId, id }: Due, body: string): Promise<void> {
  await execute(pool(), sql`update webhook_message set body = ${body} where section_id = ${sectionId} and id = ${id}`);
}

/** `final`: do not retry. */
async function keepOutcome(message: Due, outcome: Outcome & { final?: boolean }): Promise<void> {
  const { sectionId, id, webhookId, attempts } = message;
  const status = 'status' in outcome ? outcome.status : null;
  const delivered = status !== null && status >= 200 && status < 300;
  const pause = RETRY_AFTER[attempts - 1];
  // 410: the receiver is gone for good.
  const isGone = status === 410;
  const now = new Date();
  const next = delivered ? 'delivered' : pause === undefined || isGone || outcome.final ? 'failed' : 'waiting';
  await transaction(async (tx) => {
    const kept = await execute(
      tx,
      sql`
        update webhook_message
        set status = ${next}, next_attempt_at = ${new Date(now.getTime() + (pause ?? 0) * 1_000)}
        where section_id = ${sectionId} and id = ${id}`,
    );
    // The message was deleted in the meantime.
    if (kept === 0) return;
    await execute(
      tx,
      sql`
        insert into webhook_attempt (section_id, message_id, milliseconds, status_code, error, answer)
        values (${sectionId}, ${id}, ${outcome.milliseconds}, ${status}, ${'error' in outcome ? outcome.error : null},
                ${'answer' in outcome ? outcome.answer.replaceAll('\u0000', '') : null})`,
    );
    if (isGone) {
      await execute(
        tx,
        sql`update webhook set paused_at = ${now}, pause_reason = 'The receiver answered 410: it wants no more messages.'
            where section_id = ${sectionId} and id = ${webhookId} and paused_at is null`,
      );
    }
  });
}

/** Removes messages that were delivered or given up more than thirty days ago. */
export async function removeOldMessages(now = new Date()): Promise<void> {
  const monthAgo = new Date(now.getTime() - 30 * 86_400_000);
  await execute(pool(), sql`delete from webhook_message where status <> 'waiting' and created_at < ${monthAgo}`);
}
