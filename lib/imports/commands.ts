// Commands of the wizard: saving the mapping, and starting.
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import {
  ImportIdSchema,
  SectionIdSchema,
  type AccountId,
  type ImportId,
  type OperationId,
  type SectionId,
} from '@/lib/db/ids';
import { requireOffered } from '@/lib/consents/topics';
import { CHANNEL_IN_TEXT } from '@/lib/consents/words';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { startOperation } from '@/lib/work/start';
import { stopOperation } from '@/lib/work/stop';
import { listKeyspaces } from '@/lib/profiles/queries';
import { enteredKeyspaces } from '@/lib/profiles/schema';
import { createTagsNamed, requireVisibleTags } from '@/lib/tags/commands';
import { isKeyAttribute } from './guess';
import type { FileFormat } from './format';
import { dryRunKind, importKind } from './kinds';
import { newTags, withTagsCreated } from './new-tags';
import { removeStaged } from './staged';
import { MappingSchema, SaveMappingSchema, type Mapping } from './schema';
import { tagsOf, writeImportUses } from './uses';

const ImportInput = z.object({ sectionId: SectionIdSchema, importId: ImportIdSchema });

/** Saves the wizard's choices, so that a person can leave and come back. */
export const saveMapping = command({
  name: 'imports.save-mapping',
  scope: 'section',
  allow: 'everyone',
  input: SaveMappingSchema,
  run: async ({ tx }, { sectionId, importId, mapping }) => {
    const before = await lockWaiting(tx, sectionId, importId);
    const changed = await execute(
      tx,
      sql`
        update import set mapping = ${JSON.stringify(mapping)}
        where section_id = ${sectionId} and id = ${importId} and mapping <> ${JSON.stringify(mapping)}::jsonb`,
    );
    if (changed > 0) {
      await writeImportUses(tx, sectionId, importId, tagsOf(mapping));
      // A dry run's result belongs to the mapping that it tried; what the import would start in flows is in it either way.
      const { startsFlows } = mapping;
      if (!isDeepStrictEqual({ ...before.mapping, startsFlows }, mapping)) await dropDryRun(tx, sectionId, importId);
    }
    return {};
  },
  audit: () => null,
});

/** Starts the run: `{ operationId }` gives its progress and can be undone. Creates the new tags that were approved. */
export const startImport = command({
  name: 'imports.start',
  scope: 'section',
  allow: 'everyone',
  input: ImportInput,
  run: async ({ tx, actor, accountId }, { sectionId, importId }) => {
    const waiting = await lockReady(tx, accountId, sectionId, importId);
    await stopDryRun(tx, sectionId, importId);
    const created = await createTagsNamed(tx, sectionId, actorUserId(actor), newTags(waiting.mapping));
    const mapping = await withTagsCreated(tx, sectionId, waiting.mapping);
    const operationId = await startOperation(tx, importKind, {
      sectionId,
      summary: `Import “${waiting.fileName}”`,
      input: { importId },
      total: waiting.rows,
      userId: actorUserId(actor),
      apiKeyId: actorApiKeyId(actor),
    });
    await execute(
      tx,
      sql`update import set status = 'running', operation_id = ${operationId}, mapping = ${JSON.stringify(mapping)}
          where section_id = ${sectionId} and id = ${importId}`,
    );
    if (waiting.mapping.create.length > 0) await writeImportUses(tx, sectionId, importId, tagsOf(mapping));
    const tags = await rows<{ id: number; name: string }>(
      tx,
      sql`select id, name from tag where section_id = ${sectionId}
          and id = any(${[...mapping.apply, ...mapping.remove]}::int[])`,
    );
    const named = (ids: readonly number[]) => tags.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
    return {
      operationId,
      fileName: waiting.fileName,
      rows: waiting.rows,
      apply: named(mapping.apply),
      remove: named(mapping.remove),
      created,
    };
  },
  audit: ({ importId }, { fileName, rows: count, apply, remove, created }) => ({
    summary: `Started the import of “${fileName}” (${count.toLocaleString('en-GB')} rows)`,
    subject: `import:${importId}`,
    details: { apply, remove, ...(created.length > 0 && { created }) },
  }),
});

/** Starts a dry run, which changes nothing: `{ operationId }` gives its progress and has its result. */
export const startDryRun = command({
  name: 'imports.dry-run',
  scope: 'section',
  allow: 'everyone',
  input: ImportInput,
  run: async ({ tx, actor, accountId }, { sectionId, importId }) => {
    const waiting = await lockReady(tx, accountId, sectionId, importId);
    await stopDryRun(tx, sectionId, importId);
    const operationId = await startOperation(tx, dryRunKind, {
      sectionId,
      summary: `Dry run of “${waiting.fileName}”`,
      input: { importId },
      total: waiting.rows,
      userId: actorUserId(actor),
    });
    await execute(
      tx,
      sql`update import set dry_operation_id = ${operationId} where section_id = ${sectionId} and id = ${importId}`,
    );
    return { operationId };
  },
  audit: () => null,
});

/** Reopens the mapping of an import that stopped before its first row, so that it can be corrected and run again. */
export const reopenImport = command({
  name: 'imports.reopen',
  scope: 'section',
  allow: 'everyone',
  input: ImportInput,
  run: async ({ tx }, { sectionId, importId }) => {
    const reopened = await execute(
      tx,
      sql`
        update import set status = 'mapping', operation_id = null
        from operation
        where import.section_id = ${sectionId} and import.id = ${importId}
          and operation.section_id = import.section_id and operation.id = import.operation_id
          and operation.status in ('failed', 'cancelled') and not operation.counts ? 'rows'`,
    );
    if (reopened === 0) {
      refuse('conflict', 'This import has already changed profiles. Undo it, and upload the file again.');
    }
    await removeStaged(tx, sectionId, importId);
    return {};
  },
  audit: () => null,
});

