// The run, in steps: stages the file's rows with the change that each wants, then merges them into profiles in sets and
// tags them through the door. A dry run does the same and rolls each merge back.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import {
  ImportIdSchema,
  type AccountId,
  type ImportId,
  type KeyspaceId,
  type SectionId,
  type TagId,
} from '@/lib/db/ids';
import { databaseTime } from '@/lib/db/clock';
import { pool } from '@/lib/db/pool';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { addEntries, countStarted, endOfInbox, type FlowEntries } from '@/lib/flows/entries';
import type { OperationHandler } from '@/lib/work/kind';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { listKeyspaces } from '@/lib/profiles/queries';
import { requireWritable } from '@/lib/profiles/allowed-operations';
import { createTagsNamed, lockCurrentTags } from '@/lib/tags/commands';
import { rejectClashes, rejectConflicts, rejectLocked } from './conflicts';
import { rowLine } from './copy';
import { addToResult } from './dry-run';
import { readFileRows } from './file';
import type { FileEvidence } from './evidence';
import type { FileFormat } from './format';
import { clearLeftOut, saveLeftOut, listLeftOut, finishLeftOut, type LeftOut } from './left-out';
import { mergeBatch, type Batch } from './merge';
import { FileError, type FileRow } from './parse';
import { hasTagColumns } from './mapping';
import { newTags, withTagsCreated } from './new-tags';
import { rejectedRow, rowReader } from './rows';
import { removeStaged } from './staged';
import { EXAMPLES, MappingSchema, type DryRunResult, type Mapping } from './schema';
import { tagsOf } from './uses';

const READ = 0;
const ARRANGE = 1;
const MERGE = 2;
/** Rows per step of reading and of merging: some seconds of work at most. */
const READ_STEP = 25_000;
/** Characters sent to COPY at once. */
const COPY_PIECE = 32_768;
const MERGE_STEP = 5_000;
/** Up to this many rows, the planner needs no statistics of them. */
const UNPLANNED_ROWS = 500;

export const ImportInput = z.object({ importId: ImportIdSchema });
type Operation = OperationRow<z.output<typeof ImportInput>>;

type Running = {
  sectionId: SectionId;
  importId: ImportId;
  accountId: AccountId;
  mapping: Mapping & { match: KeyspaceId };
  /** The current tag for a tag of the mapping: another one if it has been merged since. */
  tagNow: (tagId: TagId) => TagId;
  format: FileFormat;
  evidence: FileEvidence | null;
};

/** An import (`dry`: its dry run). Counts are those of `IMPORT_COUNTS`; a dry run's result is a `DryRunResult`. */
export function importRun({ dry }: { dry: boolean }): OperationHandler<Operation['input']> {
  const file = new FileCursor();
  return {
    step: async (tx, operation) => {
      const running = await loadRunning(tx, operation);
      switch (operation.phase) {
        case READ:
          return readStep(tx, operation, running, file);
        case ARRANGE:
          return arrangeStep(tx, operation, running);
        default:
          return dry ? dryStep(tx, operation, running) : mergeStep(tx, operation, running);
      }
    },
    close: () => file.close(),
  };
}

async function loadRunning(tx: Tx, { sectionId, id, kind, input, apiKeyId }: Operation): Promise<Running> {
  const { importId } = input;
  const found = await maybeOne<
    Pick<Running, 'accountId' | 'format' | 'evidence'> & { mapping: unknown; kept: boolean }
  >(
    tx,
    sql`
      select import.mapping, import.format, import.evidence, section.account_id as "accountId",
        exists (select from import_chunk where section_id = ${sectionId} and import_id = ${importId}) as kept
      from import
      join section on section.id = import.section_id
      where import.section_id = ${sectionId} and import.id = ${importId}
        and ${kind === 'import' ? sql`import.operation_id` : sql`import.dry_operation_id`} = ${id}`,
  );
  if (!found) return refuse('not_found', 'The import has been discarded or restarted.');
  // A file is removed some days after its import stopped.
  if (!found.kept)
    return refuse('not_found', 'The file is no longer kept. Undo the import, and upload the file again.');
  const mapping = MappingSchema.parse(found.mapping);
  if (mapping.match === null) throw new Error(`Import ${importId} runs without a match key.`);
  // Before the first row and before every other step: a tag that was hidden since stops the import by name.
  const tagNow = await lockCurrentTags(tx, sectionId, tagsOf(mapping));
  const { match, apply, remove } = mapping;
  if (apiKeyId !== null) await requireWritable(tx, { sectionId, keyspaceId: match }, tagsOf(mapping).map(tagNow));
  const now = { ...mapping, match, apply: apply.map(tagNow), remove: remove.map(tagNow) };
  return { ...found, sectionId, importId, mapping: now, tagNow };
}

