// The suppression list: addresses that get nothing.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { addSuppressions, liftAddresses } from '@/lib/suppression/commands';
import { readSuppressions } from '@/lib/suppression/reads';
import { CHANNELS, type Channel } from '@/lib/consents/schema';
import { REASONS } from '@/lib/suppression/schema';
import { read, resolveScope, run, SectionPath, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Suppression list'];
const CHANNEL = 'com.apsis1.channels.';
const channel = z.enum(CHANNELS.map((name) => `${CHANNEL}${name}`) as [string, ...string[]]);
const channelOf = (discriminator: string) => discriminator.slice(CHANNEL.length) as Channel;
const path = '/v2/audience/sections/{section}/suppressions';
/** The most addresses of one call: as many as fit into its body. */
const ITEMS_MAX = 1_000;

const Entry = z
  .object({
    channel_discriminator: channel,
    address: z.string(),
    reason: z.enum(REASONS),
    evidence: z.string(),
    suppressed_at: z.iso.datetime(),
    lifted_at: z.iso.datetime().nullable(),
  })
  .openapi('Suppression');
const NewEntry = z.object({
  channel_discriminator: channel,
  address: z.string().openapi({ example: 'gone@example.com' }),
  reason: z.enum(REASONS).optional().openapi({ description: 'Default: manual.' }),
  evidence: z.string().max(1_000).optional().openapi({ description: 'What shows it, such as the answer of a server.' }),
});
const CURSOR = /^(\d{4}-[\dT:.-]+Z)~(\d{1,16})$/;

export function addSuppressionList(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path,
      tags,
      summary: 'List suppressed addresses',
      description: 'Newest first. The list belongs to the section, and outlives the profiles.',
      request: {
        params: SectionPath,
        query: z.object({
          address: z.string().max(320).optional().openapi({ description: 'An address, or its beginning.' }),
          channel_discriminator: channel.optional(),
          lifted: z.enum(['true', 'false']).optional().openapi({ description: 'Those that were lifted instead.' }),
          cursor: z.string().regex(CURSOR, 'Send the `next` of the page before.').optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
      },
      responses: {
        200: {
          description: 'A page. `next`: the cursor of the next one; null: this is the last.',
          content: { 'application/json': { schema: z.object({ items: z.array(Entry), next: z.string().nullable() }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { address = '', channel_discriminator: of, lifted, cursor, limit } = context.req.valid('query');
      const [, at, id] = CURSOR.exec(cursor ?? '') ?? [];
      const found = await read(context, readSuppressions, {
        sectionId,
        search: address,
        ...(of !== undefined && { channel: channelOf(of) }),
        lifted: lifted === 'true',
        ...(at !== undefined && { before: { at, id: Number(id) } }),
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return context.json(
        {
          items: page.map((entry) => ({
            channel_discriminator: `${CHANNEL}${entry.channel}`,
            address: entry.address,
            reason: entry.reason,
            evidence: entry.evidence,
            suppressed_at: entry.at.toISOString(),
            lifted_at: entry.liftedAt?.toISOString() ?? null,
          })),
          next: last ? `${last.at.toISOString()}~${last.id}` : null,
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path,
      tags,
      summary: 'Suppress addresses',
      description:
        'They are spelled as profile keys are. An address that is there already stays, with the weightier reason: complaint, hard, manual, soft. Reasons complaint and hard stop every message, the others only marketing.',
      request: {
        params: SectionPath,
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ items: z.array(NewEntry).min(1).max(ITEMS_MAX) }) } },
        },
      },
      responses: {
        200: {
          description:
            'How many were added, got a weightier reason, and were there; `invalid`: the first that are no addresses.',
          content: {
            'application/json': {
              schema: z.object({
                added: z.int(),
                changed: z.int(),
                already: z.int(),
                invalid_count: z.int(),
                invalid: z.array(z.object({ index: z.int(), address: z.string(), reason: z.string() })),
              }),
            },
          },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const groups = context.req.valid('json').items.map(({ channel_discriminator: of, address, ...entry }) => ({
        ...entry,
        channel: channelOf(of),
        addresses: [address],
      }));
      const { unreadable, ...done } = await run(context, addSuppressions, { sectionId, groups });
      return context.json({ ...done, invalid_count: unreadable }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: `${path}/lifts`,
      tags,
      summary: 'Lift suppressed addresses',
      description:
        'They get messages again. Addresses that are not suppressed are passed over. Those that have complained stay: a person lifts them in Settings.',
      request: {
        params: SectionPath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                channel_discriminator: channel,
                addresses: z.array(z.string()).min(1).max(ITEMS_MAX),
                reason: z.string().max(1_000).openapi({ example: 'The mailbox exists again.' }),
              }),
            },
          },
        },
      },
      responses: {
        200: {
          description: 'How many were lifted, and how many stay because they have complained.',
          content: { 'application/json': { schema: z.object({ lifted: z.int(), complaints: z.int() }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { channel_discriminator: of, ...given } = context.req.valid('json');
      return context.json(await run(context, liftAddresses, { sectionId, channel: channelOf(of), ...given }), 200);
    },
  );
}
