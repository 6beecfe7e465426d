// Topics, and the consents of profiles.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { readConsentsByKey } from '@/lib/clients/reads';
import { setConsentByKey } from '@/lib/consents/commands';
import { readTopics } from '@/lib/consents/reads';
import { CHANNELS, CONSENT_TYPES } from '@/lib/consents/schema';
import { createTopic } from '@/lib/consents/topics';
import { nameKey } from '@/lib/naming/names';
import { SectionPath, listInQuery, ProfilePath, resolveScope, read, run, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Consents'];
const CHANNEL = 'com.apsis1.channels.';
const LIST = { discriminator: 'com.apsis1.consent-lists.default', name: 'Topics' };
const DefinitionRef = z.object({ discriminator: z.string(), name: z.string() });
const Items = {
  200: {
    description: 'The full list, sorted by name.',
    content: { 'application/json': { schema: z.object({ items: z.array(DefinitionRef) }) } },
  },
  ...PROBLEM_RESPONSES,
};
const path = '/v2/audience/keyspaces/{keyspace}/profiles/{key}/sections/{section}/consents';
const channel = z.enum(CHANNELS.map((name) => `${CHANNEL}${name}`) as [string, ...string[]]);
const NewConsent = z.object({
  topic_discriminator: z.string().openapi({ example: 'usercreated.topics.newsletter-a1b2c3d4e5' }),
  channel_discriminator: channel,
  type: z.enum(CONSENT_TYPES),
  reason: z.string().max(1_000).optional(),
  source: z.string().max(1_000).optional(),
  wording: z.string().max(5_000).optional().openapi({ description: 'The words that the person agreed to.' }),
  proof: z.string().max(1_000).optional().openapi({ description: 'What proves it, such as the id of a confirmation.' }),
});
const ConsentItem = z.object({
  topic_discriminator: z.string(),
  channel_discriminator: channel,
  type: z.enum(CONSENT_TYPES),
  source: z.string(),
  reason: z.string(),
  modified_at: z.iso.datetime(),
});
const Types = listInQuery(
  z.enum(CONSENT_TYPES, `A consent type is one of ${CONSENT_TYPES.join(', ')}.`),
  `Only consents of these types: ${CONSENT_TYPES.join(', ')}.`,
);

export function addConsents(api: OpenAPIHono<ApiEnvironment>): void {
  for (const [address, summary] of [
    ['/v2/audience/sections/{section}/topics', 'Topics of a section'],
    ['/audience/sections/{section}/consent-lists/{list}/topics', 'Topics of a consent list (old)'],
  ] as const) {
    api.openapi(
      createRoute({
        method: 'get',
        path: address,
        tags,
        summary,
        request: { params: address.includes('{list}') ? SectionPath.extend({ list: z.string() }) : SectionPath },
        responses: Items,
      }),
      async (context) => {
        const { sectionId } = await resolveScope(context, { section: context.req.valid('param').section });
        const found = await read(context, readTopics, { sectionId });
        const items = found.map(({ discriminator, name }) => ({ discriminator, name }));
        return context.json(
          { items: items.toSorted((one, other) => (nameKey(one.name) < nameKey(other.name) ? -1 : 1)) },
          200,
        );
      },
    );
  }
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/consent-lists',
      tags,
      summary: 'Consent lists of a section (old)',
      description: 'Tagwell has one, which holds all topics.',
      request: { params: SectionPath },
      responses: Items,
    }),
    async (context) => {
      await resolveScope(context, context.req.valid('param'));
      return context.json({ items: [LIST] }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/v2/audience/sections/{section}/topics',
      tags,
      summary: 'Create a topic',
      request: {
        params: SectionPath,
        body: { required: true, content: { 'application/json': { schema: z.object({ name: z.string() }) } } },
      },
      responses: {
        201: { description: 'The topic.', content: { 'application/json': { schema: DefinitionRef } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { discriminator, name } = await run(context, createTopic, {
        sectionId,
        name: context.req.valid('json').name,
      });
      return context.json({ discriminator, name }, 201);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path,
      tags,
      summary: 'Set a consent',
      description:
        'The profile must exist. Returns a conflict if the consent already is what you set. Every change is kept, with reason, source, wording and proof.',
      request: {
        params: ProfilePath,
        body: { required: true, content: { 'application/json': { schema: NewConsent } } },
      },
      responses: {
        201: { description: 'The profile had no consent for this topic and channel.' },
        204: { description: 'Changed.' },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { topic_discriminator: topic, channel_discriminator: of, ...consent } = context.req.valid('json');
      const input = { ...where, ...consent, key, topic, channel: of.slice(CHANNEL.length) };
      const { created } = await run(context, setConsentByKey, input);
      return context.body(null, created ? 201 : 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path,
      tags,
      summary: 'Read the consents of a profile',
      request: { params: ProfilePath, query: z.object({ consent_types: Types }) },
      responses: {
        200: {
          description: 'The current consents.',
          content: { 'application/json': { schema: z.object({ items: z.array(ConsentItem) }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const types = context.req.valid('query').consent_types ?? null;
      const found = await read(context, readConsentsByKey, { ...where, key, types });
      const items = found.map((consent) => ({
        topic_discriminator: consent.topic,
        channel_discriminator: `${CHANNEL}${consent.channel}`,
        type: consent.type,
        source: consent.source,
        reason: consent.reason,
        modified_at: consent.modifiedAt.toISOString(),
      }));
      return context.json({ items }, 200);
    },
  );
}