/** The file while it is read, step by step. Another process, or a retried step, starts from the beginning and skips. */
class FileCursor {
  private open: { at: number; rows: AsyncGenerator<FileRow> } | null = null;

  /** Up to `limit` rows after the first `cursor`, as they are read. */
  async *next(running: Running, cursor: number, limit: number): AsyncGenerator<FileRow> {
    if (this.open?.at !== cursor) {
      await this.close();
      this.open = { at: 0, rows: readFileRows(pool(), running) };
      while (this.open.at < cursor && (await this.take())) continue;
    }
    for (let taken = 0; taken < limit; taken++) {
      const row = await this.take();
      if (!row) return;
      yield row;
    }
  }

  private async take(): Promise<FileRow | undefined> {
    const open = this.open!;
    const next = await open.rows.next();
    if (next.done) return undefined;
    open.at++;
    return next.value;
  }

  async close(): Promise<void> {
    await this.open?.rows.return(undefined);
    this.open = null;
  }
}

async function readStep(tx: Tx, operation: OperationRow, running: Running, file: FileCursor): Promise<StepResult> {
  const { sectionId, importId, mapping, accountId } = running;
  if (operation.cursor === 0) {
    await removeStaged(tx, sectionId, importId);
    await clearLeftOut(tx, running);
  }
  const known = {
    keyspaces: await listKeyspaces(tx, accountId),
    attributes: await listAttributes(tx, sectionId),
    evidence: running.evidence,
  };
  const read = rowReader(mapping, known, await usableNames(tx, running));
  const leftOut: LeftOut[] = [];
  const width = running.format.columns.length;
  let staged = 0;
  async function* lines(): AsyncGenerator<string> {
    let waiting = '';
    for await (const { line, cells, problem } of file.next(running, operation.cursor, READ_STEP)) {
      const wanted = problem === undefined ? read(cells) : rejectedRow(problem);
      if (wanted.undecided !== null && wanted.reason === null) {
        refuse(
          'conflict',
          `Line ${line} has the tag “${wanted.undecided}”, which is not a tag of this section. Decide in the tagging step whether to create it.`,
        );
      }
      staged++;
      const row = operation.cursor + staged;
      if (wanted.leftOut.length > 0) leftOut.push({ row, line, key: wanted.key, reasons: wanted.leftOut });
      waiting += rowLine([sectionId, importId, row, line, cells.slice(0, width)], wanted);
      if (waiting.length < COPY_PIECE) continue;
      yield waiting;
      waiting = '';
    }
    yield waiting;
  }
  const copy = tx.query(
    copyFrom(
      'copy import_row (section_id, import_id, row, line, cells, key, attributes, other_keys, apply, remove, reason) from stdin',
    ),
  );
  try {
    await pipeline(Readable.from(lines()), copy);
  } catch (error) {
    if (error instanceof FileError) refuse('invalid', error.message);
    throw error;
  }
  await saveLeftOut(tx, running, leftOut);
  const cursor = operation.cursor + staged;
  const finished = staged < READ_STEP;
  return {
    phase: finished ? ARRANGE : READ,
    cursor: finished ? 0 : cursor,
    progress: cursor,
    counts: {},
    done: false,
  };
}

/** Names that tag columns may use: those of visible tags, and those with a decision. */
async function usableNames(tx: Tx, { sectionId, mapping }: Running): Promise<Set<string>> {
  if (!hasTagColumns(mapping)) return new Set();
  const visible = await rows<{ key: string }>(
    tx,
    sql`select name_key as key from tag where section_id = ${sectionId} and hidden_at is null`,
  );
  const decided = Object.entries(mapping.names).flatMap(([key, { to }]) => (to === 'leave-out' ? [] : [key]));
  return new Set([...visible.map(({ key }) => key), ...decided]);
}

