// Webhooks that clients manage themselves; Settings → Webhooks shows the same ones.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '@/lib/access/refusal';
import { WebhookIdSchema, type WebhookId } from '@/lib/db/ids';
import { readKeyspaces } from '@/lib/profiles/reads';
import { readTagDefinitions } from '@/lib/tags/reads';
import { createWebhook, deleteWebhook, testWebhook } from '@/lib/webhooks/commands';
import { readOwnWebhooks } from '@/lib/webhooks/reads';
import type { WebhookView } from '@/lib/webhooks/schema';
import { SectionPath, resolveScope, read, run, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Webhooks'];
const Webhook = z
  .object({
    webhook_id: z.string(),
    url: z.string(),
    description: z.string(),
    tags: z.array(z.string()).nullable().openapi({ description: 'Names; null: all.' }),
    paused: z.boolean(),
    waiting: z.int().openapi({ description: 'Messages that are still to be delivered.' }),
    failed: z.int().openapi({ description: 'Messages that failed for a day and are no longer retried.' }),
    created_at: z.iso.datetime(),
  })
  .openapi('Webhook');
const NewWebhook = z.object({
  url: z.string().openapi({ example: 'https://example.com/tagwell' }),
  description: z.string().optional(),
  tags: z.array(z.string()).min(1).optional().openapi({ description: 'Tag discriminators. Default: all.' }),
  keyspaces: z
    .array(z.string())
    .min(1)
    .optional()
    .openapi({ description: 'Keyspaces whose keys it receives. Default: all.' }),
});
const WebhookPath = SectionPath.extend({ webhook: z.string().max(20) });

export function addWebhooks(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/webhooks',
      tags,
      summary: 'Create a webhook',
      description:
        'It receives changes from now on: `tag.applied` and `tag.removed`, and one `tags.bulk_changed` for a whole bulk operation. Messages are signed according to Standard Webhooks with the secret in this response, which is not shown again.',
      request: {
        params: SectionPath,
        body: { required: true, content: { 'application/json': { schema: NewWebhook } } },
      },
      responses: {
        201: {
          description: 'The webhook and its secret.',
          content: { 'application/json': { schema: Webhook.extend({ secret: z.string() }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { url, description, tags: wantedTags, keyspaces } = context.req.valid('json');
      const definitions = await read(context, readTagDefinitions, { sectionId });
      const spaces = await read(context, readKeyspaces, {});
      const { webhookId, secret } = await run(context, createWebhook, {
        sectionId,
        url,
        description,
        tags: wantedTags?.map((wanted) => idOf(definitions, wanted, 'tag')),
        keyspaces: keyspaces?.map((wanted) => idOf(spaces, wanted, 'keyspace')),
      });
      const made = (await read(context, readOwnWebhooks, { sectionId })).find(({ id }) => id === webhookId);
      if (!made) refuse('not_found', 'This webhook has been deleted.');
      return context.json({ ...body(made), secret }, 201);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/webhooks',
      tags,
      summary: 'List the webhooks that this API key created',
      request: { params: SectionPath },
      responses: {
        200: {
          description: 'The full list, newest first.',
          content: { 'application/json': { schema: z.object({ items: z.array(Webhook) }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      return context.json({ items: (await read(context, readOwnWebhooks, { sectionId })).map(body) }, 200);
    },
  );
  for (const { method, path, summary, command } of [
    { method: 'delete', path: '', summary: 'Delete a webhook', command: deleteWebhook },
    { method: 'post', path: '/tests', summary: 'Send a test message', command: testWebhook },
  ] as const) {
    api.openapi(
      createRoute({
        method,
        path: `/audience/sections/{section}/webhooks/{webhook}${path}` as const,
        tags,
        summary,
        request: { params: WebhookPath },
        responses: { 204: { description: 'Done.' }, ...PROBLEM_RESPONSES },
      }),
      async (context) => {
        const { webhook, ...names } = context.req.valid('param');
        const { sectionId } = await resolveScope(context, names);
        await run<unknown>(context, command, { sectionId, webhookId: webhookIdOf(webhook) });
        return context.body(null, 204);
      },
    );
  }
}

function webhookIdOf(text: string): WebhookId {
  const parsed = WebhookIdSchema.safeParse(text);
  return parsed.success ? parsed.data : refuse('not_found', `There is no webhook ${text} in this section.`);
}

function idOf<Id>(known: readonly { id: Id; discriminator: string }[], wanted: string, what: string): Id {
  const found = known.find(({ discriminator }) => discriminator === wanted);
  return found?.id ?? refuse('not_found', `There is no ${what} “${wanted}” in this section.`, { field: wanted });
}

function body(webhook: WebhookView): z.output<typeof Webhook> {
  const { id, url, description, tags: names, pausedAt, waiting, failed, createdAt } = webhook;
  return {
    webhook_id: String(id),
    url,
    description,
    tags: names,
    paused: pausedAt !== null,
    waiting,
    failed,
    created_at: createdAt.toISOString(),
  };
}
