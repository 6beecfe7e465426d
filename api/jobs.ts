// Tags on long lists of profiles: starts a job, and reports its progress.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '@/lib/access/refusal';
import { recordUse } from '@/lib/accounts/tag-use';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { OperationState } from '@/lib/work/queries';
import { OPERATION_STATUSES } from '@/lib/work/schema';
import { countEntriesByKeys, type EntriesForClient } from '@/lib/clients/flow-entries';
import { readJob, readStartedJob } from '@/lib/clients/reads';
import { JOB_KEYS_MAX, tagByKeys } from '@/lib/clients/tag-jobs';
import {
  SectionKeyspacePath,
  SectionPath,
  resolveScope,
  read,
  run,
  type ApiContext,
  type ApiEnvironment,
} from './context';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Tags of many profiles'];
const Job = z
  .object({
    job_id: z.string(),
    status: z.enum(OPERATION_STATUSES),
    summary: z.string(),
    progress: z.int().openapi({ description: 'How many of `total` have been processed.' }),
    total: z.int().nullable(),
    counts: z.record(z.string(), z.int()).openapi({
      example: { profiles: 1_200, applied: 1_150, rejected: 3 },
      description: '`applied` and `removed` are present only if the tags may be read through the keyspace.',
    }),
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .openapi('Job');
/** Tags that a job applies or removes. */
export const TagRefs = z
  .array(z.string())
  .max(50)
  .optional()
  .openapi({ example: ['usercreated.tags.vip-a1b2c3d4e5'] });
/** Whether a change of many people starts flows. */
export const StartsFlows = z.boolean().optional().openapi({
  description: 'Whether people who get or lose the tags enter the flows that wait for that. True by default.',
});
/** Instead of making a change, says which flows it would start. */
export const DryRun = z.boolean().optional().openapi({
  description: 'Changes nothing, and says into which flows how many would come (200).',
});
const Entries = z
  .object({
    flows: z.array(
      z.object({
        flow_id: z.string(),
        name: z.string(),
        status: z.enum(['live', 'paused', 'attention']).openapi({
          description:
            'Who comes to a flow that is `paused` is kept and offered later; with `attention`, nobody is counted.',
        }),
        enters: z.int().nullable().openapi({
          description:
            'Null if the flow uses a tag that may not be read through the keyspace: it would tell who has it.',
        }),
        may_enter: z.int().nullable().openapi({
          description: 'Profiles that the change would make, of whom nobody knows yet whether they fit.',
        }),
      }),
    ),
  })
  .openapi('FlowEntries');
export const DRY_RUN_RESPONSE = {
  200: {
    description: 'With `dry_run`: the flows that wait for these tags, or for a segment, and who would enter them.',
    content: { 'application/json': { schema: Entries } },
  },
};
export const entriesBody = (flows: readonly EntriesForClient[]): z.output<typeof Entries> => ({
  flows: flows.map(({ flowId, name, state, enters, unsure }) => ({
    ...{ flow_id: String(flowId), name, status: state, enters },
    may_enter: unsure,
  })),
});
export const JOB_RESPONSES = {
  ...DRY_RUN_RESPONSE,
  202: {
    description: 'The job. `Location` is the address of its progress.',
    content: { 'application/json': { schema: Job } },
  },
  ...PROBLEM_RESPONSES,
};

export function addJobs(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/tags/jobs',
      tags,
      summary: 'Start a job on a list of profiles',
      description: `Applies and removes the same tags on up to ${JOB_KEYS_MAX.toLocaleString('en-GB')} profiles. It runs in the background and can be undone in the browser (Activity). With \`dry_run\` it says beforehand which flows it would start.`,
      request: {
        params: SectionKeyspacePath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                profile_keys: z.array(z.string()).min(1).max(JOB_KEYS_MAX),
                apply: TagRefs,
                remove: TagRefs,
                starts_flows: StartsFlows,
                dry_run: DryRun,
              }),
            },
          },
        },
      },
      responses: JOB_RESPONSES,
    }),
    async (context) => {
      const names = context.req.valid('param');
      const where = await resolveScope(context, names);
      const {
        profile_keys: keys,
        apply,
        remove,
        starts_flows: startsFlows,
        dry_run: isDry,
      } = context.req.valid('json');
      if (isDry) {
        const flows = await read(context, countEntriesByKeys, { ...where, keys, apply, remove });
        return context.json(entriesBody(flows), 200);
      }
      const { operationId, tagIds } = await run(context, tagByKeys, { ...where, keys, apply, remove, startsFlows });
      recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, tagIds, 'write');
      const { job, location } = await startedJob(context, names.section, where.sectionId, operationId);
      return context.json(job, 202, { location });
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/jobs/{job}',
      tags,
      summary: 'Get the progress of a job',
      request: { params: SectionPath.extend({ job: z.string().max(20) }) },
      responses: {
        200: { description: 'The job.', content: { 'application/json': { schema: Job } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { job, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const found = await read(context, readJob, { sectionId, jobId: job });
      if (!found) refuse('not_found', `There is no job ${job} in this section.`);
      return context.json(jobBody(found), 200);
    },
  );
}

/** The response for a job that was started: its id and the address of its progress. */
export async function startedJob(context: ApiContext, section: string, sectionId: SectionId, operationId: OperationId) {
  const started = await read(context, readStartedJob, { sectionId, operationId });
  return {
    job: jobBody(started),
    location: `/audience/sections/${encodeURIComponent(section)}/jobs/${operationId}`,
  };
}

function jobBody(operation: OperationState): z.output<typeof Job> {
  const { id, status, summary, progress, total, counts, error, createdAt, finishedAt } = operation;
  return {
    job_id: String(id),
    status,
    summary,
    progress,
    total,
    counts,
    error,
    created_at: createdAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
  };
}
