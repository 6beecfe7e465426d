// Tags on a list of profiles that an API client names by key: in steps, with progress, undoable.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { mayUseKeyspace } from '@/lib/access/policy';
import { refuse } from '@/lib/access/refusal';
import { KeyspaceIdSchema, SectionIdSchema, type OperationId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql, type Db } from '@/lib/db/sql';
import { openKeyspace } from '@/lib/profiles/keyspace';
import { allowedTag, findTags, mayReadAll, TagRef, withoutChanges } from '@/lib/profiles/allowed-operations';
import { describeTagging } from '@/lib/tags/labels';
import { readOperation, type OperationState } from '@/lib/work/queries';
import { startOperation } from '@/lib/work/start';
import { TagJobTarget, tagJobKind } from './tag-job-kind';

export const JOB_KEYS_MAX = 100_000;

/** Starts a job: `{ operationId }` gives its progress and can be undone. Invalid keys are counted as rejected. */
export const tagByKeys = command({
  name: 'profiles.tag-by-keys',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    keyspaceId: KeyspaceIdSchema,
    keys: z
      .array(z.string().max(1_000))
      .min(1, 'Name at least one profile key.')
      .max(JOB_KEYS_MAX, `At most ${JOB_KEYS_MAX.toLocaleString('en-GB')} profile keys a job.`),
    apply: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
    remove: z.array(TagRef).max(50, 'At most 50 tags a job.').default([]),
    startsFlows: z.boolean().default(true),
  }),
  run: async ({ tx, actor, accountId }, { sectionId, keyspaceId, keys, apply, remove, startsFlows }) => {
    const profileKey = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId });
    if (apply.length + remove.length === 0) refuse('invalid', 'Name at least one tag in `apply` or `remove`.');
    const tags = await findTags(tx, profileKey, [...apply, ...remove]);
    const ids = (refs: string[]) => refs.map((ref) => allowedTag(tags, profileKey, ref, 'write'));
    const change = { apply: ids(apply), remove: ids(remove) };
    const operationId = await startOperation(tx, tagJobKind, {
      sectionId,
      summary: await describeTagging(tx, sectionId, change, keys.length),
      input: { keyspaceId, ...change, startsFlows },
      total: keys.length,
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
    });
    await execute(
      tx,
      sql`insert into operation_key (section_id, operation_id, seq, key)
          select ${sectionId}::int, ${operationId}::int, seq, key
          from unnest(${keys}::text[]) with ordinality wanted (key, seq)`,
    );
    return { operationId, tagIds: [...change.apply, ...change.remove] };
  },
  audit: ({ keys }, { operationId }) => ({
    summary: `Started a job on ${keys.length.toLocaleString('en-GB')} profile keys`,
    subject: `operation:${operationId}`,
  }),
});

/**
 * A job as the client may see it; undefined if the client has no such job. The number of changed tags is left out
 * unless every tag of the job may be read through its keyspace: it would reveal who has them.
 */
export async function jobOfClient(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  id: OperationId,
): Promise<OperationState | undefined> {
  const job = await readOperation(db, sectionId, id);
  if (job?.kind !== tagJobKind.kind) return undefined;
  const { input } = await one<{ input: unknown }>(
    db,
    sql`select input from operation where section_id = ${sectionId} and id = ${id}`,
  );
  const { keyspaceId, apply, remove } = TagJobTarget.parse(input);
  if (!mayUseKeyspace(client, keyspaceId)) return undefined;
  const profileKey = await openKeyspace(db, client, client.accountId, { sectionId, keyspaceId });
  return (await mayReadAll(db, profileKey, [...apply, ...remove]))
    ? job
    : { ...job, counts: withoutChanges(job.counts) };
}

/** Deletes the key lists of jobs that ended early. */
export async function removeOldJobKeys(): Promise<void> {
  await execute(
    pool(),
    sql`
      delete from operation_key using operation
      where operation.section_id = operation_key.section_id and operation.id = operation_key.operation_id
        and operation.status in ('done', 'failed', 'cancelled')`,
  );
}
