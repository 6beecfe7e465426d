// Feeds for clients: the members of a tag, and the changes since a cursor.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { recordUse } from '@/lib/accounts/tag-use';
import { readMembersOfTag, readTagChanges } from '@/lib/clients/reads';
import { OperationIdSchema } from '@/lib/db/ids';
import { SOURCES } from '@/lib/tags/source';
import { SectionKeyspacePath, resolveScope, read, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Following tags'];
const limit = z.coerce.number().int().min(1).max(1_000).default(100).openapi({
  description: 'How many changes to read. Those that this API key may not see are left out of the response.',
});
const cursor = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const MemberSchema = z.object({ profile_key: z.string(), applied_at: z.iso.datetime().nullable() });
const ChangeSchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    change: z.enum(['applied', 'removed']),
    tag: z.string(),
    tag_name: z.string(),
    profile_key: z.string(),
    source: z.enum(Object.keys(SOURCES) as [keyof typeof SOURCES]),
    job_id: z.string().nullable().openapi({ description: 'The bulk operation it was part of.' }),
  })
  .openapi('TagChange');

export function addFeed(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/tags/{tag}/profiles',
      tags,
      summary: 'List the profiles with a tag',
      description:
        'Only profiles with a key in the keyspace. For the next page, repeat with `after` = `next` until `next` is null.',
      request: {
        params: SectionKeyspacePath.extend({ tag: z.string().max(300) }),
        query: z.object({ after: cursor.default(0), limit }),
      },
      responses: {
        200: {
          description:
            'A page. `total` counts all profiles with the tag, including those without a key in the keyspace.',
          content: {
            'application/json': {
              schema: z.object({ items: z.array(MemberSchema), next: z.string().nullable(), total: z.int() }),
            },
          },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { tag, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const page = { ...where, tag, ...context.req.valid('query') };
      const { members, next, total, tagId } = await read(context, readMembersOfTag, page);
      recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, [tagId], 'read');
      const items = members.map(({ key, since }) => ({ profile_key: key, applied_at: since?.toISOString() ?? null }));
      return context.json({ items, next: next === null ? null : String(next), total }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/tag-changes',
      tags,
      summary: 'List tag changes since a cursor',
      description:
        'In the order in which they happened. No change is missed, however long a client is offline. Store `next` and pass it as `after` next time. `after=latest` returns the current cursor and no changes.',
      request: {
        params: SectionKeyspacePath,
        query: z.object({
          after: z.union([z.literal('latest'), cursor]).default(0),
          limit,
          job_id: OperationIdSchema.optional().openapi({
            type: 'string',
            description: 'Only changes made by this bulk operation.',
          }),
        }),
      },
      responses: {
        200: {
          description: 'Changes. `more`: whether there are already more after `next`.',
          content: {
            'application/json': {
              schema: z.object({ items: z.array(ChangeSchema), next: z.string(), more: z.boolean() }),
            },
          },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const where = await resolveScope(context, context.req.valid('param'));
      const { job_id: operationId, ...page } = context.req.valid('query');
      const { changes, next, more } = await read(context, readTagChanges, { ...where, ...page, operationId });
      const items = changes.map((change) => ({
        id: String(change.id),
        at: change.at.toISOString(),
        change: change.applied ? ('applied' as const) : ('removed' as const),
        tag: change.tag,
        tag_name: change.tagName,
        profile_key: change.key,
        source: change.source,
        job_id: change.operationId === null ? null : String(change.operationId),
      }));
      return context.json({ items, next: String(next), more }, 200);
    },
  );
}
