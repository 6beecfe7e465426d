// Connections to CRMs for API clients: their lists and runs; starting, applying, answering and cancelling runs.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '@/lib/access/refusal';
import { recordUse } from '@/lib/accounts/tag-use';
import {
  readConnectionOfClient,
  readConnectionsOfClient,
  readListsOfClient,
  readRunOfClient,
  readRunPeopleOfClient,
  readRunsOfClient,
} from '@/lib/clients/connection-reads';
import { ConnectionIdSchema, ConnectionListIdSchema, SyncRunIdSchema } from '@/lib/db/ids';
import { answerHeld, applyDryRun, cancelSync, startSync } from '@/lib/integrations/run-commands';
import {
  Connection,
  connectionBody,
  GROUPS,
  KeptList,
  listBody,
  Run,
  runBody,
  runListBody,
  RunWithLists,
} from './integration-shapes';
import { resolveScope, read, run, SectionPath, type ApiContext, type ApiEnvironment } from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Integrations'];
const id = z.string().max(20);
const ConnectionPath = SectionPath.extend({ connection: id });
const RunPath = ConnectionPath.extend({ run: id });

/** A description of a route of one run. */
const accepted = {
  202: {
    description: 'The run. `Location` is the address of its progress.',
    content: { 'application/json': { schema: RunWithLists } },
  },
  ...PROBLEM_RESPONSES,
};
const jsonOf = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...PROBLEM_RESPONSES,
});

export function addIntegrations(api: OpenAPIHono<ApiEnvironment>): void {
  addConnections(api);
  addRuns(api);
  addRunPeople(api);
  addRunCommands(api);
}

function addConnections(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/connections',
      tags,
      summary: 'List the connections to CRMs',
      description: 'Those whose keyspace this API key may use. Settings and credentials are never in a response.',
      request: { params: SectionPath },
      responses: jsonOf('The full list, by name.', z.object({ items: z.array(Connection) })),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const items = await read(context, readConnectionsOfClient, { sectionId });
      return context.json({ items: items.map(connectionBody) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/connections/{connection}',
      tags,
      summary: 'Get a connection',
      request: { params: ConnectionPath },
      responses: jsonOf('The connection.', Connection),
    }),
    async (context) => {
      const named = await namedConnection(context, context.req.valid('param'));
      return context.json(connectionBody(await read(context, readConnectionOfClient, named)), 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/connections/{connection}/lists',
      tags,
      summary: 'List the lists that a connection keeps as tags',
      description: 'Without those whose tag may not be read through the keyspace of the connection.',
      request: { params: ConnectionPath },
      responses: jsonOf('The full list, by name.', z.object({ items: z.array(KeptList) })),
    }),
    async (context) => {
      const named = await namedConnection(context, context.req.valid('param'));
      const items = await read(context, readListsOfClient, named);
      return context.json({ items: items.map(listBody) }, 200);
    },
  );
}

function addRuns(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/connections/{connection}/runs',
      tags,
      summary: 'List the runs of a connection',
      description:
        'Syncs and dry runs, newest first. For the next page, repeat with `after` = `next` until `next` is null.',
      request: {
        params: ConnectionPath,
        query: z.object({
          after: SyncRunIdSchema.optional().openapi({ type: 'string' }),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
      },
      responses: jsonOf('A page.', z.object({ items: z.array(Run), next: z.string().nullable() })),
    }),
    async (context) => {
      const named = await namedConnection(context, context.req.valid('param'));
      const found = await read(context, readRunsOfClient, { ...named, ...context.req.valid('query') });
      const next = found.next === null ? null : String(found.next);
      return context.json({ items: found.runs.map(runBody), next }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/connections/{connection}/runs/{run}',
      tags,
      summary: 'Get a run with its lists',
      description:
        'Lists that wait for an answer come first. Lists whose tag may not be read through the keyspace of the connection are absent; then the run has no counts either.',
      request: { params: RunPath },
      responses: jsonOf('The run.', RunWithLists),
    }),
    async (context) => context.json(await bodyOfRun(context, context.req.valid('param')), 200),
  );
}

function addRunPeople(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/connections/{connection}/runs/{run}/lists/{list}/people',
      tags,
      summary: 'List the people of a run',
      description:
        'By their keys in the keyspace; those who have none are left out. Of `adds`, `removes`, `left` and `refused`, profiles; of the other groups, contacts for whom no profile was found, until a later run starts. For the next page, repeat with `after` = `next` until `next` is null.',
      request: {
        params: RunPath.extend({
          keyspace: z.string().max(300).openapi({ description: 'Discriminator of the keyspace.' }),
          list: id,
        }),
        query: z.object({
          group: z.enum(Object.keys(GROUPS) as [keyof typeof GROUPS]),
          after: z.string().max(500).optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
      },
      responses: jsonOf(
        'A page.',
        z.object({ items: z.array(z.object({ profile_key: z.string() })), next: z.string().nullable() }),
      ),
    }),
    async (context) => {
      const { keyspace, section, connection, run: runId, list: listId } = context.req.valid('param');
      const where = await resolveScope(context, { keyspace, section });
      const { group, ...page } = context.req.valid('query');
      const named = { ...where, connectionId: connection, runId, listId };
      const found = await read(context, readRunPeopleOfClient, { ...named, ...page, group: GROUPS[group] });
      recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, [found.tagId], 'read');
      return context.json({ items: found.keys.map((key) => ({ profile_key: key })), next: found.next }, 200);
    },
  );
}

