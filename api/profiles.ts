// Profiles by key: create, attributes, tags, delete.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { recordUse } from '@/lib/accounts/tag-use';
import { changeTagsByKey, createByKey, setAttributesByKey, type TagByKey } from '@/lib/clients/one-profile';
import { erasePerson, lockPerson, mergePeople } from '@/lib/people/across-sections';
import { readAttributesByKey, readTagsByKey } from '@/lib/clients/reads';
import { sourceName } from '@/lib/tags/source';
import {
  checksKeyItself,
  SectionKeyspacePath,
  KeyPath,
  ProfilePath,
  resolveScope,
  read,
  run,
  type ApiContext,
  type ApiEnvironment,
} from './context';
import { PROBLEM_RESPONSES } from './problem';

const NO_CONTENT = { 204: { description: 'Done.' }, ...PROBLEM_RESPONSES };
const PROFILE = '/audience/keyspaces/{keyspace}/profiles/{key}';
const IN_SECTION = `${PROFILE}/sections/{section}`;
const tags = ['Profiles'];
const tagTags = ['Tags of a profile'];

const Values = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .openapi({ example: { 'com.apsis1.attributes.firstname': 'Andy', 'com.apsis1.attributes.lastname': null } });
const TagChanges = z
  .record(z.string(), z.boolean().nullable())
  .openapi({ example: { 'usercreated.tags.vip-a1b2c3d4e5': true, 'usercreated.tags.lead-f6g7h8i9j0': null } });
const TagItem = z
  .object({
    discriminator: z.string(),
    name: z.string(),
    applied_at: z.iso.datetime().nullable(),
    source: z.string().nullable(),
  })
  .openapi('TagOfProfile');
/** A more detailed answer than Apsis One's, for clients that accept it. */
const DETAILED = 'application/vnd.tagwell+json';

const merge = <Shape extends z.ZodType>(schema: Shape) => ({
  required: true as const,
  content: { 'application/merge-patch+json': { schema }, 'application/json': { schema } },
});

