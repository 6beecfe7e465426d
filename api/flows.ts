// Flows: what there is, what one does in words with its numbers, who is in it, and sending people into it or taking them out.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  enterFlowByKey,
  enterFlowByKeys,
  FLOW_KEYS_MAX,
  FlowDataSchema,
  takeOutOfFlowByKey,
  takeOutOfFlowByKeys,
  type KeyOutcome,
} from '@/lib/clients/flows';
import {
  PEOPLE_STATES,
  readFlowOfClient,
  readFlowsOfClient,
  readPeopleOfClient,
  readPersonOfClient,
  type ClientPerson,
} from '@/lib/clients/flow-reads';
import { LEFT, REFUSED } from '@/lib/flows/outcomes';
import type { FlowNumbers, FlowRow } from '@/lib/flows/queries';
import { DATA_TYPES, dataOf, FLOW_STATES, type Step } from '@/lib/flows/schema';
import {
  filterInWords,
  KIND_WORDS,
  otherwiseOf,
  stepInWords,
  triggerInWords,
  waysOf,
  type FlowNames,
} from '@/lib/flows/words';
import {
  ProfilePath,
  read,
  recordDenied,
  resolveScope,
  run,
  SectionKeyspacePath,
  SectionPath,
  type ApiContext,
  type ApiEnvironment,
} from './context';
import { nextOf, paging, placeOf } from './paging';
import { PROBLEM_RESPONSES, ProblemSchema, refusalBody } from './problem';

const tags = ['Flows'];
const moment = z.iso.datetime().nullable();
const flow = z.string().max(20);
const READABLE =
  'The tags that the flow asks for or changes must be readable through the keyspace, as where somebody stands may tell who has them.';

const Flow = z
  .object({
    flow_id: z.string(),
    name: z.string(),
    status: z.enum(FLOW_STATES).openapi({
      description:
        '`live` lets people in and moves them, `paused` does neither, and everybody has left one that is `stopped`.',
    }),
    version: z.int().nullable().openapi({ description: 'Into which people come; null: it was never published.' }),
    needs_attention: z.boolean().openapi({
      description: 'It uses something that is hidden or gone: it lets nobody in and moves nobody until that is fixed.',
    }),
    changed_at: z.iso.datetime(),
    published_at: moment,
  })
  .openapi('Flow');

const KINDS = Object.keys(KIND_WORDS) as [Step['kind'], ...Step['kind'][]];
const FlowStep = z
  .object({
    step_id: z.string(),
    kind: z.enum(KINDS),
    name: z.string().openapi({ description: 'The author’s own words; may be empty.' }),
    words: z.string().openapi({ example: 'Wait 2 days', description: 'What it does.' }),
    within: z.string().nullable().openapi({ description: 'The way in which it is; null: it is on the trunk.' }),
    ways: z
      .array(
        z.object({
          way_id: z.string(),
          words: z.string().openapi({ example: 'Yes' }),
          taken: z.int().nullable().openapi({ description: 'How many took it; null as `numbers`.' }),
        }),
      )
      .openapi({ description: 'Of a branch, a split, or a wait for one of several. After its way everybody goes on.' }),
    numbers: z
      .object({
        arrived: z.int(),
        waiting: z.int().openapi({ description: 'How many are at it now.' }),
        passed: z.int(),
        skipped: z.int().openapi({ description: 'Went on without a message that they may not get.' }),
        timed_out: z.int(),
        failed: z.int(),
        left: z.int(),
      })
      .nullable(),
  })
  .openapi('FlowStep');

const FlowWithSteps = Flow.extend({
  trigger_in_words: z.string().openapi({ example: 'When Newsletter Sign-up is applied' }),
  data: z
    .array(z.object({ name: z.string(), type: z.enum(DATA_TYPES) }))
    .openapi({ description: 'What a call may give along with a profile.' }),
  filter_in_words: z.string().nullable().openapi({ description: 'Who is let in; null: everybody.' }),
  steps: z.array(FlowStep).openapi({
    description: 'Of the version into which people come, before that of the draft, in the order of the page.',
  }),
  numbers: z
    .object({
      entered: z.int(),
      inside: z.int(),
      left: z.record(z.string(), z.int()).openapi({
        description: `By how they left: ${LEFT.join(', ')}.`,
        example: { done: 940, exit_tag: 12 },
      }),
      refused: z.record(z.string(), z.int()).openapi({
        description: `Who did not enter, by why: ${REFUSED.join(', ')}.`,
        example: { again: 3 },
      }),
    })
    .nullable()
    .openapi({
      description:
        'Of all versions, exact. Null if a tag that the flow asks for or changes may not be read through the keyspaces of the API key: they may tell how many have it.',
    }),
}).openapi('FlowWithSteps');

