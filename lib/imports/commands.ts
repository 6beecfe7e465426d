// The wizard's writes: the mapping as it is chosen, and the start.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
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
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { startOperation } from '@/lib/operations/start';
import { listKeyspaces } from '@/lib/profiles/queries';
import { requireVisibleTags } from '@/lib/tags/commands';
import { isKeyAttribute } from './guess';
import type { FileFormat } from './parse';
import { MappingSchema, SaveMappingSchema, type Mapping } from './schema';

/** Keeps the wizard's choices, so that one can leave and come back. */
export const saveMapping = command({
  name: 'imports.save-mapping',
  scope: 'section',
  allow: 'everyone',
  input: SaveMappingSchema,
  run: async ({ tx }, { sectionId, importId, mapping }) => {
    await lockWaiting(tx, sectionId, importId);
    await execute(
      tx,
      sql`update import set mapping = ${JSON.stringify(mapping)} where section_id = ${sectionId} and id = ${importId}`,
    );
    return {};
  },
  audit: () => null,
});

/** Starts the run: `{ operationId }` tells its progress and can be undone. */
export const startImport = command({
  name: 'imports.start',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, importId: ImportIdSchema }),
  run: async ({ tx, actor, accountId }, { sectionId, importId }) => {
    const waiting = await lockWaiting(tx, sectionId, importId);
    await requireComplete(tx, accountId, sectionId, waiting.mapping, waiting.format.columns);
    const operationId = await startOperation(tx, {
      sectionId,
      kind: 'import',
      summary: `Import “${waiting.fileName}”`,
      input: { importId },
      total: waiting.rows,
      userId: actorUserId(actor),
    });
    await execute(
      tx,
      sql`update import set status = 'running', operation_id = ${operationId}
          where section_id = ${sectionId} and id = ${importId}`,
    );
    const tags = await rows<{ id: number; name: string }>(
      tx,
      sql`select id, name from tag where section_id = ${sectionId}
          and id = any(${[...waiting.mapping.apply, ...waiting.mapping.remove]}::int[])`,
    );
    const named = (ids: readonly number[]) => tags.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
    return {
      operationId,
      fileName: waiting.fileName,
      rows: waiting.rows,
      apply: named(waiting.mapping.apply),
      remove: named(waiting.mapping.remove),
    };
  },
  audit: ({ importId }, { fileName, rows: count, apply, remove }) => ({
    summary: `Started the import of “${fileName}” (${count.toLocaleString('en-GB')} rows)`,
    subject: `import:${importId}`,
    details: { apply, remove },
  }),
});

type Waiting = { fileName: string; rows: number; mapping: Mapping; format: FileFormat };

async function lockWaiting(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<Waiting> {
  const found = await maybeOne<Waiting & { operationId: OperationId | null; status: string }>(
    tx,
    sql`
      select file_name as "fileName", rows, mapping, format, operation_id as "operationId", status
      from import
      where section_id = ${sectionId} and id = ${importId}
      for update`,
  );
  if (!found) refuse('not_found', 'There is no such import: it may have been discarded.');
  if (found.operationId !== null) refuse('conflict', 'This import has been started already.');
  if (found.status !== 'mapping') refuse('conflict', 'The file is still being uploaded.');
  return { ...found, mapping: MappingSchema.parse(found.mapping) };
}

async function requireComplete(
  tx: Tx,
  accountId: AccountId,
  sectionId: SectionId,
  mapping: Mapping,
  columns: readonly string[],
): Promise<void> {
  const keyspaces = await listKeyspaces(tx, accountId);
  const attributes = await listAttributes(tx, sectionId);
  const matched = mapping.columns.some((column) => column.to === 'key' && column.keyspaceId === mapping.match);
  if (mapping.match === null || !matched) {
    refuse(
      'invalid',
      'Choose the column with the email address, mobile number or CRM ID by which rows find their profiles.',
      {
        field: 'match',
      },
    );
  }
  if (mapping.rows !== 'all' && mapping.tagged !== 'all' && mapping.rows !== mapping.tagged) {
    refuse('invalid', 'The tags are for profiles that this import leaves out. Choose one or the other.', {
      field: 'tagged',
    });
  }
  const used = new Set<string>();
  for (const [index, column] of mapping.columns.entries()) {
    if (column.to === 'nothing') continue;
    const target = column.to === 'key' ? `key ${column.keyspaceId}` : `attribute ${column.code}`;
    const known =
      column.to === 'key'
        ? keyspaces.some(({ id }) => id === column.keyspaceId)
        : attributes.some((attribute) => attribute.code === column.code && !isKeyAttribute(attribute));
    if (!known) {
      refuse('invalid', `What the column “${columns[index]}” becomes is no longer there. Choose again.`, {
        field: `column:${index}`,
      });
    }
    if (used.has(target)) {
      refuse('invalid', `Two columns become the same. Choose something else for “${columns[index]}”.`, {
        field: `column:${index}`,
      });
    }
    used.add(target);
  }
  await requireVisibleTags(tx, sectionId, [...mapping.apply, ...mapping.remove]);
}
