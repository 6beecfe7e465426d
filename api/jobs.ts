// Tags on long lists of profiles: starts a job, and reports its progress.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '@/lib/access/refusal';
import { recordUse } from '@/lib/accounts/tag-use';
import type { OperationId, SectionId } from '@/lib/db/ids';
import type { OperationState } from '@/lib/work/queries';
import { OPERATION_STATUSES } from '@/lib/work/schema';
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
export const JOB_RESPONSES = {
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
      description: `Applies and removes the same tags on up to ${JOB_KEYS_MAX.toLocaleString('en-GB')} profiles. It runs in the background and can be undone in the browser (Activity).`,
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
      const { profile_keys: keys, apply, remove, starts_flows: startsFlows } = context.req.valid('json');
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
