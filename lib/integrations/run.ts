// The steps of a sync, after its lists were read: match, compare, guard; then create, link, update and tag, in sets.
import { refuse } from '@/lib/access/refusal';
import type { ConnectionListId, SectionId, SyncRunId } from '@/lib/db/ids';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import type { EnteredKind } from '@/lib/profiles/keys';
import { listKeyspaces } from '@/lib/profiles/queries';
import { addCounts, type OperationRow, type StepResult } from '@/lib/work/schema';
import { changeTagsOf, createProfilesOf, linkProfilesOf, updateProfilesOf, type Applying } from './apply';
import { compareList, countNewProfiles, markUnmoved } from './compare';
import { endChanges, endRun, type RunList } from './end-run';
import { reasonToHold, reasonToHoldAll, type Hold } from './guard';
import { openTarget } from './custom-holders';
import { customOf, NOTHING_TO_COMPARE, type CustomTarget } from './custom-match';
import { matchList, type Keyspaces } from './match';
import { CHANGE_STATES, END } from './outcome';
import { findRun, keptLists, openConnection, type OpenConnection, type OpenRun } from './queries';
import { ListCountsSchema, type ListCounts, type SyncListStatus } from './schema';

const MATCH = 0;
const COMPARE = 1;
const CREATE = 2;
const LINK = 3;
const UPDATE = 4;
const TAG = 5;

type Running = {
  operation: OperationRow<{ runId: SyncRunId }>;
  run: OpenRun;
  connection: OpenConnection;
  keyspaces: Keyspaces;
  custom: CustomTarget | null;
  /** Those that were read completely. */
  lists: RunList[];
};

/** One step of a sync or of its dry run. */
export async function syncStep(tx: Tx, operation: Running['operation']): Promise<StepResult> {
  const running = await loadRunning(tx, operation);
  if (running.run.cause === 'changes') return changesStep(tx, running);
  // A run whose changes are planned already starts with these.
  const phase = operation.phase === MATCH && running.run.status === 'applying' ? CREATE : operation.phase;
  switch (phase) {
    case MATCH:
      return matchStep(tx, running);
    case COMPARE:
      return compareStep(tx, running);
    default:
      return applyStep(tx, running, phase);
  }
}

async function loadRunning(tx: Tx, operation: Running['operation']): Promise<Running> {
  const { sectionId, input } = operation;
  const run = await findRun(tx, sectionId, input.runId, { lock: true });
  if (!run || run.operationId !== operation.id || run.status === 'superseded')
    return refuse('not_found', 'This sync was replaced by a later one, or by a change of its lists. Start a new one.');
  const connection = await openConnection(tx, sectionId, run.connectionId);
  if (!connection) return refuse('not_found', 'The connection was removed. What was done so far stays.');
  const kept = await keptLists(tx, sectionId, connection.id);
  const inRun = await rows<{
    id: ConnectionListId;
    status: SyncListStatus;
    definition: string | null;
    counts: unknown;
  }>(
    tx,
    sql`
      select list_id as id, status, definition, counts from sync_run_list
      where section_id = ${sectionId} and run_id = ${run.id} and status in ('read', 'held', 'done')
      order by list_id`,
  );
  const lists = inRun.flatMap(({ id, status, definition, counts }) => {
    const list = kept.find((item) => item.id === id);
    const parsed = ListCountsSchema.parse(counts);
    return list ? [{ ...list, runStatus: status, newDefinition: definition, counts: parsed }] : [];
  });
  const all = await listKeyspaces(tx, connection.accountId);
  const idOf = (kind: EnteredKind) => all.find((keyspace) => keyspace.kind === kind)!.id;
  const custom = await openTarget(tx, connection);
  const keyspaces = {
    own: connection.keyspaceId,
    email: idOf('email'),
    mobile: idOf('mobile'),
    crm_id: idOf('crm_id'),
    custom: custom?.kind === 'key' ? idOf(custom.of) : null,
  };
  return { operation, run, connection, keyspaces, custom, lists };
}

