// Segments: the list, the segments of a profile, counts and members, tag jobs on segments, and reports.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { recordUse } from '@/lib/accounts/tag-use';
import type { KeyspaceId, SectionId, TagId } from '@/lib/db/ids';
import { READS } from '@/lib/config/limits';
import { countEntriesBySegment } from '@/lib/clients/flow-entries';
import { tagBySegment } from '@/lib/clients/segment-jobs';
import {
  readCountOfSegment,
  readEvaluation,
  readMembersOfSegment,
  readSegmentOfClient,
  readSegmentsOfClient,
} from '@/lib/clients/segment-reads';
import type { ListedSegment } from '@/lib/clients/segments';
import { REPORT_SEGMENTS_MAX, requestReport } from '@/lib/clients/reports';
import { TimeZoneSchema } from '@/lib/text/time-zone';
import {
  SectionKeyspacePath,
  SectionPath,
  resolveKeyspaces,
  listInQuery,
  KeyPath,
  resolveScope,
  read,
  run,
  type ApiContext,
  type ApiEnvironment,
} from './context';
import { DryRun, entriesBody, JOB_RESPONSES, startedJob, StartsFlows, TagRefs } from './jobs';
import { PROBLEM_RESPONSES } from './problem';
import { FILE_RESPONSES, fileBody } from './transfers';

const EVALUATED_MAX = 100;
const tags = ['Segments'];
const EXAMPLE = 'usercreated.segments.vips_in_sweden-a1b2c3d4e5';
const Discriminator = z.string().max(300).openapi({ example: EXAMPLE });
const SegmentParam = Discriminator.openapi({
  param: { name: 'segment', in: 'path' },
  description: 'Discriminator of the segment.',
});
const SegmentInSectionPath = SectionPath.extend({ segment: SegmentParam });
const SegmentInKeyspacePath = SectionKeyspacePath.extend({ segment: SegmentParam });

const Segment = z
  .object({
    discriminator: Discriminator,
    name: z.string().openapi({ example: 'VIPs in Sweden' }),
    section_discriminator: z.string().openapi({ example: 'com.apsis1.sections.default' }),
    needs_attention: z.boolean().openapi({
      example: false,
      description: 'It refers to something hidden and cannot be used until that is fixed.',
    }),
  })
  .openapi('Segment');
const DescribedSegment = Segment.extend({
  description: z.string(),
  rules_in_words: z.string().openapi({ example: 'Everyone who has VIP and Country is “Sweden”.' }),
  attention: z.array(z.string()).openapi({ example: [], description: 'Why it needs attention.' }),
}).openapi('DescribedSegment');

const answer = <Shape extends z.ZodType>(schema: Shape, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...PROBLEM_RESPONSES,
});
const json = <Shape extends z.ZodType>(schema: Shape) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

