// Reads of webhooks and their logs.
import type { ApiKeyId, SectionId, WebhookId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import { maybeOne, one, rows, sql, type Db, type Sql } from '@/lib/db/sql';
import type { AttemptView, MessageView, WebhookView } from './schema';

/** A condition: not paused, and the API key that created it, if any, is still valid. */
export const activeWebhook = (now = new Date()): Sql => sql`
  webhook.paused_at is null
  and not exists (
    select from api_key
    where api_key.id = webhook.api_key_id and (api_key.revoked_at is not null or api_key.expires_at <= ${now})
  )`;

/** A condition: for an API key only the webhooks it created, since addresses may contain secrets; otherwise all. */
export const createdBy = (apiKeyId: ApiKeyId | null): Sql =>
  apiKeyId === null ? sql`` : sql`and webhook.api_key_id = ${apiKeyId}`;

const columnsIn = (sectionId: SectionId) => sql`
  webhook.id, webhook.url, webhook.description, webhook.created_at as "createdAt",
  coalesce(app_user.name, 'API: ' || api_key.name) as "createdBy",
  webhook.paused_at as "pausedAt",
  case when api_key.revoked_at is not null or api_key.expires_at <= now()
    then 'The API key that made it can no longer be used.' else webhook.pause_reason end as "pauseReason",
  case when tag_ids is not null then (
    select coalesce(array_agg(tag.name order by tag.name_key), '{}') from tag
    where tag.section_id = ${sectionId} and tag.id = any(tag_ids) and tag.hidden_at is null
  ) end as tags,
  case when keyspace_ids is not null then (
    select coalesce(array_agg(keyspace.name order by keyspace.id), '{}') from keyspace where keyspace.id = any(keyspace_ids)
  ) end as keyspaces,
  (select count(*) from webhook_message message where message.section_id = ${sectionId}
     and message.webhook_id = webhook.id and message.status = 'waiting') as waiting,
  (select count(*) from webhook_message message where message.section_id = ${sectionId}
     and message.webhook_id = webhook.id and message.status = 'failed') as failed,
  (select max(attempt.at) from webhook_attempt attempt
   join webhook_message message on message.section_id = attempt.section_id and message.id = attempt.message_id
   where message.section_id = ${sectionId} and message.webhook_id = webhook.id and message.status = 'delivered'
  ) as "lastDeliveredAt"`;

const tables = sql`
  webhook
  left join app_user on app_user.id = webhook.created_by
  left join api_key on api_key.id = webhook.api_key_id`;

/** The section's webhooks, or those that an API key created, newest first. */
export function listWebhooks(
  db: Db,
  sectionId: SectionId,
  { apiKeyId = null }: { apiKeyId?: ApiKeyId | null } = {},
): Promise<WebhookView[]> {
  return rows<WebhookView>(
    db,
    sql`select ${columnsIn(sectionId)} from ${tables} where webhook.section_id = ${sectionId} ${createdBy(apiKeyId)} order by webhook.id desc`,
  );
}

export function getWebhook(db: Db, sectionId: SectionId, id: WebhookId): Promise<WebhookView | undefined> {
  return maybeOne<WebhookView>(
    db,
    sql`select ${columnsIn(sectionId)} from ${tables} where webhook.section_id = ${sectionId} and webhook.id = ${id}`,
  );
}

/** A webhook's log, newest first; `before`: only messages older than this id. */
export function listMessages(
  db: Db,
  sectionId: SectionId,
  webhookId: WebhookId,
  { before, status, limit }: { before?: number; status?: MessageView['status']; limit: number },
): Promise<MessageView[]> {
  return rows<MessageView>(
    db,
    sql`
      select message.id, message_id as "messageId", type, status, attempts, created_at as "createdAt",
        next_attempt_at as "nextAttemptAt", last.status_code as "lastStatus", last.error as "lastError"
      from webhook_message message
      left join lateral (
        select status_code, error from webhook_attempt
        where section_id = ${sectionId} and message_id = message.id
        order by id desc
        limit 1
      ) last on true
      where section_id = ${sectionId} and webhook_id = ${webhookId}
        ${before === undefined ? sql`` : sql`and message.id < ${before}`}
        ${status === undefined ? sql`` : sql`and status = ${status}`}
      order by message.id desc
      limit ${limit}`,
  );
}

/** The number of pending messages in all sections, and the age of the oldest in seconds; paused webhooks are left out. */
export function waitingMessages(db: Db): Promise<{ count: number; oldestSeconds: number }> {
  return one(
    db,
    sql`
      select coalesce(sum(waiting.count), 0)::bigint as count,
        coalesce(extract(epoch from now() - min(waiting.oldest)), 0)::float8 as "oldestSeconds"
      from webhook
      cross join lateral (
        select count(*) as count, min(message.created_at) as oldest
        from webhook_message message
        where message.section_id = webhook.section_id and message.webhook_id = webhook.id and message.status = 'waiting'
      ) waiting
      where ${activeWebhook()}`,
  );
}

/** A message in full, with every attempt. */
export async function getMessage(
  db: Db,
  sectionId: SectionId,
  id: number,
): Promise<{ body: string; attempts: AttemptView[] } | undefined> {
  const found = await prismaOn(db).webhookMessage.findFirst({
    where: { sectionId, id },
    select: {
      body: true,
      tries: {
        orderBy: { id: 'asc' },
        select: { id: true, at: true, milliseconds: true, statusCode: true, error: true, answer: true },
      },
    },
  });
  return found
    ? { body: found.body, attempts: found.tries.map((attempt) => ({ ...attempt, id: Number(attempt.id) })) }
    : undefined;
}
