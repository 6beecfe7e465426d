// The run, step by step: the next rows of the file are read, merged into profiles set by set, and tagged through the door.
import { z } from 'zod';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { ImportIdSchema, type AccountId, type ImportId, type SectionId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import { addCounts, type OperationStep } from '@/lib/operations/schema';
import { listKeyspaces } from '@/lib/profiles/queries';
import { changeTags, wantedFor } from '@/lib/tags/change';
import { requireVisibleTags } from '@/lib/tags/commands';
import { rowReader, type StagedRow } from './rows';
import { MappingSchema, type Mapping } from './schema';
import {
  createNew,
  keepRejects,
  limitChanges,
  loadBatch,
  profilesToTag,
  takeOutConflicts,
  takeOutUnwanted,
  updateExisting,
} from './sql';

const STEP = 5_000;
const InputSchema = z.object({ importId: ImportIdSchema });

/** A step of an import: STEP rows, all or none of them. Counts are those of `IMPORT_COUNTS`. */
export const importStep: OperationStep = async (tx, operation) => {
  const { sectionId, userId } = operation;
  const { importId } = InputSchema.parse(operation.input);
  const { mapping, accountId } = await loadImport(tx, sectionId, importId);
  if (mapping.match === null) throw new Error(`Import ${importId} runs without a match key.`);
  // Before the first row, and before every other step: a tag hidden meanwhile stops the import, saying which.
  await requireVisibleTags(tx, sectionId, [...mapping.apply, ...mapping.remove]);

  const staged = await rows<StagedRow>(
    tx,
    sql`select row, line, cells from import_row
        where section_id = ${sectionId} and import_id = ${importId} and row > ${operation.cursor}
        order by row limit ${STEP}`,
  );
  const done = staged.length < STEP;
  const read = rowReader(mapping, await listKeyspaces(tx, accountId), await listAttributes(tx, sectionId));
  const { wanted, rejected } = read(staged);

  const step = { sectionId, operationId: operation.id, userId, match: mapping.match, mapping };
  await loadBatch(tx, step, wanted);
  const conflicts = new Map((await takeOutConflicts(tx)).map(({ key, other }) => [key, other]));
  const accepted = wanted.filter(({ key }) => !conflicts.has(key));
  for (const { key, rows: own } of wanted.filter(({ key: match }) => conflicts.has(match))) {
    const reason = `${conflicts.get(key)} belongs to another profile than ${key}: neither was touched`;
    rejected.push(...own.map(({ row }) => ({ row, key, reason })));
  }
  const skipped = new Set(await takeOutUnwanted(tx, step));
  const taken = accepted.filter(({ key }) => !skipped.has(key));
  const created = await createNew(tx, step);
  await limitChanges(tx, step);
  const updated = await updateExisting(tx, step);
  const tagged = await changeTags(
    tx,
    { sectionId, source: 'import', userId, operationId: operation.id },
    wantedFor(profilesToTag(step), mapping),
  );
  const { tagging } = await one<{ tagging: number }>(
    tx,
    sql`select count(*) as tagging from (${profilesToTag(step)}) chosen`,
  );
  await keepRejects(tx, sectionId, importId, rejected);
  if (done) await finish(tx, sectionId, importId);

  return {
    cursor: staged.at(-1)?.row ?? operation.cursor,
    progress: operation.progress + staged.length,
    counts: addCounts(operation.counts, {
      rows: staged.length,
      created,
      updated,
      unchanged: taken.length - created - updated,
      skipped: skipped.size,
      rejected: rejected.length,
      repeated: accepted.reduce((sum, { rows: own }) => sum + own.length - 1, 0),
      applied: tagged.applied,
      already: tagging * mapping.apply.length - tagged.applied,
      removed: tagged.removed,
    }),
    done,
  };
};

async function loadImport(
  tx: Tx,
  sectionId: SectionId,
  importId: ImportId,
): Promise<{ mapping: Mapping; accountId: AccountId }> {
  const found = await rows<{ mapping: unknown; accountId: AccountId }>(
    tx,
    sql`
      select import.mapping, section.account_id as "accountId"
      from import
      join section on section.id = import.section_id
      where import.section_id = ${sectionId} and import.id = ${importId}`,
  );
  const [row] = found;
  if (!row) refuse('not_found', 'The import has been discarded.');
  return { mapping: MappingSchema.parse(row.mapping), accountId: row.accountId };
}

/** The staged rows have done their work: what people uploaded is not kept longer than it is needed. */
async function finish(tx: Tx, sectionId: SectionId, importId: ImportId): Promise<void> {
  await execute(tx, sql`delete from import_row where section_id = ${sectionId} and import_id = ${importId}`);
  await one(
    tx,
    sql`update import set status = 'done' where section_id = ${sectionId} and id = ${importId} returning id`,
  );
}