function addRunCommands(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/connections/{connection}/runs',
      tags,
      summary: 'Start a sync, or a dry run of one',
      description:
        'A dry run changes nothing, and shows what the sync would change. Lists that have never been synced need one first. A connection has one run at a time.',
      request: {
        params: ConnectionPath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                dry: z.boolean(),
                list_ids: z.array(z.string()).min(1).max(500).optional().openapi({
                  description: 'Default: all that the connection keeps, except paused ones.',
                }),
              }),
            },
          },
        },
      },
      responses: accepted,
    }),
    async (context) => {
      const names = context.req.valid('param');
      const { sectionId } = await resolveScope(context, { section: names.section });
      const { dry, list_ids: listIds } = context.req.valid('json');
      const started = await run(context, startSync, {
        sectionId,
        connectionId: known(ConnectionIdSchema, names.connection, 'connection'),
        dry,
        listIds: listIds?.map((text) => known(ConnectionListIdSchema, text, 'list')),
      });
      return acceptedRun(context, { ...names, run: String(started.runId) });
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/connections/{connection}/runs/{run}/apply',
      tags,
      summary: 'Do what a dry run has shown',
      description:
        'Exactly its changes, without reading the CRM again. Refused with `403` if it changes tags that may not be read through the keyspace of the connection, and with `409` once another run has started.',
      request: { params: RunPath },
      responses: accepted,
    }),
    async (context) => {
      const names = context.req.valid('param');
      const { sectionId, runId } = await namedRun(context, names);
      await run(context, applyDryRun, { sectionId, runId });
      return acceptedRun(context, names);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/connections/{connection}/runs/{run}/answers',
      tags,
      summary: 'Answer for removals that wait',
      description:
        'A run whose removals look like a mistake in the CRM waits with them (`status`: `held`). Look at who would lose the tag, then answer for each list.',
      request: {
        params: RunPath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                list_id: z.string(),
                answer: z.enum(['take_off', 'leave']),
                removals: z.int().openapi({
                  description: '`waiting` of the list, as you have seen it. If it is another now, nothing is answered.',
                }),
              }),
            },
          },
        },
      },
      responses: accepted,
    }),
    async (context) => {
      const names = context.req.valid('param');
      const { sectionId, runId } = await namedRun(context, names);
      const { list_id: list, answer, removals } = context.req.valid('json');
      const listId = known(ConnectionListIdSchema, list, 'list');
      await run(context, answerHeld, { sectionId, runId, listId, remove: answer === 'take_off', removals });
      return acceptedRun(context, names);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/sections/{section}/connections/{connection}/runs/{run}/cancel',
      tags,
      summary: 'Cancel a run',
      description: 'What it has done so far stays, and can be undone in the browser.',
      request: { params: RunPath },
      responses: { 204: { description: 'Done.' }, ...PROBLEM_RESPONSES },
    }),
    async (context) => {
      const { sectionId, runId, connectionId } = await namedRun(context, context.req.valid('param'));
      await run(context, cancelSync, { sectionId, connectionId, runId });
      return context.body(null, 204);
    },
  );
}

type ConnectionNames = z.output<typeof ConnectionPath>;
type RunNames = z.output<typeof RunPath>;

async function namedConnection(context: ApiContext, { section, connection }: ConnectionNames) {
  const { sectionId } = await resolveScope(context, { section });
  return { sectionId, connectionId: connection };
}

/** The run that a command is for. Refuses one of another connection. */
async function namedRun(context: ApiContext, names: RunNames) {
  const { sectionId } = await resolveScope(context, { section: names.section });
  const { run: found } = await read(context, readRunOfClient, {
    sectionId,
    connectionId: names.connection,
    runId: names.run,
  });
  return { sectionId, connectionId: found.connectionId, runId: found.id };
}

/** An id in a body or an address. */
function known<Id>(schema: z.ZodType<Id>, text: string, what: string): Id {
  const parsed = schema.safeParse(text);
  return parsed.success ? parsed.data : refuse('not_found', `There is no ${what} ${text} in this section.`);
}

async function bodyOfRun(context: ApiContext, names: RunNames) {
  const named = await namedConnection(context, names);
  const { run: found, lists } = await read(context, readRunOfClient, { ...named, runId: names.run });
  return { ...runBody(found), lists: lists.map(runListBody) };
}

async function acceptedRun(context: ApiContext, names: RunNames) {
  const location = `/audience/sections/${encodeURIComponent(names.section)}/connections/${encodeURIComponent(names.connection)}/runs/${names.run}`;
  return context.json(await bodyOfRun(context, names), 202, { location });
}