/** Cancels the dry run, if there is one, after its current step. A finished result is kept. */
export async function stopDryRun(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<void> {
  const dryRun = await maybeOne<{ id: OperationId | null }>(
    tx,
    sql`select dry_operation_id as id from import where section_id = ${sectionId} and id = ${importId}`,
  );
  if (dryRun?.id) await stopOperation(tx, { sectionId, id: dryRun.id });
  await removeStaged(tx, sectionId, importId);
}

/** Cancels the dry run and discards its result. */
export async function dropDryRun(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<void> {
  await stopDryRun(tx, sectionId, importId);
  await execute(
    tx,
    sql`update import set dry_operation_id = null where section_id = ${sectionId} and id = ${importId}`,
  );
}

type Waiting = {
  fileName: string;
  fileBytes: number;
  rows: number;
  checked: boolean;
  fileError: string | null;
  mapping: Mapping;
  format: FileFormat;
};

/** Locks an upload that has not been started, so that it can be changed. */
export async function lockWaiting(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<Waiting> {
  const found = await maybeOne<Waiting & { operationId: OperationId | null; status: string }>(
    tx,
    sql`
      select file_name as "fileName", file_bytes as "fileBytes", rows, checked, error as "fileError", mapping, format,
        operation_id as "operationId", status
      from import
      where section_id = ${sectionId} and id = ${importId}
      for update`,
  );
  if (!found) refuse('not_found', 'This import does not exist: it may have been discarded.');
  if (found.operationId !== null) refuse('conflict', 'This import has already been started.');
  if (found.status !== 'mapping') refuse('conflict', 'The file is still being uploaded.');
  return { ...found, mapping: MappingSchema.parse(found.mapping) };
}

async function lockReady(tx: Tx, accountId: AccountId, sectionId: SectionId, importId: ImportId): Promise<Waiting> {
  const waiting = await lockWaiting(tx, sectionId, importId);
  if (waiting.fileError) refuse('invalid', waiting.fileError, { field: 'file' });
  if (!waiting.checked) refuse('conflict', 'The rows of the file are still being counted. Try again in a moment.');
  await requireComplete(tx, accountId, sectionId, waiting.mapping, waiting.format.columns);
  return waiting;
}

async function requireComplete(
  tx: Tx,
  accountId: AccountId,
  sectionId: SectionId,
  mapping: Mapping,
  columns: readonly string[],
): Promise<void> {
  const keyspaces = enteredKeyspaces(await listKeyspaces(tx, accountId));
  const attributes = await listAttributes(tx, sectionId);
  const matched = mapping.columns.some((column) => column.to === 'key' && column.keyspaceId === mapping.match);
  if (mapping.match === null || !matched) {
    refuse(
      'invalid',
      'Choose the column with the email address, mobile number or CRM ID that identifies the profile of each row.',
      {
        field: 'match',
      },
    );
  }
  if (mapping.rows !== 'all' && mapping.tagged !== 'all' && mapping.rows !== mapping.tagged) {
    refuse(
      'invalid',
      'The tags are only for profiles that this import leaves out. Change which rows are imported, or which profiles get the tags.',
      {
        field: 'tagged',
      },
    );
  }
  /** By target: the column that is mapped to it, and the target's name. */
  const used = new Map<string, string>();
  for (const [index, column] of mapping.columns.entries()) {
    // Several columns may name tags.
    if (column.to === 'nothing' || column.to === 'tags' || column.to === 'tag') continue;
    const field = { field: `column:${index}` };
    const keyspace = column.to === 'key' ? keyspaces.find(({ id }) => id === column.keyspaceId) : undefined;
    const attribute = attributes.find((one) => one.code === column.code && !isKeyAttribute(one));
    if ((column.to === 'key' && !keyspace) || (column.code !== undefined && !attribute)) {
      refuse('invalid', `What the column “${columns[index]}” was mapped to no longer exists. Choose again.`, field);
    }
    const targets = [
      ...(keyspace ? [{ id: `key ${keyspace.id}`, name: keyspace.name }] : []),
      ...(attribute ? [{ id: `attribute ${attribute.code}`, name: attribute.name }] : []),
    ];
    for (const { id, name } of targets) {
      const other = used.get(id);
      if (other !== undefined) {
        refuse(
          'invalid',
          `“${other}” and “${columns[index]}” are both imported as “${name}”. Choose something else for one of these columns.`,
          field,
        );
      }
      used.set(id, columns[index]!);
    }
  }
  await requireVisibleTags(tx, sectionId, tagsOf(mapping));
  await requireConsents(tx, sectionId, mapping.consents);
}

/** Refuses topics that are not offered, a consent that is set twice, and an opt-in that nobody can explain later. */
async function requireConsents(tx: Tx, sectionId: SectionId, { set, source }: Mapping['consents']): Promise<void> {
  const seen = new Set<string>();
  for (const [index, { topicId, channel }] of set.entries()) {
    const field = { field: `consents:${index}` };
    const topic = await requireOffered(tx, sectionId, { id: topicId });
    if (seen.has(`${topicId} ${channel}`)) {
      refuse('invalid', `“${topic.name}” by ${CHANNEL_IN_TEXT[channel]} is set twice. Remove one of them.`, field);
    }
    seen.add(`${topicId} ${channel}`);
  }
  if (source === '' && set.some(({ type }) => type === 'opt-in')) {
    refuse('invalid', 'Say where these people agreed: it has to be known if somebody asks.', {
      field: 'consents.source',
    });
  }
}