export function addSegments(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/segments',
      tags,
      summary: 'Segments that this API key may use',
      description: 'In all sections that the API key may use.',
      responses: answer(z.object({ items: z.array(Segment) }), 'The full list, sorted by name.'),
    }),
    async (context) => {
      const found = await read(context, readSegmentsOfClient, {});
      return context.json({ items: found.map(segmentBody) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/segments/{segment}',
      tags,
      summary: 'One segment, with its rules in words',
      request: { params: z.object({ segment: SegmentParam }) },
      responses: answer(DescribedSegment, 'The segment.'),
    }),
    async (context) => {
      const found = await read(context, readSegmentOfClient, { ref: context.req.valid('param').segment });
      const { description, rulesInWords, attention } = found;
      return context.json({ ...segmentBody(found), description, rules_in_words: rulesInWords, attention }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/profiles/{key}/evaluations',
      tags,
      summary: 'Check whether a profile is in segments',
      description:
        'Evaluated live. The result is false in a section that has no profile with the key. A segment that needs attention returns a conflict; a segment that uses a tag which may not be read through the keyspace is refused.',
      request: {
        params: KeyPath,
        body: json(
          z.object({
            segments: z
              .array(z.object({ discriminator: Discriminator }))
              .min(1, 'Name at least one segment.')
              .max(EVALUATED_MAX, `At most ${EVALUATED_MAX} segments a call.`),
            time_zone: TimeZoneSchema.optional().openapi({
              example: 'Europe/Stockholm',
              description: 'The time zone in which days begin and end. Default: that of each segment.',
            }),
          }),
        ),
      },
      responses: answer(
        z.object({
          matches: z.object({
            segments: z.record(z.string(), z.boolean()).openapi({ example: { [EXAMPLE]: true } }),
          }),
        }),
        'By discriminator.',
      ),
    }),
    async (context) => {
      const { keyspace, key } = context.req.valid('param');
      const { keyspaceId } = await resolveScope(context, { keyspace });
      const { segments, time_zone: timeZone } = context.req.valid('json');
      const refs = segments.map(({ discriminator }) => discriminator);
      const { matches, ruleTags } = await read(context, readEvaluation, { keyspaceId, key, refs, timeZone });
      for (const { sectionId, tagIds } of ruleTags) recordReads(context, { sectionId, keyspaceId }, tagIds);
      return context.json({ matches: { segments: Object.fromEntries(matches) } }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/segments/{segment}/count',
      tags,
      summary: 'Count the profiles in a segment',
      description: `An exact count, including profiles without a key in the keyspaces. The tags that the segment uses must be readable through each of the keyspaces. A count that takes longer than ${READS.secondsOfClient} seconds is stopped (408).`,
      request: {
        params: SegmentInSectionPath,
        query: z.object({
          keyspace_discriminators: listInQuery(z.string().max(300), 'Default: all that the API key may use.'),
        }),
      },
      responses: answer(z.object({ count: z.int() }), 'The current number of profiles.'),
    }),
    async (context) => {
      const { segment, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const keyspaceIds = await resolveKeyspaces(context, context.req.valid('query').keyspace_discriminators);
      const count = await read(context, readCountOfSegment, { sectionId, segment, keyspaceIds });
      return context.json({ count }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/segments/{segment}/profiles',
      tags,
      summary: 'List the profiles in a segment',
      description:
        'Only profiles with a key in the keyspace. For the next page, repeat with `after` = `next` until `next` is null. Each page shows the data at the time it is read.',
      request: {
        params: SegmentInKeyspacePath,
        query: z.object({
          after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
          limit: z.coerce.number().int().min(1).max(1_000).default(100).openapi({
            description: 'How many profiles to read. Those without a key in the keyspace are left out of the response.',
          }),
        }),
      },
      responses: answer(
        z.object({ items: z.array(z.object({ profile_key: z.string() })), next: z.string().nullable() }),
        'A page.',
      ),
    }),
    async (context) => {
      const { segment, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const page = { ...where, segment, ...context.req.valid('query') };
      const { keys, next, ruleTags } = await read(context, readMembersOfSegment, page);
      recordReads(context, where, ruleTags);
      const items = keys.map((key) => ({ profile_key: key }));
      return context.json({ items, next: next === null ? null : String(next) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/segments/{segment}/tags/jobs',
      tags,
      summary: 'Start a job on everyone in a segment',
      description:
        'Applies and removes tags on everyone who is in the segment by its current rules. It runs in the background and can be undone in the browser (Activity). The tags that the segment uses must be readable through the keyspace, and the tags to change must be writable.',
      request: {
        params: SegmentInKeyspacePath,
        body: json(z.object({ apply: TagRefs, remove: TagRefs, starts_flows: StartsFlows, dry_run: DryRun })),
      },
      responses: JOB_RESPONSES,
    }),
    async (context) => {
      const names = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { starts_flows: startsFlows, dry_run: isDry, ...change } = context.req.valid('json');
      if (isDry) {
        const asked = { ...where, segment: names.segment, ...change };
        return context.json(entriesBody(await read(context, countEntriesBySegment, asked)), 200);
      }
      const { operationId, ruleTags, tagIds } = await run(context, tagBySegment, {
        ...where,
        segment: names.segment,
        ...change,
        startsFlows,
      });
      recordReads(context, where, ruleTags);
      recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, tagIds, 'write');
      const { job, location } = await startedJob(context, names.section, where.sectionId, operationId);
      return context.json(job, 202, { location });
    },
  );
  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/profiles/reports/segments',
      tags,
      summary: 'Request a report on segments',
      description:
        'A CSV file with a line for each profile that is in at least one of the segments: its keys, then a column for each segment, in the order of the request, with `true` or `false`. It is produced when it is downloaded, from the segments and data at that time. The address needs no token and is valid for a day. The tags that the segments use must be readable through every keyspace in the file.',
      request: {
        body: json(
          z.object({
            section_discriminator: z.string().openapi({ example: 'com.apsis1.sections.default' }),
            segments: z
              .array(Discriminator)
              .min(1, 'Name at least one segment.')
              .max(REPORT_SEGMENTS_MAX, `At most ${REPORT_SEGMENTS_MAX} segments a report.`),
            keyspace_discriminators: z
              .array(z.string())
              .max(50)
              .optional()
              .openapi({ description: 'Default: all that the API key may use.' }),
          }),
        ),
      },
      responses: FILE_RESPONSES,
    }),
    async (context) => {
      const body = context.req.valid('json');
      const { sectionId } = await resolveScope(context, { section: body.section_discriminator });
      const keyspaces = await resolveKeyspaces(context, body.keyspace_discriminators);
      const requested = await run(context, requestReport, { sectionId, keyspaces, segments: body.segments });
      for (const keyspaceId of requested.keyspaceIds) recordReads(context, { sectionId, keyspaceId }, requested.tagIds);
      return context.json(fileBody(context, 'reports', requested), 202);
    },
  );
}

function segmentBody({ discriminator, name, section, attention }: ListedSegment): z.output<typeof Segment> {
  return { discriminator, name, section_discriminator: section, needs_attention: attention.length > 0 };
}

function recordReads(
  context: ApiContext,
  where: { sectionId: SectionId; keyspaceId: KeyspaceId },
  tagIds: readonly TagId[],
): void {
  recordUse({ ...where, apiKeyId: context.get('client').apiKeyId }, tagIds, 'read');
}