const Person = z
  .object({
    profile_key: z.string(),
    entry: z.int().openapi({ description: 'Counts how often the profile has entered.' }),
    version: z.int(),
    step_id: z.string().nullable().openapi({ description: 'Where it is, or where it left; null: at the end.' }),
    entered_at: z.iso.datetime(),
    arrived_at: z.iso.datetime().openapi({ description: 'At the step.' }),
    waits_until: moment.openapi({
      description: 'When its wait is over at the latest; null: it does not wait for a time.',
    }),
    left_at: moment,
    outcome: z.enum(LEFT).nullable().openapi({ description: 'How it left; null: it is inside.' }),
  })
  .openapi('PersonInFlow');

const PersonWithHistory = Person.omit({ waits_until: true, left_at: true })
  .extend({
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).openapi({
      description: 'What the call gave along with which it entered; it is kept as long as the history.',
    }),
    history: z
      .array(
        z.object({
          at: z.iso.datetime(),
          entry: z.int(),
          version: z.int(),
          step_id: z.string().nullable().openapi({ description: 'Null: the flow itself.' }),
          what: z.string().openapi({ example: 'passed' }),
          note: z.string().nullable().openapi({ description: 'The way, the reason, or how it left.' }),
        }),
      )
      .openapi({ description: 'All that happened to it there, oldest first.' }),
  })
  .openapi('PersonInFlowWithHistory');

const Outcome = z.object({ status: z.int(), problem: ProblemSchema.optional() });
const CREATE = z
  .boolean()
  .optional()
  .openapi({ description: 'Make profiles for keys that no profile has. Default: false.' });
const Keys = z.array(z.string()).min(1).max(FLOW_KEYS_MAX);
const DATA = FlowDataSchema.optional().openapi({
  example: { order_total: 129.5, order_number: 'A-1041' },
  description:
    'What the flow says that it takes (`data` of the flow): its conditions, messages (`{{api.order_number}}`) and webhooks can use it for as long as this stay lasts. Values it does not take, or of a wrong type, are refused. Dates are written as 2026-11-30.',
});
const ENTERS =
  'They enter by the flow’s own rules (how often, filter, exit tag), a moment later: the answer only says that they were sent. It must be live and need no attention (409). The tags that its steps change must be writable through the keyspace.';
const TAKEN_OUT =
  'Wherever they are in it, and also if they were just sent to it. They may enter again by its rules. The answer is the same for who was not in it.';

const answer = <Body extends z.ZodType>(schema: Body, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...PROBLEM_RESPONSES,
});
const outcomes = (description: string) => ({
  207: { description, content: { 'application/json': { schema: z.object({ items: z.array(Outcome) }) } } },
  ...PROBLEM_RESPONSES,
});
const json = <Shape extends z.ZodType>(schema: Shape) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});
const list = '/audience/sections/{section}/flows';
const many = '/audience/keyspaces/{keyspace}/sections/{section}/flows/{flow}';
const single = '/audience/keyspaces/{keyspace}/profiles/{key}/sections/{section}/flows/{flow}';

export function addFlows(api: OpenAPIHono<ApiEnvironment>): void {
  addReads(api);
  addSending(api);
}