const next = (
  { operation }: Running,
  { phase, cursor = 0, counts = operation.counts, done = false }: Partial<StepResult> & { phase: number },
): StepResult => ({ phase, cursor, counts, done, progress: operation.progress + 1 });

/** Matches one list. */
async function matchStep(tx: Tx, running: Running): Promise<StepResult> {
  const { operation, run, connection, keyspaces, custom, lists } = running;
  const { sectionId, cursor } = operation;
  if (cursor === 0) await analyzeMembers(tx);
  const list = lists[cursor];
  if (!list) {
    // Without it, every later step would take nobody to be matched.
    await analyzeMembers(tx);
    return next(running, { phase: COMPARE });
  }
  const { options } = connection;
  if (customOf(options) && !custom) refuse('conflict', NOTHING_TO_COMPARE);
  await matchList(tx, { sectionId, runId: run.id, listId: list.id, keyspaces, custom, options });
  return next(running, { phase: MATCH, cursor: cursor + 1 });
}

/** A small sample says enough, and costs a tenth. */
async function analyzeMembers(tx: Tx): Promise<void> {
  await tx.query('set local default_statistics_target = 10');
  await tx.query('analyze sync_member');
}

/** Compares one list; after the last one, looks at each list with changes again, and then the guard judges the run. */
async function compareStep(tx: Tx, running: Running): Promise<StepResult> {
  const { operation, run, connection, keyspaces, lists } = running;
  const { sectionId, cursor } = operation;
  const list = lists[cursor];
  if (!list) return markStep(tx, running, cursor - lists.length);
  const { id: listId, tagId, holderId, addOnly } = list;
  const compared = await compareList(tx, {
    sectionId,
    runId: run.id,
    listId,
    tagId,
    holderId,
    addOnly,
    keyspaceId: keyspaces.own,
  });
  const counts = { ...list.counts, ...compared };
  // Of a list that has never been synced nothing is known yet: whoever applies its dry run has looked at it.
  const isKnown = list.confirmed || list.definition !== null;
  const definitionChanged = isKnown && list.definition !== list.newDefinition;
  const hold = reasonToHold({ ...counts, definitionChanged }, connection.options.guard);
  await execute(
    tx,
    sql`
      update sync_run_list set counts = ${JSON.stringify(counts)}
      where section_id = ${sectionId} and run_id = ${run.id} and list_id = ${listId}`,
  );
  if (hold !== null) await holdList(tx, sectionId, run.id, listId, hold);
  return next(running, { phase: COMPARE, cursor: cursor + 1 });
}

/** Finds out by which changes of a list nobody gets or loses the tag. `from`: the place of the first list that is left to look at. */
async function markStep(tx: Tx, running: Running, from: number): Promise<StepResult> {
  const { operation, run, lists } = running;
  const at = lists.findIndex(({ counts }, index) => index >= from && counts.adds + counts.removes > 0);
  const list = lists[at];
  if (!list) return judgeRun(tx, running);
  const { sectionId } = operation;
  const { id: listId, tagId, holderId, counts } = list;
  const siblings = lists.filter((other) => other.tagId === tagId && other.id !== listId);
  const { joins, leaves } = await markUnmoved(tx, { sectionId, runId: run.id, listId, tagId, holderId }, siblings);
  const found: ListCounts = { ...counts, adds: counts.adds - joins, removes: counts.removes - leaves, joins, leaves };
  await execute(
    tx,
    sql`
      update sync_run_list set counts = ${JSON.stringify(found)}
      where section_id = ${sectionId} and run_id = ${run.id} and list_id = ${listId}`,
  );
  return next(running, { phase: COMPARE, cursor: lists.length + at + 1 });
}

