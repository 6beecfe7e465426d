// Events: their definitions, and those of a profile.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { readEventsByKey } from '@/lib/clients/reads';
import { addEventsByKey } from '@/lib/events/commands';
import { readEventTypes } from '@/lib/events/reads';
import { FIELD_TYPES } from '@/lib/events/schema';
import { SectionPath, ProfilePath, resolveScope, read, run, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const EventDefinition = z
  .object({
    discriminator: z.string(),
    name: z.string(),
    description: z.string(),
    versions: z.array(
      z.object({
        id: z.string(),
        deprecated_at: z.iso.datetime().nullable(),
        fields: z.array(z.object({ code: z.string(), name: z.string(), type: z.enum(FIELD_TYPES) })),
      }),
    ),
  })
  .openapi('EventDefinition');
const Data = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .openapi({ example: { order_value: 1_249.5, currency: 'SEK' }, description: 'By field code.' });
const Event = z.object({
  event_time: z.iso.datetime({ offset: true }),
  version_id: z.string().openapi({ example: '12' }),
  data: Data,
});
const NewEvent = Event.extend({
  data: Data.optional(),
  event_time: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Default: now.' }),
});
const path = '/audience/keyspaces/{keyspace}/profiles/{key}/sections/{section}/events';
const READ_MAX = 1_000;

export function addEvents(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/events',
      tags: ['Definitions'],
      summary: 'Events of a section',
      description: 'Visible events with all their versions. Events are defined in Settings → Data Model → Events.',
      request: { params: SectionPath },
      responses: {
        200: {
          description: 'Sorted by name. The current version is the one whose deprecated_at is null.',
          content: { 'application/json': { schema: z.object({ items: z.array(EventDefinition) }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const found = await read(context, readEventTypes, { sectionId });
      const items = found.map(({ discriminator, name, description, versions }) => ({
        discriminator,
        name,
        description,
        versions: versions.map(({ id, fields, deprecatedAt }) => ({
          id: String(id),
          deprecated_at: deprecatedAt?.toISOString() ?? null,
          fields,
        })),
      }));
      return context.json({ items }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path,
      tags: ['Events of a profile'],
      summary: 'Add events to a profile',
      description:
        'Up to 100 events; either all are added or none. Creates the profile if it does not exist. Older versions of an event are accepted.',
      request: {
        params: ProfilePath,
        body: {
          required: true,
          content: { 'application/json': { schema: z.object({ items: z.array(NewEvent).min(1).max(100) }) } },
        },
      },
      responses: { 204: { description: 'Done.' }, ...PROBLEM_RESPONSES },
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const now = new Date();
      const events = context.req.valid('json').items.map(({ event_time: at, version_id: versionId, data }) => ({
        versionId,
        at: at ?? now,
        data: data ?? {},
      }));
      await run(context, addEventsByKey, { ...where, key, events });
      return context.body(null, 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path,
      tags: ['Events of a profile'],
      summary: 'Read the events of a profile',
      request: { params: ProfilePath },
      responses: {
        200: {
          description: `Newest first, at most ${READ_MAX.toLocaleString('en-GB')}.`,
          content: { 'application/json': { schema: z.object({ items: z.array(Event) }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const found = await read(context, readEventsByKey, { ...where, key, limit: READ_MAX });
      const items = found.map(({ at, versionId, data }) => ({
        event_time: at.toISOString(),
        version_id: String(versionId),
        data: data as z.output<typeof Data>,
      }));
      return context.json({ items }, 200);
    },
  );
}
