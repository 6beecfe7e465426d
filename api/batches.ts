// Many tag changes in one call, each with its own outcome.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { recordUse } from '@/lib/accounts/tag-use';
import { BATCH_MAX, changeManyByKey } from '@/lib/clients/batches';
import { countEntriesOfSet } from '@/lib/clients/flow-entries';
import { SectionKeyspacePath, read, recordDenied, resolveScope, run, type ApiEnvironment } from './context';
import { DRY_RUN_RESPONSE, DryRun, entriesBody, StartsFlows } from './jobs';
import { PROBLEM_RESPONSES, ProblemSchema, refusalBody } from './problem';

const Change = z.object({
  profile_key: z.string().openapi({ example: 'andy.demo@apsis.com' }),
  tag: z.string().openapi({ example: 'usercreated.tags.vip-a1b2c3d4e5', description: 'Discriminator or version id.' }),
  apply: z.boolean().openapi({ description: 'true applies, false removes.' }),
});
const Outcome = z.object({ status: z.int().openapi({ example: 204 }), problem: ProblemSchema.optional() });

export function addBatches(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/profiles/tags',
      tags: ['Tags of many profiles'],
      summary: 'Apply and remove tags of many profiles',
      description: `Up to ${BATCH_MAX.toLocaleString('en-GB')} changes. The response has an outcome for each, in the same order; a refused change does not affect the others. Applying a tag creates the profile if it does not exist. If a profile and tag appear twice, the last change wins.`,
      request: {
        params: SectionKeyspacePath,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                items: z.array(Change).min(1).max(BATCH_MAX),
                starts_flows: StartsFlows,
                dry_run: DryRun,
              }),
            },
          },
        },
      },
      responses: {
        ...DRY_RUN_RESPONSE,
        207: {
          description:
            'An outcome for each change: 204, or the status with which the change alone would have been refused.',
          content: { 'application/json': { schema: z.object({ items: z.array(Outcome) }) } },
        },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const where = await resolveScope(context, context.req.valid('param'));
      const { items: wanted, starts_flows: startsFlows, dry_run: isDry } = context.req.valid('json');
      const changes = wanted.map(({ profile_key: key, tag, apply }) => ({ key, tag, apply }));
      if (isDry) {
        const flows = await read(context, countEntriesOfSet, { ...where, changes });
        return context.json(entriesBody(flows), 200);
      }
      const { outcomes } = await run(context, changeManyByKey, { ...where, changes, startsFlows });
      const client = context.get('client');
      const used = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.tagId] : []));
      recordUse({ ...where, apiKeyId: client.apiKeyId }, used, 'write');
      await recordDenied(
        client,
        outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal])),
      );
      const items = outcomes.map((outcome) => {
        if (outcome.ok) return { status: 204 };
        const problem = refusalBody(outcome.refusal);
        return { status: problem.status, problem };
      });
      return context.json({ items }, 207);
    },
  );
}
