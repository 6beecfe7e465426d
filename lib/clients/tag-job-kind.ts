// The job that an API client starts: tags on a list of profiles or on everyone in a segment, in steps, undoable.
import { z } from 'zod';
import type { ClientActor } from '@/lib/access/actor';
import { KeyspaceIdSchema, TagIdSchema, type KeyspaceId, type TagId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { RulesStepInput, tagNext } from '@/lib/operations/bulk-tag';
import { nextMembers, openFixed } from '@/lib/operations/selection';
import { allowedTag, findTags } from '@/lib/profiles/allowed-operations';
import { normaliseKey } from '@/lib/profiles/keys';
import type { InKeyspace } from '@/lib/profiles/keyspace';
import type { Keyspace } from '@/lib/profiles/schema';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts, type OperationRow } from '@/lib/work/schema';
import { changeByKeys } from './batches';
import { forClients, requireReadable } from './segments';

const STEP = 5_000;

/** The input that all these jobs share. */
export const TagJobTarget = z.object({
  keyspaceId: KeyspaceIdSchema,
  apply: z.array(TagIdSchema),
  remove: z.array(TagIdSchema),
  startsFlows: z.boolean().default(true),
});

/** The keys are in `operation_key`. */
const KeysInput = z.strictObject(TagJobTarget.shape);
type KeysInput = z.output<typeof KeysInput>;

const SegmentInput = RulesStepInput.extend({
  keyspaceId: KeyspaceIdSchema,
  segment: z.object({ name: z.string(), discriminator: z.string() }),
});
type SegmentInput = z.output<typeof SegmentInput>;

export const tagJobKind = operationKind({
  kind: 'api_tags',
  input: z.union([SegmentInput, KeysInput]),
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Tag jobs of the API',
    counts: [
      ['profiles', 'profiles processed'],
      ['created', 'new'],
      ['applied', 'tags applied'],
      ['removed', 'tags removed'],
      ['rejected', 'keys rejected'],
    ],
    left: ['rejected'],
  },
  step: (tx, { input, ...operation }) =>
    'segment' in input ? tagBySegmentStep(tx, { ...operation, input }) : tagByKeysStep(tx, { ...operation, input }),
});

/** Changes the next keys of the list. Checks the client's API key and Allowed Operations in each step. */
const tagByKeysStep: OperationStep<KeysInput> = async (tx, operation) => {
  const { sectionId, input } = operation;
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
  const changed = await changeByKeys(tx, actor, profileKey, changes, {
    operationId: operation.id,
    startsFlows: input.startsFlows,
  });
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

/** Changes the next profiles by id. Checks Allowed Operations in each step. */
const tagBySegmentStep: OperationStep<SegmentInput> = async (tx, operation) => {
  const { sectionId } = operation;
  const { keyspaceId, segment, selection, apply, remove, until, startsFlows } = operation.input;
  const keyspace = await one<Keyspace>(
    tx,
    sql`select id, kind, name, discriminator from keyspace where id = ${keyspaceId}`,
  );
  const profileKey = { sectionId, keyspace };
  const opened = await openFixed(tx, sectionId, selection, forClients);
  await requireReadable(tx, null, profileKey, [{ ...segment, ...opened }]);
  const tags = await findTags(tx, profileKey, [...apply, ...remove].map(String), { toChange: true });
  // A tag that was merged since the start is replaced by the one that it was merged into.
  const now = (ids: readonly TagId[]) => ids.map((id) => allowedTag(tags, profileKey, String(id), 'write'));
  const next = nextMembers(sectionId, opened, selection);
  return tagNext(tx, operation, {
    apply: now(apply),
    remove: now(remove),
    until,
    listed: operation.input.listed,
    next,
    source: 'api',
    startsFlows,
  });
};
