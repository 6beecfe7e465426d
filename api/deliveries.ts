// Service messages to one person by a call: what somebody waits for, such as a receipt.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Next } from 'hono';
import { takeCall } from '@/lib/accounts/api-rate';
import { GivenValueSchema, readDelivery, sendToOne } from '@/lib/clients/deliveries';
import { CLIENT_STATES } from '@/lib/clients/messages';
import { SERVICE_MAIL } from '@/lib/config/limits';
import { ProfilePath, read, resolveScope, run, type ApiContext, type ApiEnvironment } from './context';
import { MessagePath } from './messages';
import { problem, PROBLEM_RESPONSES } from './problem';

const tags = ['Messages'];
const moment = z.iso.datetime().nullable();

const Accepted = z
  .object({
    delivery_id: z.string(),
    state: z.enum(CLIENT_STATES).openapi({ description: 'When it was accepted: waiting.' }),
  })
  .openapi('AcceptedDelivery');

const Delivery = z
  .object({
    delivery_id: z.string(),
    state: z.enum(CLIENT_STATES).openapi({
      description:
        '`waiting`: it is on its way, or will be tried again. The others are final: `sent` (the mail server has it), `bounced` (it came back later), `refused`, `skipped` (the address is suppressed, or the person is gone), `failed` (it could not be written), `cancelled`, and `unknown` (the connection was lost when it was handed over).',
    }),
    reason: z.string().nullable(),
    answer: z
      .string()
      .nullable()
      .openapi({ description: 'Of the mail server, if this API key may use the keyspace of addresses.' }),
    attempts: z.int(),
    version: z.int().openapi({ description: 'Of the message.' }),
    at: moment.openapi({ description: 'When it got into its final state.' }),
    opened_at: moment,
    clicked_at: moment,
    bounced_at: moment,
    complained_at: moment,
  })
  .openapi('Delivery');

export function addDeliveries(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/profiles/{key}/sections/{section}/messages/{message}/deliveries',
      middleware: limitDeliveries,
      tags,
      summary: 'Send a service message to one profile',
      description:
        'An Admin has made the message ready for the API on its page. No consent is asked: it is for what somebody needs, not for advertising. An address that bounced or complained gets nothing. Send an `Idempotency-Key`, so that a repeated call does not send it twice. At most ' +
        `${SERVICE_MAIL.perMinute.toLocaleString('en-GB')} a minute for an account, and ${SERVICE_MAIL.perPersonAndHour} an hour of one message to one profile.`,
      request: {
        params: ProfilePath.extend({ message: z.string().max(20) }),
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                values: z
                  .record(z.string(), GivenValueSchema)
                  .optional()
                  .openapi({
                    example: { order_number: 'A-1041' },
                    description:
                      'By the name of a value that the message has, or by the discriminator of an attribute in it: for this mail only.',
                  }),
                create: z
                  .boolean()
                  .optional()
                  .openapi({ description: 'Make the profile if none has the key. Default: false.' }),
              }),
            },
          },
        },
      },
      responses: {
        202: {
          description: 'It will be sent. `Location` is the address of what became of it.',
          content: { 'application/json': { schema: Accepted } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { key, message, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { values = {}, create = false } = context.req.valid('json');
      const { number } = await run(context, sendToOne, { ...where, key, messageId: message, values, create });
      const location = `/audience/sections/${encodeURIComponent(names.section)}/messages/${encodeURIComponent(message)}/deliveries/${number}`;
      return context.json({ delivery_id: String(number), state: 'waiting' as const }, 202, { location });
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/messages/{message}/deliveries/{delivery}',
      tags,
      summary: 'Get what became of a service message',
      request: { params: MessagePath.extend({ delivery: z.string().max(20) }) },
      responses: {
        200: { description: 'Its state.', content: { 'application/json': { schema: Delivery } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { message: messageId, delivery: number, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const found = await read(context, readDelivery, { sectionId, messageId, number });
      const inIso = (at: Date | null) => at?.toISOString() ?? null;
      return context.json(
        {
          delivery_id: String(found.number),
          state: found.state,
          reason: found.why,
          answer: found.answer,
          attempts: found.attempts,
          version: found.version,
          at: inIso(found.at),
          opened_at: inIso(found.openedAt),
          clicked_at: inIso(found.clickedAt),
          bounced_at: inIso(found.bouncedAt),
          complained_at: inIso(found.complainedAt),
        },
        200,
      );
    },
  );
}

async function limitDeliveries(context: ApiContext, next: Next): Promise<Response | undefined> {
  const limit = { limit: SERVICE_MAIL.perMinute, seconds: 60 };
  const taken = await takeCall(context.get('client').accountId, 'deliveries', limit);
  if (taken.ok) return void (await next());
  return problem('too-many-requests', `At most ${limit.limit.toLocaleString('en-GB')} service messages a minute.`, {
    headers: { 'retry-after': String(taken.retryAfter) },
  });
}