function addReads(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: list,
      tags,
      summary: 'List flows',
      description: 'Those changed last come first.',
      request: {
        params: SectionPath,
        query: z.object({
          status: z.enum(FLOW_STATES).optional(),
          name: z.string().max(200).optional().openapi({ description: 'Words of the name.' }),
          ...paging,
        }),
      },
      responses: answer(
        z.object({ items: z.array(Flow), next: z.string().nullable() }),
        'A page. `next`: the cursor of the next one; null: this is the last.',
      ),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { status: state, name = '', cursor, limit } = context.req.valid('query');
      const before = placeOf(cursor);
      const found = await read(context, readFlowsOfClient, {
        sectionId,
        ...(state !== undefined && { state }),
        search: name,
        ...(before && { before }),
        limit: limit + 1,
      });
      const items = found.slice(0, limit).map(flowBody);
      return context.json({ items, next: nextOf(found, limit, ({ changedAt }) => changedAt) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: `${list}/{flow}`,
      tags,
      summary: 'Get a flow with its steps and numbers',
      request: { params: SectionPath.extend({ flow }) },
      responses: answer(FlowWithSteps, 'The flow, in words.'),
    }),
    async (context) => {
      const { flow: flowId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const found = await read(context, readFlowOfClient, { sectionId, flowId });
      const { shown, names: words, numbers } = found;
      const inAll = numbers && {
        ...{ entered: numbers.entered, inside: numbers.inside, left: { ...numbers.left } },
        refused: { ...numbers.refused },
      };
      return context.json(
        {
          ...flowBody(found),
          trigger_in_words: triggerInWords(shown.trigger, words),
          data: [...dataOf(shown)],
          filter_in_words: shown.filter && filterInWords(shown.filter, words),
          steps: stepBodies(shown.steps, null, words, numbers),
          numbers: inAll,
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: `${many}/people`,
      tags,
      summary: 'List the profiles in a flow',
      description: `Those who have a key in the keyspace. ${READABLE} For the next page, repeat with \`after\` = \`next\` until \`next\` is null.`,
      request: {
        params: SectionKeyspacePath.extend({ flow }),
        query: z.object({
          state: z.enum(PEOPLE_STATES).default('inside').openapi({
            description: '`failed`: those whose step has failed; `left`: all who are not inside any more.',
          }),
          step: z.string().max(16).optional().openapi({ description: 'Only those at this step, of any version.' }),
          after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
          limit: z.coerce.number().int().min(1).max(1_000).default(100).openapi({
            description:
              'How many profiles to read. Those without a key in the keyspace are left out of the response; with `left`, also those that are inside.',
          }),
        }),
      },
      responses: answer(z.object({ items: z.array(Person), next: z.string().nullable() }), 'A page.'),
    }),
    async (context) => {
      const { flow: flowId, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { state, step = null, after, limit } = context.req.valid('query');
      const page = { ...where, flowId, state, step, after, limit };
      const { people, next } = await read(context, readPeopleOfClient, page);
      return context.json({ items: people.map(personBody), next: next === null ? null : String(next) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: single,
      tags,
      summary: 'Get where a profile is in a flow',
      description: `With all that happened to it there. ${READABLE}`,
      request: { params: ProfilePath.extend({ flow }) },
      responses: answer(PersonWithHistory, 'Where it is, or how it left. 404: it was never in the flow.'),
    }),
    async (context) => {
      const { flow: flowId, key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { visits, ...found } = await read(context, readPersonOfClient, { ...where, flowId, key });
      const { waits_until: _until, left_at: _left, ...body } = personBody({ ...found, until: null, leftAt: null });
      const history = visits.map(({ at, step, ...visit }) => ({ at: at.toISOString(), step_id: step, ...visit }));
      return context.json({ ...body, data: found.given ?? {}, history }, 200);
    },
  );
}

function addSending(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: `${single}/entries`,
      tags,
      summary: 'Send a profile into a flow',
      description: `${ENTERS} Send an \`Idempotency-Key\`, so that a repeated call does not send it twice.`,
      request: { params: ProfilePath.extend({ flow }), body: json(z.object({ data: DATA, create: CREATE })) },
      responses: { 202: { description: 'It was sent. `Location` says where it is.' }, ...PROBLEM_RESPONSES },
    }),
    async (context) => {
      const { flow: flowId, key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      await run(context, enterFlowByKey, { ...where, flowId, key, ...context.req.valid('json') });
      const location = context.req.path.replace(/\/entries$/, '');
      return context.body(null, 202, { location });
    },
  );
  api.openapi(
    createRoute({
      method: 'delete',
      path: single,
      tags,
      summary: 'Take a profile out of a flow',
      description: TAKEN_OUT,
      request: { params: ProfilePath.extend({ flow }) },
      responses: { 204: { description: 'It is not in the flow.' }, ...PROBLEM_RESPONSES },
    }),
    async (context) => {
      const { flow: flowId, key, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      await run(context, takeOutOfFlowByKey, { ...where, flowId, key });
      return context.body(null, 204);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: `${many}/entries`,
      tags,
      summary: 'Send many profiles into a flow',
      description: `Up to ${FLOW_KEYS_MAX.toLocaleString('en-GB')}. ${ENTERS} The response has an outcome for each, in the same order; a refused key does not affect the others.`,
      request: {
        params: SectionKeyspacePath.extend({ flow }),
        body: json(
          z.object({
            profile_keys: z
              .array(z.union([z.string(), z.object({ profile_key: z.string(), data: DATA })]))
              .min(1)
              .max(FLOW_KEYS_MAX)
              .openapi({
                example: ['andy@example.com', { profile_key: 'bo@example.com', data: { order_total: 80 } }],
                description: 'Keys, or objects with a key and its data.',
              }),
            create: CREATE,
          }),
        ),
      },
      responses: outcomes('For each key: 202, or the status with which it would have been refused alone.'),
    }),
    async (context) => {
      const { flow: flowId, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { profile_keys: keys, create } = context.req.valid('json');
      const people = keys.map((one) =>
        typeof one === 'string' ? { key: one } : { key: one.profile_key, ...(one.data && { data: one.data }) },
      );
      const { outcomes: done } = await run(context, enterFlowByKeys, { ...where, flowId, people, create });
      return context.json({ items: await outcomeBodies(context, done, 202) }, 207);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: `${many}/exits`,
      tags,
      summary: 'Take many profiles out of a flow',
      description: `Up to ${FLOW_KEYS_MAX.toLocaleString('en-GB')}. ${TAKEN_OUT} The response has an outcome for each, in the same order.`,
      request: { params: SectionKeyspacePath.extend({ flow }), body: json(z.object({ profile_keys: Keys })) },
      responses: outcomes('For each key: 204, or the status with which it would have been refused alone.'),
    }),
    async (context) => {
      const { flow: flowId, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { profile_keys: keys } = context.req.valid('json');
      const { outcomes: done } = await run(context, takeOutOfFlowByKeys, { ...where, flowId, keys });
      return context.json({ items: await outcomeBodies(context, done, 204) }, 207);
    },
  );
}

async function outcomeBodies(context: ApiContext, done: readonly KeyOutcome[], status: number) {
  const refusals = done.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal]));
  await recordDenied(context.get('client'), refusals);
  return done.map((outcome): z.output<typeof Outcome> => {
    if (outcome.ok) return { status };
    const problem = refusalBody(outcome.refusal);
    return { status: problem.status, problem };
  });
}