export function addProfiles(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/profiles',
      tags,
      summary: 'Create a profile',
      description:
        'Also sets the attribute that belongs to the keyspace. Returns a conflict if the profile already exists.',
      request: {
        params: SectionKeyspacePath,
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ profile_key: z.string() }) } },
        },
      },
      responses: { 201: { description: 'Created.' }, ...PROBLEM_RESPONSES },
    }),
    async (context) => {
      const where = await resolveScope(context, context.req.valid('param'));
      await run(context, createByKey, { ...where, key: context.req.valid('json').profile_key });
      return context.body(null, 201);
    },
  );

  for (const { path, create, summary } of [
    { path: `${IN_SECTION}/attributes`, create: true, summary: 'Set attributes (v1: creates the profile)' },
    { path: `/v2${IN_SECTION}/attributes`, create: false, summary: 'Set attributes (v2: the profile must exist)' },
  ]) {
    api.openapi(
      createRoute({
        method: 'patch',
        path,
        tags,
        summary,
        description: 'A merge patch by version id or discriminator; null clears.',
        request: { params: ProfilePath, body: merge(Values) },
        responses: NO_CONTENT,
      }),
      async (context) => {
        const { key, ...names } = context.req.valid('param');
        const where = await resolveScope(context, names);
        await run(context, setAttributesByKey, { ...where, key, values: context.req.valid('json'), create });
        return context.body(null, 204);
      },
    );
    api.openapi(
      createRoute({
        method: 'get',
        path,
        tags,
        summary: `Read attributes (${create ? 'v1: by version id' : 'v2: by discriminator'})`,
        request: { params: ProfilePath },
        responses: {
          200: {
            description: 'The attributes that have a value.',
            content: { 'application/json': { schema: Values } },
          },
          ...PROBLEM_RESPONSES,
        },
      }),
      async (context) => {
        const { key, ...names } = context.req.valid('param');
        const where = await resolveScope(context, names);
        const found = await read(context, readAttributesByKey, { ...where, key });
        const named = found.map(({ id, discriminator, value }) => [create ? String(id) : discriminator, value]);
        return context.json(Object.fromEntries(named) as z.output<typeof Values>, 200);
      },
    );
  }
  const AttributePath = ProfilePath.extend({ version: z.string().max(300) });
  api.openapi(
    createRoute({
      method: 'delete',
      path: `${IN_SECTION}/attributes/{version}`,
      tags,
      summary: 'Clear an attribute',
      request: { params: AttributePath },
      responses: NO_CONTENT,
    }),
    async (context) => {
      const { key, version, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      await run(context, setAttributesByKey, { ...where, key, values: { [version]: null }, create: false });
      return context.body(null, 204);
    },
  );

  api.openapi(
    checksKeyItself(
      createRoute({
        method: 'patch',
        path: `${IN_SECTION}/tags`,
        tags: tagTags,
        summary: 'Apply and remove tags',
        description:
          'A merge patch by tag discriminator or version id: true applies, null or false removes. Creates the profile. All or nothing.',
        request: { params: ProfilePath, body: merge(TagChanges) },
        responses: NO_CONTENT,
      }),
    ),
    async (context) => {
      const wanted = Object.entries(context.req.valid('json'));
      const refs = (apply: boolean) => wanted.flatMap(([ref, on]) => ((on === true) === apply ? [ref] : []));
      await changeTags(context, context.req.valid('param'), { apply: refs(true), remove: refs(false) });
      return context.body(null, 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: `${IN_SECTION}/tags`,
      tags: tagTags,
      summary: 'Read the tags of a profile',
      description: `Only tags that may be read through the keyspace. With \`Accept: ${DETAILED}\` returns items with name, time and source.`,
      request: { params: ProfilePath },
      responses: {
        200: {
          description: 'By version id.',
          content: {
            'application/json': { schema: z.record(z.string(), z.literal(true)) },
            [DETAILED]: { schema: z.object({ items: z.array(TagItem) }) },
          },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const found = await read(context, readTagsByKey, { ...where, key });
      const { apiKeyId } = context.get('client');
      recordUse(
        { ...where, apiKeyId },
        found.map(({ id }) => id),
        'read',
      );
      if (context.req.header('accept')?.includes(DETAILED)) {
        return context.json({ items: found.map(tagItem) }, 200, { 'content-type': DETAILED });
      }
      return context.json(Object.fromEntries(found.map(({ id }) => [String(id), true as const])), 200);
    },
  );
  const TagPath = ProfilePath.extend({ tag: z.string().max(300) });
  for (const [method, field, summary] of [
    ['put', 'apply', 'Apply a tag'],
    ['delete', 'remove', 'Remove a tag'],
  ] as const) {
    api.openapi(
      checksKeyItself(
        createRoute({
          method,
          path: `${IN_SECTION}/tags/{tag}`,
          tags: tagTags,
          summary,
          description:
            'By discriminator or version id. The response is the same whether or not the profile had the tag.',
          request: { params: TagPath },
          responses: NO_CONTENT,
        }),
      ),
      async (context) => {
        const { tag, ...names } = context.req.valid('param');
        await changeTags(context, names, { [field]: [tag] });
        return context.body(null, 204);
      },
    );
  }

  api.openapi(
    createRoute({
      method: 'delete',
      path: PROFILE,
      tags,
      summary: 'Delete a person for good',
      description: 'In every section that this API key may use and that has a profile with the key.',
      request: { params: KeyPath },
      responses: NO_CONTENT,
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const { keyspaceId } = await resolveScope(context, names);
      await run(context, erasePerson, { keyspaceId, key });
      return context.body(null, 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'put',
      path: `${PROFILE}/locks`,
      tags,
      summary: 'Lock a person for good',
      description:
        'Deletes the person as above, and locks this key and all their other keys: no profile can ever have them again.',
      request: { params: KeyPath },
      responses: NO_CONTENT,
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const { keyspaceId } = await resolveScope(context, names);
      await run(context, lockPerson, { keyspaceId, key });
      return context.body(null, 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'put',
      path: '/audience/profiles/merges',
      tags,
      summary: 'Merge profiles',
      description:
        'Merges the profiles that have these keys into one, in every section that this API key may use and that has such a profile. Keys that no profile has are added to it. If attributes differ, the value of the older profile is kept. Different keys in one keyspace are a conflict.',
      request: {
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                profiles: z
                  .array(z.object({ keyspace_discriminator: z.string(), profile_key: z.string() }))
                  .min(2)
                  .max(20)
                  .openapi({
                    example: [
                      { keyspace_discriminator: 'com.apsis1.keyspaces.email', profile_key: 'andy.demo@apsis.com' },
                      { keyspace_discriminator: 'com.apsis1.keyspaces.crm-id', profile_key: '10042' },
                    ],
                  }),
              }),
            },
          },
        },
      },
      responses: NO_CONTENT,
    }),
    async (context) => {
      const profiles = [];
      for (const { keyspace_discriminator: keyspace, profile_key: key } of context.req.valid('json').profiles) {
        profiles.push({ keyspaceId: (await resolveScope(context, { keyspace })).keyspaceId, key });
      }
      await run(context, mergePeople, { profiles });
      return context.body(null, 204);
    },
  );
}

async function changeTags(
  context: ApiContext,
  { key, ...names }: { key: string; section: string; keyspace: string },
  change: { apply?: string[]; remove?: string[] },
): Promise<void> {
  const where = await resolveScope(context, names);
  const { tagIds } = await run(context, changeTagsByKey, { ...where, key, ...change });
  recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, tagIds, 'write');
}

function tagItem({ discriminator, name, since, source }: TagByKey): z.output<typeof TagItem> {
  return {
    discriminator,
    name,
    applied_at: since?.toISOString() ?? null,
    source: source && sourceName(source),
  };
}
