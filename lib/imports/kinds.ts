// Imports and dry runs as kinds of operations.
import { maybeOne, sql, type Db, type Sql } from '@/lib/db/sql';
import { operationKind, type OperationPage } from '@/lib/work/kind';
import { importRun, ImportInput } from './run';

const words = {
  name: 'Imports',
  counts: [
    ['created', 'new'],
    ['updated', 'updated'],
    ['unchanged', 'already up to date'],
    ['skipped', 'left out'],
    ['rejected', 'rejected'],
    ['applied', 'tags applied'],
    ['already', 'tags already there'],
    ['removed', 'tags removed'],
    ['consents', 'consents set'],
    ['opted_out', 'left opted out'],
  ],
  left: ['rejected'],
} as const;
const PREPARING = ['Reading the file', 'Comparing the rows'];

export const importKind = operationKind({
  kind: 'import',
  input: ImportInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: { ...words, phases: [...PREPARING, 'Importing'] },
  open: () => importRun({ dry: false }),
  page: (db, { sectionId, id }) => pageOf(db, sql`section_id = ${sectionId} and operation_id = ${id}`),
});

export const dryRunKind = operationKind({
  kind: 'dry_run',
  input: ImportInput,
  undoable: false,
  cancellable: true,
  retryable: false,
  listed: false,
  words: { ...words, phases: [...PREPARING, 'Trying out'] },
  open: () => importRun({ dry: true }),
  page: (db, { sectionId, id }) => pageOf(db, sql`section_id = ${sectionId} and dry_operation_id = ${id}`),
});

async function pageOf(db: Db, condition: Sql): Promise<OperationPage | null> {
  const found = await maybeOne<{ id: number }>(db, sql`select id from import where ${condition}`);
  return found ? { path: `/imports/${found.id}`, words: 'Open the import' } : null;
}
