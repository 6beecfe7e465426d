// Tags on everyone in a segment, for API clients: the bulk change of people, as the API's, with Allowed Operations looked at.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema, type TagId } from '@/lib/db/ids';
import { one, sql } from '@/lib/db/sql';
import { openKeyspace } from '@/lib/profiles/keyspace';
import type { Keyspace } from '@/lib/profiles/schema';
import { allowedTag, findTags, TagRef } from '@/lib/profiles/allowed-operations';
import { forClients, openNamed, requireReadable } from './segments';
import {
  describeTagging,
  extentOf,
  fixedRules,
  nextMembers,
  openFixed,
  RulesStepInput,
  tagNext,
} from '@/lib/operations/bulk-tag';
import type { OperationStep } from '@/lib/operations/schema';
import { startOperation } from '@/lib/operations/start';
import { tagByKeysStep } from './tag-jobs';

const JobInput = RulesStepInput.extend({
  keyspaceId: KeyspaceIdSchema,
  segment: z.object({ name: z.string(), discriminator: z.string() }),
});

/**
 * Starts a job: `{ operationId }` tells its progress and can be undone. `asked`: the tags that the segment asks about. Its
 * rules stay as they are now; where nobody is in it, the job has nothing to do.
 */
export const tagBySegment = command({
  name: 'profiles.tag-by-segment',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    segment: z.string().max(300),
    apply: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
    remove: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
  }),
  run: async ({ tx, actor, accountId }, { sectionId, keyspaceId, segment: ref, apply, remove }) => {
    const profileKey = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId });
    if (apply.length + remove.length === 0) refuse('invalid', 'Name at least one tag in `apply` or `remove`.');
    const { rules, definitions, name, discriminator } = await openNamed(tx, sectionId, ref);
    const segment = { name, discriminator };
    const asked = await requireReadable(tx, actor, profileKey, [{ ...segment, rules, definitions }]);
    const tags = await findTags(tx, profileKey, [...apply, ...remove]);
    const ids = (refs: string[]) => refs.map((tag) => allowedTag(tags, profileKey, tag, 'write'));
    const change = { apply: ids(apply), remove: ids(remove) };
    const selection = fixedRules({ rules, definitions });
    const { total, until } = await extentOf(tx, sectionId, selection);
    const operationId = await startOperation(tx, {
      sectionId,
      kind: 'api_tags',
      summary: await describeTagging(tx, sectionId, change, total),
      input: { keyspaceId, segment, selection, until, ...change },
      total,
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
    });
    return { operationId, name, asked, tagIds: [...change.apply, ...change.remove] };
  },
  audit: (_input, { operationId, name }) => ({
    summary: `Started a job on the segment “${name}”`,
    subject: `operation:${operationId}`,
  }),
});

/** A step of a job: on everyone in a segment, or on a list of keys. */
export const apiTagsStep: OperationStep = (tx, operation) =>
  isOfSegment(operation.input) ? tagBySegmentStep(tx, operation) : tagByKeysStep(tx, operation);

const isOfSegment = (input: unknown): boolean => typeof input === 'object' && input !== null && 'segment' in input;

/** The next profiles by id. Allowed Operations are looked at anew each time. */
const tagBySegmentStep: OperationStep = async (tx, operation) => {
  const { sectionId } = operation;
  const { keyspaceId, segment, selection, apply, remove, until } = JobInput.parse(operation.input);
  const keyspace = await one<Keyspace>(
    tx,
    sql`select id, kind, name, discriminator from keyspace where id = ${keyspaceId}`,
  );
  const profileKey = { sectionId, keyspace };
  const opened = await openFixed(tx, sectionId, selection, forClients);
  await requireReadable(tx, null, profileKey, [{ ...segment, ...opened }]);
  const tags = await findTags(tx, profileKey, [...apply, ...remove].map(String), { toChange: true });
  // A tag that has been merged since is the one into which it went.
  const now = (ids: readonly TagId[]) => ids.map((id) => allowedTag(tags, profileKey, String(id), 'write'));
  const next = nextMembers(sectionId, opened, selection);
  return tagNext(tx, operation, { apply: now(apply), remove: now(remove), until, next, source: 'api' });
};
