// Webhook commands for Admins and API clients. A secret is only in the answer that created it.
import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { seal } from '@/lib/config/seal';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import type { SectionId, WebhookId } from '@/lib/db/ids';
import { usableKeyspaces } from '@/lib/profiles/keyspace';
import { requireVisibleTags } from '@/lib/tags/commands';
import { createdBy } from './queries';
import { NewWebhookSchema, WebhookInput } from './schema';

const WEBHOOKS_MAX = 50;

/** Creates a webhook: `{ webhookId, secret }`. It receives events from now on. */
export const createWebhook = command({
  name: 'webhooks.create',
  secret: true,
  scope: 'section',
  allow: 'integrators',
  input: NewWebhookSchema,
  run: async ({ tx, prisma, actor }, { sectionId, url, description, tags, keyspaces }) => {
    if (tags !== 'all') await requireVisibleTags(tx, sectionId, tags);
    const usable = await usableKeyspaces(tx, actor);
    if (keyspaces !== 'all' && keyspaces.some((id) => !usable.some((keyspace) => keyspace.id === id))) {
      refuse('not_found', 'One of the keyspaces does not exist, or this API key may not use it.', {
        field: 'keyspaces',
      });
    }
    const limited = actor.kind === 'client' && actor.keyspaces !== 'all';
    const allowed = keyspaces === 'all' && limited ? usable.map(({ id }) => id) : keyspaces;
    // Serialised per section, so that two concurrent requests cannot both take the last free place.
    await execute(tx, sql`select from section where id = ${sectionId} for no key update`);
    const count = await prisma.webhook.count({ where: { sectionId } });
    if (count >= WEBHOOKS_MAX) refuse('conflict', `A section has at most ${WEBHOOKS_MAX} webhooks. Delete one first.`);
    const secret = newSecret();
    const { ledgerId } = await one<{ ledgerId: number }>(
      tx,
      sql`select case when is_called then last_value else 0 end as "ledgerId" from tag_change_id_seq`,
    );
    const { id } = await prisma.webhook.create({
      data: {
        sectionId,
        url,
        description,
        secret: seal(secret),
        tagIds: tags === 'all' ? undefined : tags,
        keyspaceIds: allowed === 'all' ? undefined : allowed,
        ledgerId,
        createdBy: actorUserId(actor),
        apiKeyId: actorApiKeyId(actor),
      },
      select: { id: true },
    });
    return { webhookId: id, secret };
  },
  audit: ({ url }, { webhookId }) => ({
    summary: `Created a webhook to ${hostOf(url)}`,
    subject: `webhook:${webhookId}`,
  }),
});

/** Pauses a webhook, or resumes it where it stopped. */
export const pauseWebhook = command({
  name: 'webhooks.pause',
  scope: 'section',
  allow: 'integrators',
  input: WebhookInput.extend({ paused: z.boolean() }),
  run: async ({ tx, prisma, actor }, { sectionId, webhookId, paused }) => {
    const webhook = await lockWebhook(tx, actor, sectionId, webhookId);
    return prisma.webhook.update({
      where: { sectionId_id: { sectionId, id: webhookId } },
      data: { pausedAt: paused ? (webhook.pausedAt ?? new Date()) : null, pauseReason: null },
      select: { url: true },
    });
  },
  audit: ({ webhookId, paused }, { url }) => ({
    summary: `${paused ? 'Paused' : 'Resumed'} the webhook to ${hostOf(url)}`,
    subject: `webhook:${webhookId}`,
  }),
});

/** Deletes a webhook with its log. */
export const deleteWebhook = command({
  name: 'webhooks.delete',
  scope: 'section',
  allow: 'integrators',
  input: WebhookInput,
  run: async ({ tx, prisma, actor }, { sectionId, webhookId }) => {
    await lockWebhook(tx, actor, sectionId, webhookId);
    return prisma.webhook.delete({ where: { sectionId_id: { sectionId, id: webhookId } }, select: { url: true } });
  },
  audit: ({ webhookId }, { url }) => ({
    summary: `Deleted the webhook to ${hostOf(url)}`,
    subject: `webhook:${webhookId}`,
  }),
});

/** Replaces a webhook's secret: `{ secret }`. Messages are signed with it from now on. */
export const rotateSecret = command({
  name: 'webhooks.rotate-secret',
  secret: true,
  scope: 'section',
  allow: 'integrators',
  input: WebhookInput,
  run: async ({ tx, prisma, actor }, { sectionId, webhookId }) => {
    await lockWebhook(tx, actor, sectionId, webhookId);
    const secret = newSecret();
    await prisma.webhook.update({
      where: { sectionId_id: { sectionId, id: webhookId } },
      data: { secret: seal(secret) },
      select: { id: true },
    });
    return { secret };
  },
  audit: ({ webhookId }) => ({ summary: 'Changed the secret of a webhook', subject: `webhook:${webhookId}` }),
});

/** Sends a test message: `{ id }` of its log entry. */
export const testWebhook = command({
  name: 'webhooks.test',
  scope: 'section',
  allow: 'integrators',
  input: WebhookInput,
  run: async ({ tx, prisma, actor }, { sectionId, webhookId }) => {
    await lockWebhook(tx, actor, sectionId, webhookId);
    const body = { type: 'webhook.test', timestamp: new Date().toISOString(), data: { message: 'It works.' } };
    const { id } = await prisma.webhookMessage.create({
      data: { sectionId, webhookId, messageId: `msg_${randomUUID()}`, type: body.type, body: JSON.stringify(body) },
      select: { id: true },
    });
    return { id: Number(id) };
  },
  audit: () => null,
});

/** Resends messages under the same `webhook-id`: one, or all that failed. `{ sent }`: how many. */
export const resendMessages = command({
  name: 'webhooks.resend',
  scope: 'section',
  allow: 'integrators',
  input: WebhookInput.extend({ messages: z.union([z.literal('failed'), z.array(z.number().int()).min(1).max(100)]) }),
  run: async ({ tx, prisma, actor }, { sectionId, webhookId, messages }) => {
    await lockWebhook(tx, actor, sectionId, webhookId);
    const which = messages === 'failed' ? { status: 'failed' } : { status: { not: 'waiting' }, id: { in: messages } };
    const { count } = await prisma.webhookMessage.updateMany({
      where: { sectionId, webhookId, ...which },
      data: { status: 'waiting', attempts: 0, nextAttemptAt: new Date() },
    });
    return { sent: count };
  },
  audit: ({ webhookId }, { sent }) =>
    sent > 0 ? { summary: `Sent ${sent} webhook messages again`, subject: `webhook:${webhookId}` } : null,
});

/** Locks a webhook for a change by the actor: people reach all of the section, an API key only those it created. */
async function lockWebhook(
  tx: Tx,
  actor: Actor,
  sectionId: SectionId,
  webhookId: WebhookId,
): Promise<{ pausedAt: Date | null }> {
  const found = await maybeOne<{ pausedAt: Date | null }>(
    tx,
    sql`select paused_at as "pausedAt" from webhook
        where section_id = ${sectionId} and id = ${webhookId} ${createdBy(actorApiKeyId(actor))}
        for update`,
  );
  return found ?? refuse('not_found', 'This webhook does not exist in this section: it may have been deleted.');
}

/** In the format of Standard Webhooks: `whsec_` and 24 random bytes. */
const newSecret = () => `whsec_${randomBytes(24).toString('base64')}`;

/** The host only: addresses may contain secrets. */
const hostOf = (url: string) => new URL(url).host;
