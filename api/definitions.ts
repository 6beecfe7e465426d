// What the account defines: keyspaces, sections, channels, attributes, tags.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { mayUseKeyspace } from '@/lib/access/policy';
import { readSections } from '@/lib/accounts/reads';
import { readAttributes } from '@/lib/attributes/reads';
import { isKept } from '@/lib/profiles/keys';
import { readKeyspaces } from '@/lib/profiles/reads';
import { TAG_COLOURS } from '@/lib/tags/colour';
import { createTag } from '@/lib/tags/commands';
import { readTagDefinitions } from '@/lib/tags/reads';
import { SectionPath, resolveScope, read, run, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const VersionsSchema = z
  .array(z.object({ id: z.string(), deprecated_at: z.iso.datetime().nullable() }))
  .openapi({ description: 'The current version is the one whose deprecated_at is null. Hidden ones are deprecated.' });

const Keyspace = z
  .object({ discriminator: z.string(), name: z.string(), manage_subscriptions: z.boolean() })
  .openapi('Keyspace');
const Section = z.object({ discriminator: z.string(), name: z.string(), description: z.string() }).openapi('Section');
const Channel = z.object({ discriminator: z.string(), name: z.string() }).openapi('Channel');
const KeyspacePermissions = z
  .array(z.object({ keyspace_discriminator: z.string(), read: z.boolean(), write: z.boolean() }))
  .optional()
  .openapi({ description: 'Allowed Operations, if include_keyspace_permissions=true.' });
const Attribute = z
  .object({
    discriminator: z.string(),
    name: z.string(),
    type: z.enum(['text', 'number', 'date', 'boolean', 'choice']),
    versions: VersionsSchema,
    keyspace_permissions: KeyspacePermissions,
  })
  .openapi('Attribute');
const Tag = z
  .object({
    discriminator: z.string(),
    name: z.string(),
    description: z.string(),
    colour: z
      .enum(TAG_COLOURS)
      .nullable()
      .openapi({ description: 'How the tag looks in the browser; null: no colour.' }),
    group: z.string().nullable().openapi({
      description: 'The chosen group, or else what stands before the colon of a name such as `Lime: VIP`.',
    }),
    versions: VersionsSchema,
    keyspace_permissions: KeyspacePermissions,
  })
  .openapi('Tag');
const NewTag = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    colour: z.enum(TAG_COLOURS).nullable().optional(),
    group: z.string().nullable().optional().openapi({ description: 'Up to 50 characters.' }),
  })
  .openapi('NewTag');

const items = <Shape extends z.ZodType>(shape: Shape, description: string) => ({
  200: { description, content: { 'application/json': { schema: z.object({ items: z.array(shape) }) } } },
  ...PROBLEM_RESPONSES,
});
const WithPermissions = z.object({
  include_keyspace_permissions: z.enum(['true', 'false']).optional(),
});
const tags = ['Definitions'];
const version = (id: number, hiddenAt: Date | null = null) => [
  { id: String(id), deprecated_at: hiddenAt?.toISOString() ?? null },
];

export function addDefinitions(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces',
      tags,
      summary: 'Keyspaces that this API key may use',
      responses: items(Keyspace, 'All of them.'),
    }),
    async (context) => {
      const found = await read(context, readKeyspaces, {});
      const usable = found.filter(({ id }) => mayUseKeyspace(context.get('client'), id));
      return context.json(
        {
          items: usable.map(({ kind, discriminator, name }) => ({
            discriminator,
            name,
            manage_subscriptions: isKept(kind),
          })),
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections',
      tags,
      summary: 'Sections that this API key may use',
      responses: items(Section, 'The full list, sorted by name.'),
    }),
    async (context) => {
      const found = await read(context, readSections, {});
      return context.json(
        { items: found.map(({ discriminator, name, description }) => ({ discriminator, name, description })) },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/channels',
      tags,
      summary: 'Channels',
      responses: items(Channel, 'Email and SMS.'),
    }),
    (context) =>
      context.json(
        {
          items: [
            { discriminator: 'com.apsis1.channels.email', name: 'Email' },
            { discriminator: 'com.apsis1.channels.sms', name: 'SMS' },
          ],
        },
        200,
      ),
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/attributes',
      tags,
      summary: 'Attributes of a section',
      request: { params: SectionPath, query: WithPermissions },
      responses: items(Attribute, 'Attributes with their versions. Hidden attributes are marked as deprecated.'),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const withPermissions = context.req.valid('query').include_keyspace_permissions === 'true';
      const keyspaces = withPermissions ? await read(context, readKeyspaces, {}) : [];
      const found = await read(context, readAttributes, { sectionId, hidden: true });
      return context.json(
        {
          items: found.map(({ id, discriminator, name, type, hiddenAt }) => ({
            discriminator,
            name,
            type,
            versions: version(id, hiddenAt),
            ...(withPermissions && {
              keyspace_permissions: keyspaces.map((keyspace) => ({
                keyspace_discriminator: keyspace.discriminator,
                read: true,
                write: true,
              })),
            }),
          })),
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/tags',
      tags,
      summary: 'Tags of a section',
      description: 'Hidden tags are not listed.',
      request: { params: SectionPath, query: WithPermissions },
      responses: items(Tag, 'Tags, sorted by name.'),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const withPermissions = context.req.valid('query').include_keyspace_permissions === 'true';
      const found = await read(context, readTagDefinitions, { sectionId });
      return context.json(
        {
          items: found.map(({ id, discriminator, name, description, colour, group, permissions }) => ({
            discriminator,
            name,
            description,
            colour,
            group: group || null,
            versions: version(id),
            ...(withPermissions && {
              keyspace_permissions: permissions.map(({ keyspace, read, write }) => ({
                keyspace_discriminator: keyspace,
                read,
                write,
              })),
            }),
          })),
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/tags',
      tags,
      summary: 'Create a tag',
      description: 'Returns a conflict if a visible tag of the section already has this name.',
      request: {
        params: SectionPath,
        body: {
          required: true,
          content: { 'application/json': { schema: NewTag } },
        },
      },
      responses: {
        201: { description: 'The tag.', content: { 'application/json': { schema: Tag } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { group: wanted, ...fields } = context.req.valid('json');
      const made = await run(context, createTag, { sectionId, ...fields, group: wanted ?? undefined });
      const { id, discriminator, name, description, colour, group } = made;
      return context.json(
        { discriminator, name, description, colour, group: group || null, versions: version(id) },
        201,
      );
    },
  );
}
