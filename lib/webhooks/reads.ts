// What pages and the API read about webhooks.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { actorApiKeyId } from '@/lib/access/actor';
import { inAddress, positiveId, WebhookIdSchema } from '@/lib/db/ids';
import { getMessage, getWebhook, listMessages, listWebhooks } from './queries';

const MessageId = positiveId(Number.MAX_SAFE_INTEGER);

/** All webhooks of the section, newest first. */
export const readWebhooks = query({
  name: 'webhooks.list',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => listWebhooks(db, sectionId),
});

/** The webhooks that an API key created, newest first: addresses of others may contain secrets. */
export const readOwnWebhooks = query({
  name: 'webhooks.list-own',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db, actor }, { sectionId }) => {
    const apiKeyId = actorApiKeyId(actor);
    return apiKeyId === null ? [] : listWebhooks(db, sectionId, { apiKeyId });
  },
});

/** A webhook and a page of its log, newest first; `before`: only messages older than this id. */
export const readWebhookLog = query({
  name: 'webhooks.read-log',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({
    webhookId: inAddress(WebhookIdSchema),
    before: MessageId.optional(),
    status: z.enum(['waiting', 'delivered', 'failed']).optional(),
    limit: z.int().positive().max(1_000),
  }),
  run: async ({ db }, { sectionId, webhookId, ...page }) => {
    const webhook = webhookId === null ? undefined : await getWebhook(db, sectionId, webhookId);
    if (!webhook) return refuse('not_found', 'This webhook does not exist in this section.');
    return { webhook, messages: await listMessages(db, sectionId, webhook.id, page) };
  },
});

/** A message in full, with every attempt; null if it no longer exists. */
export const readMessage = query({
  name: 'webhooks.read-message',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ messageId: MessageId }),
  run: async ({ db }, { sectionId, messageId }) => (await getMessage(db, sectionId, messageId)) ?? null,
});
