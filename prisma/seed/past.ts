// Imports and bulk changes of the past, for the sample data.
import type { AccountId, OperationId, SectionId, TagId, UserId } from '@/lib/db/ids';
import { execute, one, sql, type Tx } from '@/lib/db/sql';

export type SectionRef = { accountId: AccountId; sectionId: SectionId };

type Past = { kind: 'import' | 'bulk_tag'; summary: string; author: UserId; at: Date };

export async function pastOperation(
  tx: Tx,
  { sectionId, accountId }: SectionRef,
  { kind, summary, author, at }: Past,
): Promise<OperationId> {
  const { id } = await one<{ id: OperationId }>(
    tx,
    sql`
      insert into operation
        (section_id, kind, status, summary, input, user_id, created_at, started_at, finished_at, announced_at)
      values (${sectionId}, ${kind}, 'done', ${summary}, '{}', ${author}, ${at}, ${at}, ${at}, ${at})
      returning id`,
  );
  await execute(
    tx,
    sql`
      insert into audit_entry (account_id, section_id, at, actor_kind, user_id, actor_name, command, subject, summary)
      select ${accountId}, ${sectionId}, ${at}, 'user', id, name, ${kind === 'import' ? 'imports.start' : 'profiles.bulk-tag'},
        ${`operation:${id}`}, ${summary}
      from app_user where id = ${author}`,
  );
  return id;
}

type PastImport = { file: string; apply: TagId[]; author: UserId; at: Date };

export async function pastImport(
  tx: Tx,
  place: SectionRef,
  { file, apply, author, at }: PastImport,
): Promise<OperationId> {
  const id = await pastOperation(tx, place, { kind: 'import', summary: `Import “${file}”`, author, at });
  const mapping = { match: null, columns: [], country: null, apply, remove: [] };
  const format = { encoding: 'utf-8', delimiter: ',', header: true, columns: ['Email'] };
  await execute(
    tx,
    sql`
      insert into import (section_id, operation_id, status, file_name, format, mapping, user_id, created_at, uploaded_at)
      values (${place.sectionId}, ${id}, 'done', ${file}, ${JSON.stringify(format)}, ${JSON.stringify(mapping)}, ${author}, ${at}, ${at})`,
  );
  return id;
}

export async function endOperation(
  tx: Tx,
  sectionId: SectionId,
  operationId: OperationId,
  counts: Record<string, number>,
): Promise<void> {
  const total = counts.rows ?? counts.profiles;
  await execute(
    tx,
    sql`
      update operation set counts = ${JSON.stringify(counts)}, progress = ${total}, total = ${total}
      where section_id = ${sectionId} and id = ${operationId}`,
  );
}

export async function endImport(
  tx: Tx,
  sectionId: SectionId,
  operationId: OperationId,
  counts: { rows: number } & Record<string, number>,
): Promise<void> {
  await endOperation(tx, sectionId, operationId, counts);
  await execute(
    tx,
    sql`update import set rows = ${counts.rows} where section_id = ${sectionId} and operation_id = ${operationId}`,
  );
}