/** Resolves rows against each other and against existing profiles once, before the first merge. */
async function arrangeStep(tx: Tx, operation: OperationRow, running: Running): Promise<StepResult> {
  const { sectionId, importId, mapping } = running;
  // Any plan is fast for few rows, and collecting statistics takes longer.
  if (operation.progress > UNPLANNED_ROWS) await tx.query('analyze import_row');
  if (mapping.columns.filter(({ to }) => to === 'key').length > 1) {
    await rejectClashes(tx, sectionId, importId);
    await rejectConflicts(tx, sectionId, importId, mapping.match);
  }
  await rejectLocked(tx, sectionId, importId, mapping.match);
  await execute(
    tx,
    sql`
      insert into import_repeat (section_id, import_id, first_row, row)
      with many as (
        select key, min(row) as first_row
        from import_row
        where section_id = ${sectionId} and import_id = ${importId} and reason is null
        group by key
        having count(*) > 1
      )
      select staged.section_id, staged.import_id, many.first_row, staged.row
      from import_row staged
      join many using (key)
      where staged.section_id = ${sectionId} and staged.import_id = ${importId} and staged.reason is null
        and staged.row > many.first_row`,
  );
  return { phase: MERGE, cursor: 0, progress: 0, counts: operation.counts, done: false };
}

function batchOf(operation: OperationRow, running: Running, { dry }: { dry: boolean }): Batch {
  const { sectionId, id: operationId, userId, cursor } = operation;
  return { ...running, sectionId, operationId, userId, after: cursor, upTo: cursor + MERGE_STEP, dry };
}

async function mergeStep(tx: Tx, operation: OperationRow, running: Running): Promise<StepResult> {
  const { counts } = await mergeBatch(tx, batchOf(operation, running, { dry: false }));
  const done = (counts.rows ?? 0) < MERGE_STEP;
  if (done) counts.left_out = await finishLeftOut(tx, running);
  if (done) await finish(tx, running);
  return stepResult(operation, counts, done);
}

async function dryStep(tx: Tx, operation: Operation, running: Running): Promise<StepResult> {
  // A crash loses only the progress.
  await tx.query('set local synchronous_commit = off');
  await tx.query('savepoint dry_run');
  await createTagsNamed(tx, running.sectionId, operation.userId, newTags(running.mapping));
  const mapping = await withTagsCreated(tx, running.sectionId, running.mapping);
  const batch = batchOf(operation, { ...running, mapping }, { dry: true });
  const after = await endOfInbox(tx, running.sectionId);
  const merged = await mergeBatch(tx, batch);
  const { counts } = merged;
  const earlier = operation.result as DryRunResult | null;
  const result = await addToResult(tx, batch, earlier, merged);
  result.flows = addEntries(earlier?.flows ?? [], await entriesOfStep(tx, operation, after));
  await tx.query('rollback to savepoint dry_run');
  const done = (counts.rows ?? 0) < MERGE_STEP;
  if (done) {
    counts.left_out = await finishLeftOut(tx, running);
    const examples = await listLeftOut(tx, running, { limit: EXAMPLES });
    result.left_out = examples.map(({ line, key, reasons }) => ({ line, key, reason: reasons.join('\n') }));
    await clearLeftOut(tx, running);
    await removeStaged(tx, running.sectionId, running.importId);
  }
  return { ...stepResult(operation, counts, done), result };
}

/** What the step would have started, had it been for good. */
async function entriesOfStep(tx: Tx, { sectionId, id }: Operation, after: number): Promise<FlowEntries[]> {
  return countStarted(tx, sectionId, { operationId: id, source: 'import', after, now: await databaseTime(tx) });
}

function stepResult(operation: OperationRow, counts: Record<string, number>, done: boolean): StepResult {
  return {
    cursor: operation.cursor + MERGE_STEP,
    progress: operation.progress + (counts.rows ?? 0),
    counts: addCounts(operation.counts, counts),
    done,
  };
}

/** Removes the file: uploaded data is not kept longer than needed. */
async function finish(tx: Tx, { sectionId, importId }: Running): Promise<void> {
  await removeStaged(tx, sectionId, importId);
  await execute(tx, sql`delete from import_chunk where section_id = ${sectionId} and import_id = ${importId}`);
  await execute(tx, sql`update import set status = 'done' where section_id = ${sectionId} and id = ${importId}`);
}
