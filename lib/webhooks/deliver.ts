// Sends waiting messages, signed after Standard Webhooks (https://www.standardwebhooks.com), and tries again for a day.
// A process that dies between sending and writing that down sends again: receivers know a message by its `webhook-id`.
import { createHmac } from 'node:crypto';
import { unseal } from '@/lib/config/seal';
import type { SectionId, WebhookId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, rows, sql } from '@/lib/db/sql';
import { post, type Outcome } from '@/lib/outbound/request';
import { activeWebhook } from './queries';
import { RETRY_AFTER } from './schema';

/** Messages that a process sends at once, and how many of them to one webhook. */
const AT_ONCE = 20;
const AT_ONCE_EACH = 4;

/** How long a message is this process's alone. Longer than a call can take. Seconds. */
const LEASE = 60;

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

/** What a process sends: a webhook that answers slowly holds up no other. */
export class Deliveries {
  private readonly running = new Map<Promise<void>, WebhookId>();

  /** Takes what is due and begins to send it. Returns how many messages. */
  async start(): Promise<number> {
    const free = AT_ONCE - this.running.size;
    const due = free > 0 ? await takeDue(free, this.full()) : [];
    for (const message of due) {
      const sent: Promise<void> = deliver(message).finally(() => this.running.delete(sent));
      this.running.set(sent, message.webhookId);
    }
    return due.length;
  }

  /** Until all that was begun is over, and written down. */
  async settle(): Promise<void> {
    await Promise.all(this.running.keys());
  }

  /** Webhooks that have as many on the way as they may. */
  private full(): WebhookId[] {
    const ids = [...this.running.values()];
    return [...new Set(ids)].filter((id) => ids.filter((one) => one === id).length >= AT_ONCE_EACH);
  }
}

/** The next messages, of webhooks other than these: this process's alone for as long as the lease. */
function takeDue(limit: number, full: readonly WebhookId[]): Promise<Due[]> {
  return rows<Due>(
    pool(),
    sql`
      with taken as (
        select due.section_id, due.id
        from webhook
        cross join lateral (
          select message.section_id, message.id, message.next_attempt_at
          from webhook_message message
          where message.section_id = webhook.section_id and message.webhook_id = webhook.id
            and message.status = 'waiting' and message.next_attempt_at <= now()
          order by message.next_attempt_at
          limit ${AT_ONCE_EACH}
          for no key update skip locked
        ) due
        where ${activeWebhook} and webhook.id <> all(${full}::int[])
        order by due.next_attempt_at
        limit ${limit}
      )
      update webhook_message message
      set next_attempt_at = now() + make_interval(secs => ${LEASE}), attempts = message.attempts + 1
      from taken, webhook
      where message.section_id = taken.section_id and message.id = taken.id
        and webhook.section_id = message.section_id and webhook.id = message.webhook_id
      returning message.section_id as "sectionId", message.id, message.webhook_id as "webhookId",
        message.message_id as "messageId", message.body, message.attempts, webhook.url, webhook.secret`,
  );
}

async function deliver(message: Due): Promise<void> {
  await keepOutcome(message, await sendSigned(message));
}

async function sendSigned({ url, secret, messageId, body }: Due): Promise<Outcome> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  let key: string;
  try {
    key = unseal(secret);
  } catch {
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
  );
}

/** `v1,` and the HMAC-SHA256 of `id.timestamp.body` under the secret's bytes, in base64. */
export function signature(
  secret: string,
  { messageId, timestamp, body }: { messageId: string; timestamp: string; body: string },
): string {
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', bytes).update(`${messageId}.${timestamp}.${body}`).digest('base64')}`;
}

async function keepOutcome(message: Due, outcome: Outcome): Promise<void> {
  const { sectionId, id, webhookId, attempts } = message;
  const status = 'status' in outcome ? outcome.status : null;
  const delivered = status !== null && status >= 200 && status < 300;
  const pause = RETRY_AFTER[attempts - 1];
  // The receiver says that it is gone for good.
  const gone = status === 410;
  const next = delivered ? 'delivered' : pause === undefined || gone ? 'failed' : 'waiting';
  await transaction(async (tx) => {
    const kept = await execute(
      tx,
      sql`
        update webhook_message
        set status = ${next}, next_attempt_at = now() + make_interval(secs => ${pause ?? 0})
        where section_id = ${sectionId} and id = ${id}`,
    );
    // Deleted meanwhile.
    if (kept === 0) return;
    await execute(
      tx,
      sql`
        insert into webhook_attempt (section_id, message_id, milliseconds, status_code, error, answer)
        values (${sectionId}, ${id}, ${outcome.milliseconds}, ${status}, ${'error' in outcome ? outcome.error : null},
                ${'answer' in outcome ? outcome.answer.replaceAll('\u0000', '') : null})`,
    );
    if (gone) {
      await execute(
        tx,
        sql`update webhook set paused_at = now(), pause_reason = 'The receiver answered 410: it wants no more messages.'
            where section_id = ${sectionId} and id = ${webhookId} and paused_at is null`,
      );
    }
  });
}

/** Removes what was delivered or given up more than thirty days ago. */
export async function removeOldMessages(): Promise<void> {
  await execute(
    pool(),
    sql`delete from webhook_message where status <> 'waiting' and created_at < now() - interval '30 days'`,
  );
}