const flowBody = ({ id, name, state, version, attention, changedAt, publishedAt }: FlowRow): z.output<typeof Flow> => ({
  flow_id: String(id),
  name,
  status: state,
  version,
  needs_attention: attention.length > 0,
  changed_at: changedAt.toISOString(),
  published_at: publishedAt?.toISOString() ?? null,
});

/** In the order of the page; `within`: the way in which they are. */
function stepBodies(
  steps: readonly Step[],
  within: string | null,
  names: FlowNames,
  numbers: FlowNumbers | null,
): z.output<typeof FlowStep>[] {
  const none = { ...{ arrived: 0, waiting: 0, passed: 0, skipped: 0 }, ...{ timed_out: 0, failed: 0, left: 0 } };
  return steps.flatMap((step) => {
    const ways = 'ways' in step ? waysOf(step, names) : [];
    return [
      {
        ...{ step_id: step.id, kind: step.kind, name: step.name, words: stepInWords(step, names), within },
        ways: ways.map((way) => ({
          ...{ way_id: way.id, words: way.words },
          taken: numbers && (numbers.ways[way.isOtherwise ? otherwiseOf(step) : way.id] ?? 0),
        })),
        numbers: numbers && (numbers.steps[step.id] ?? none),
      },
      ...ways.flatMap((way) => stepBodies(way.steps, way.id, names, numbers)),
    ];
  });
}

const personBody = (person: ClientPerson): z.output<typeof Person> => ({
  profile_key: person.key,
  entry: person.entry,
  version: person.version,
  step_id: person.step,
  entered_at: person.enteredAt.toISOString(),
  arrived_at: person.arrivedAt.toISOString(),
  waits_until: person.until?.toISOString() ?? null,
  left_at: person.leftAt?.toISOString() ?? null,
  outcome: person.outcome,
});