async function holdList(
  tx: Tx,
  sectionId: SectionId,
  runId: SyncRunId,
  listId: ConnectionListId,
  { kind, reason }: Hold,
): Promise<void> {
  const ofList = sql`section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}`;
  await execute(tx, sql`update sync_run_list set status = 'held', reason = ${reason}, hold = ${kind} where ${ofList}`);
  await execute(
    tx,
    sql`
      update sync_change set state = ${CHANGE_STATES.held}
      where ${ofList} and action = ${END} and state = ${CHANGE_STATES.planned}`,
  );
}

/** Holds the removals of all lists if they are too many together. Then the dry run ends, or the changes begin. */
async function judgeRun(tx: Tx, running: Running): Promise<StepResult> {
  const { operation, run, connection, lists } = running;
  const { sectionId } = operation;
  // Also of people who keep the tag: each of several lists that keep one tag would otherwise rely on the others.
  const endedBy = ({ counts }: RunList) => counts.removes + counts.leaves;
  const removes = lists.reduce((sum, list) => sum + endedBy(list), 0);
  const identityChanged = connection.identity !== null && connection.identity !== run.identity;
  const hold = reasonToHoldAll({ removes, identityChanged }, connection.options.guard);
  if (hold !== null) {
    for (const list of lists) {
      if (endedBy(list) > 0 && list.runStatus !== 'held') await holdList(tx, sectionId, run.id, list.id, hold);
    }
  }
  const newProfiles = await countNewProfiles(tx, sectionId, run.id);
  const sums = {
    ...lists.reduce<Record<string, number>>((sum, { counts }) => addCounts(sum, counts), {}),
    newProfiles,
  };
  await execute(
    tx,
    sql`
      update sync_run
      set counts = ${JSON.stringify(sums)}, status = ${run.dry ? 'planned' : 'applying'},
        finished_at = ${run.dry ? new Date() : null}
      where section_id = ${sectionId} and id = ${run.id}`,
  );
  const { held, heldMoves } = await one<{ held: number; heldMoves: number }>(
    tx,
    sql`
      select count(*) as held, count(*) filter (where moves) as "heldMoves" from sync_change
      where section_id = ${sectionId} and run_id = ${run.id} and state = ${CHANGE_STATES.held}`,
  );
  const { adds, removes: lost, newPeople, refused } = ListCountsSchema.parse(sums);
  const planned: Record<string, number> = run.dry
    ? { adds: adds + newPeople, removes: lost - heldMoves, create: newProfiles }
    : {};
  const counts = addCounts(operation.counts, { ...planned, held, refused });
  return next(running, { phase: CREATE, counts, done: run.dry });
}

function applyingOf({ operation, run, connection, keyspaces, lists }: Running): Applying {
  const { sectionId, cursor, id: operationId, userId } = operation;
  const { match } = connection.options;
  const startsFlows = lists.some((list) => list.startsFlows);
  return { sectionId, runId: run.id, operationId, userId, keyspaces, match, cursor, startsFlows };
}

/** One batch of the values of contacts that have changed. */
async function changesStep(tx: Tx, running: Running): Promise<StepResult> {
  const done = await updateProfilesOf(tx, applyingOf(running));
  const counts = addCounts(running.operation.counts, done.counts);
  if (done.finished) await endChanges(tx, running.run);
  return next(running, { phase: UPDATE, cursor: done.cursor, counts, done: done.finished });
}

/** One batch of changes. The last one ends the run. */
async function applyStep(tx: Tx, running: Running, phase: number): Promise<StepResult> {
  const { operation, run, connection, lists } = running;
  const { sectionId } = operation;
  const applying = applyingOf(running);
  const change = { [CREATE]: createProfilesOf, [LINK]: linkProfilesOf, [UPDATE]: updateProfilesOf }[phase];
  const done = change ? await change(tx, applying) : await changeTagsOf(tx, applying, lists);
  const counts = addCounts(operation.counts, done.counts);
  if (!done.finished) return next(running, { phase, cursor: done.cursor, counts });
  if (phase < TAG) return next(running, { phase: phase + 1, counts });
  await endRun(tx, { sectionId, run, connection, lists, counts });
  return next(running, { phase, counts, done: true });
}
