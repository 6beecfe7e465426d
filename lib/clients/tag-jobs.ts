// Tags on a list of profiles that an API client names by key: in steps, with progress, undoable.
import { z } from 'zod';
import { actorApiKeyId, actorUserId, type ClientActor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  KeyspaceIdSchema,
  SectionIdSchema,
  TagIdSchema,
  type KeyspaceId,
  type OperationId,
  type SectionId,
} from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { normaliseKey } from '@/lib/profiles/keys';
import { mayUseKeyspace, openKeyspace, type InKeyspace } from '@/lib/profiles/keyspace';
import { changeByKeys } from './batches';
import { allowedTag, findTags, mayReadAll, TagRef, withoutChanges } from '@/lib/profiles/allowed-operations';
import type { Keyspace } from '@/lib/profiles/schema';
import { describeTagging } from '@/lib/operations/bulk-tag';
import { getOperation } from '@/lib/operations/queries';
import { addCounts, type OperationRow, type OperationStep, type OperationView } from '@/lib/operations/schema';
import { startOperation } from '@/lib/operations/start';

export const JOB_KEYS_MAX = 100_000;
const STEP = 5_000;

const StepInput = z.object({
  keyspaceId: KeyspaceIdSchema,
  apply: z.array(TagIdSchema),
  remove: z.array(TagIdSchema),
});

/** Starts a job: `{ operationId }` tells its progress and can be undone. Keys that are none are counted as rejected. */
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
  }),
  run: async ({ tx, actor, accountId }, { sectionId, keyspaceId, keys, apply, remove }) => {
    const profileKey = await openKeyspace(tx, actor, accountId, { sectionId, keyspaceId });
    if (apply.length + remove.length === 0) refuse('invalid', 'Name at least one tag in `apply` or `remove`.');
    const tags = await findTags(tx, profileKey, [...apply, ...remove]);
    const ids = (refs: string[]) => refs.map((ref) => allowedTag(tags, profileKey, ref, 'write'));
    const change = { apply: ids(apply), remove: ids(remove) };
    const operationId = await startOperation(tx, {
      sectionId,
      kind: 'api_tags',
      summary: await describeTagging(tx, sectionId, change, keys.length),
      input: { keyspaceId, ...change },
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
 * A job as a client may see it; undefined if there is none for it. How many tags were changed is left out unless each of
 * the job's tags may be read through its keyspace: it would tell who has them.
 */
export async function jobOfClient(
  db: Db,
  client: ClientActor,
  sectionId: SectionId,
  id: OperationId,
): Promise<OperationView | undefined> {
  const job = await getOperation(db, sectionId, id);
  if (job?.kind !== 'api_tags') return undefined;
  const { input } = await one<{ input: unknown }>(
    db,
    sql`select input from operation where section_id = ${sectionId} and id = ${id}`,
  );
  const { keyspaceId, apply, remove } = StepInput.parse(input);
  if (!mayUseKeyspace(client, keyspaceId)) return undefined;
  const profileKey = await openKeyspace(db, client, client.accountId, { sectionId, keyspaceId });
  return (await mayReadAll(db, profileKey, [...apply, ...remove]))
    ? job
    : { ...job, counts: withoutChanges(job.counts) };
}

/** A step: the next keys of the list. The client's key and Allowed Operations are looked at anew each time. */
export const tagByKeysStep: OperationStep = async (tx, operation) => {
  const { sectionId } = operation;
  const input = StepInput.parse(operation.input);
  const { profileKey, actor } = await openStep(tx, operation, input.keyspaceId);
  const tags = await findTags(tx, profileKey, [...input.apply, ...input.remove].map(String), { toChange: true });
  const tagId = (id: number) => allowedTag(tags, profileKey, String(id), 'write');
  const wanted = [
    ...input.apply.map((id) => ({ tagId: tagId(id), apply: true })),
    ...input.remove.map((id) => ({ tagId: tagId(id), apply: false })),
  ];
  const listed = await rows<{ key: string }>(
    tx,
    sql`select key from operation_key
        where section_id = ${sectionId} and operation_id = ${operation.id} and seq > ${operation.cursor}
        order by seq
        limit ${STEP}`,
  );
  const keys = listed.flatMap(({ key }) => {
    const normalised = normaliseKey(profileKey.keyspace.kind, key);
    return normalised.ok ? [normalised.key] : [];
  });
  const changes = keys.flatMap((key) => wanted.map((change) => ({ key, ...change })));
  const changed = await changeByKeys(tx, actor, profileKey, changes, operation.id);
  const done = listed.length < STEP;
  if (done) {
    await execute(
      tx,
      sql`delete from operation_key where section_id = ${sectionId} and operation_id = ${operation.id}`,
    );
  }
  return {
    cursor: operation.cursor + listed.length,
    progress: operation.progress + listed.length,
    counts: addCounts(operation.counts, {
      profiles: keys.length - changed.notMade.size,
      rejected: listed.length - keys.length + changed.notMade.size,
      created: changed.created,
      applied: changed.applied,
      removed: changed.removed,
    }),
    done,
  };
};

async function openStep(
  tx: Tx,
  { sectionId, apiKeyId }: OperationRow,
  keyspaceId: KeyspaceId,
): Promise<{ profileKey: InKeyspace; actor: ClientActor }> {
  const { keyspace, ...key } = await one<{ keyspace: Keyspace; name: string; accountId: ClientActor['accountId'] }>(
    tx,
    sql`
      select api_key.name, api_key.account_id as "accountId",
        json_build_object('id', keyspace.id, 'kind', keyspace.kind, 'name', keyspace.name, 'discriminator', keyspace.discriminator) as keyspace
      from api_key
      join keyspace on keyspace.account_id = api_key.account_id and keyspace.id = ${keyspaceId}
      where api_key.id = ${apiKeyId}`,
  );
  const actor: ClientActor = {
    kind: 'client',
    apiKeyId: apiKeyId!,
    sections: [sectionId],
    keyspaces: [keyspaceId],
    canWrite: true,
    from: { ip: null, userAgent: null },
    ...key,
  };
  return { profileKey: { sectionId, keyspace }, actor };
}

/** Removes the lists of jobs that ended before their last step. */
export async function removeOldJobKeys(): Promise<void> {
  await execute(
    pool(),
    sql`
      delete from operation_key using operation
      where operation.section_id = operation_key.section_id and operation.id = operation_key.operation_id
        and operation.status in ('done', 'failed', 'cancelled')`,
  );
}
