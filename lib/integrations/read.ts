// Reads the lists of a run from the CRM into `sync_member`. Runs as a job of its own, outside of any transaction: each
// page is written in one, and a list counts only once its read has ended well. Then the operation takes over.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { listAttributes } from '@/lib/attributes/queries';
import type { ConnectionListId, SectionId, SyncRunId } from '@/lib/db/ids';
import { pool, transaction } from '@/lib/db/pool';
import { execute, one, rows, sql, type Tx } from '@/lib/db/sql';
import type { Check, CrmList, ReadEnd } from './connector';
import { CrmError } from './crm-error';
import { customOf, NOTHING_TO_COMPARE, targetOf } from './custom-match';
import { TAG_HIDDEN, withCurrentTag } from './kept-tag';
import { judgeMissing, setListStatus } from './life';
import { findRun, keptLists, openConnection, type KeptList } from './queries';
import { readChangedContacts } from './read-changes';
import { clearMembers, requireOwn, stageMembers, TakenAway, type Reading } from './reading';
import { forgetEarlierReads } from './retention';
import type { ListCounts, SyncListStatus } from './schema';
import { openSession, type SessionOptions } from './session';
import { startComparing } from './start';

export const ReadJobSchema = z.object({ sectionId: z.number().int(), runId: z.number().int() });

/** Failures after which further calls are pointless: what was read before is still used. */
const POINTLESS = new Set(['credentials', 'unreachable', 'throttled']);

/**
 * Reads all lists of a run, or what has changed, then starts its operation. Repeatable: lists that were read completely before a crash are
 * kept. Failures of the CRM end in the run's row. `signal`: aborted on shut-down; the job is then run again.
 */
export async function readConnection(
  sectionId: SectionId,
  runId: SyncRunId,
  { signal, ...options }: SessionOptions & { signal?: AbortSignal } = {},
): Promise<void> {
  const runner = randomUUID();
  const taken = await transaction(async (tx) => {
    const run = await findRun(tx, sectionId, runId, { lock: true });
    if (run?.status !== 'reading') return undefined;
    await execute(tx, sql`update sync_run set runner = ${runner} where section_id = ${sectionId} and id = ${runId}`);
    return run;
  });
  if (!taken) return;
  const connection = await openConnection(pool(), sectionId, taken.connectionId);
  if (!connection) {
    await failRun({ sectionId, runId, runner, calls: () => taken.calls }, 'The connection was removed.');
    return;
  }
  const lists = await keptLists(pool(), sectionId, connection.id);
  const opened = openSession(connection, lists, { ...options, signal });
  const { session } = opened;
  const calls = () => taken.calls + opened.calls();
  const attributes = new Map((await listAttributes(pool(), sectionId)).map((attribute) => [attribute.code, attribute]));
  const reading: Reading = { sectionId, runId, run: taken, runner, connection, attributes, session, calls };
  try {
    const check = await session.check();
    if (!check.ok) return await refusedByCrm(reading, check);
    await forgetEarlierReads(taken);
    if (taken.cause === 'changes') return await readChangedContacts(reading);
    const cannotMatch = await matchProblem(reading);
    if (cannotMatch !== null) {
      await failRun(reading, cannotMatch);
      return;
    }
    await readLists(reading, lists);
    await judgeMissing(reading);
    const failure = await failureOfAll(reading);
    if (failure !== null) {
      await failRun(reading, failure);
      return;
    }
    await transaction(async (tx) => {
      await requireOwn(tx, reading);
      await noteCalls(tx, reading);
      await startComparing(tx, taken, { connection, identity: check.identity });
    });
  } catch (error) {
    if (error instanceof TakenAway) return;
    if (signal?.aborted) throw error;
    if (!(error instanceof CrmError)) throw error;
    await failRun(reading, error.message);
  } finally {
    await session.close().catch(() => undefined);
  }
}

const noteCalls = (tx: Tx, { sectionId, runId, calls }: Reading): Promise<number> =>
  execute(tx, sql`update sync_run set calls = ${calls()} where section_id = ${sectionId} and id = ${runId}`);

/** The CRM does not let us in: the run fails, and if a person has to act, the connection waits for them. */
async function refusedByCrm(reading: Reading, check: Extract<Check, { ok: false }>): Promise<void> {
  if (!(await failRun(reading, check.message))) return;
  // Anything else may be a fault of the moment, such as a web page in front of the CRM: the next sync tries again.
  if (check.reason !== 'credentials' && check.reason !== 'permission') return;
  await execute(
    pool(),
    sql`
      update connection set status = 'waiting', attention = ${check.message}
      where section_id = ${reading.sectionId} and id = ${reading.connection.id} and status = 'active'`,
  );
}

/** Returns whether the run was still this process's. */
async function failRun(
  run: Pick<Reading, 'sectionId' | 'runId' | 'runner' | 'calls'>,
  error: string,
): Promise<boolean> {
  const failed = await execute(
    pool(),
    sql`
      update sync_run
      set status = 'failed', error = ${error}, finished_at = ${new Date()}, calls = ${run.calls()}
      where section_id = ${run.sectionId} and id = ${run.runId} and runner = ${run.runner} and status = 'reading'`,
  );
  return failed > 0;
}

/**
 * Why contacts cannot be matched as an Admin has chosen; null if they can. Without it, whoever is found only by a field that is gone
 * would look as if nobody here had its value.
 */
async function matchProblem({ session, connection, attributes }: Reading): Promise<string | null> {
  const custom = customOf(connection.options);
  if (!custom) return null;
  const attribute = attributes.get(custom.code);
  if (!attribute || !targetOf(attribute)) return NOTHING_TO_COMPARE;
  const fields = await session.describeFields();
  return fields.some(({ name }) => name === custom.field) ? null : fieldGone(custom.field);
}

const fieldGone = (field: string): string =>
  `Contacts are found by the field “${field}”, which the CRM no longer has, or the user of the connection may not read it. Nothing was changed. Restore it in the CRM, or choose how contacts are found in the settings.`;

async function readLists(reading: Reading, lists: readonly KeptList[]): Promise<void> {
  const { sectionId, runId } = reading;
  const waiting = await rows<{ id: ConnectionListId }>(
    pool(),
    sql`
      select list_id as id from sync_run_list
      where section_id = ${sectionId} and run_id = ${runId} and status = 'waiting'
      order by list_id`,
  );
  const byId = new Map(lists.map((list) => [list.id, list]));
  for (const { id } of waiting) {
    const list = byId.get(id);
    if (!list) continue;
    try {
      await readList(reading, list);
    } catch (error) {
      // Cancelled: this process stops, and the run is continued by another.
      if (!(error instanceof CrmError) || error.kind === 'cancelled') throw error;
      await endList(reading, list, { status: 'failed', reason: error.message });
      if (POINTLESS.has(error.kind)) {
        await failWaiting(reading, error.message);
        return;
      }
    }
  }
}

/** Why nothing could be read, if every list has failed; otherwise null. */
async function failureOfAll({ sectionId, runId }: Reading): Promise<string | null> {
  const { failure } = await one<{ failure: string | null }>(
    pool(),
    sql`
      select case when bool_and(status = 'failed') then (array_agg(reason order by list_id))[1] end as failure
      from sync_run_list where section_id = ${sectionId} and run_id = ${runId}`,
  );
  return failure;
}

/** Looks a list up and, if the CRM still keeps it, reads its members. */
async function readList(reading: Reading, list: KeptList): Promise<void> {
  const kept = await transaction((tx) => withCurrentTag(tx, reading.sectionId, list));
  if (!kept) return endList(reading, list, { status: 'failed', reason: TAG_HIDDEN });
  const found = await reading.session.findList(list.externalId);
  const frozen = await setListStatus(reading, list, found);
  if (frozen !== null || found === null) {
    return endList(reading, list, { status: 'frozen', reason: frozen });
  }
  const problem =
    found.problem ?? (found.memberType === 'contact' || found.memberType === 'mixed' ? null : NO_CONTACTS);
  if (problem !== null) return endList(reading, list, { status: 'failed', reason: problem, found });
  // The CRM's count of a moment ago: members may come and go while they are read, so a difference is looked at twice.
  const first = await readAll(reading, list, found);
  const end = isWhole(first) ? first : await readAll(reading, list, found);
  if (!isWhole(end)) {
    const [read, declared] = [end.seen + end.skipped, end.declared!.members];
    throw new CrmError(
      'incomplete',
      `The CRM says that the list has ${declared} members, but gave ${read}. Nothing was changed. The next sync tries again.`,
    );
  }
  await endList(reading, list, { status: 'read', reason: null, found, end });
}

const NO_CONTACTS = 'The members of this list are not contacts, so there is nobody to tag.';

const isWhole = ({ seen, skipped, declared }: ReadEnd): boolean =>
  !declared?.exact || declared.members === seen + skipped;

/** Reads the members into staging. Notes the progress for those who watch the run. */
function readAll(reading: Reading, list: KeptList, found: CrmList): Promise<ReadEnd> {
  const { sectionId, runId, session, connection } = reading;
  const { options } = connection;
  const fields = [
    ...new Set([...options.fields.map(({ field }) => field), ...(customOf(options) ? [customOf(options)!.field] : [])]),
  ];
  return stageMembers(reading, list.id, session.readMembers(found, fields), (tx, seen) => {
    const progress: Pick<ListCounts, 'seen' | 'declared'> = { seen, declared: found.count?.members ?? 0 };
    return execute(
      tx,
      sql`
        update sync_run_list set counts = ${JSON.stringify(progress)}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${list.id}`,
    );
  });
}

/** What the removal guard compares: the text of the list's query, and the list's kind once that is another than was chosen. */
const definitionOf = (list: KeptList, { kind, definition }: CrmList): string | null =>
  kind === list.kind ? (definition ?? null) : `${kind}: ${definition ?? ''}`;

type ListEnd = { status: SyncListStatus; reason: string | null; found?: CrmList; end?: ReadEnd };

/** Records how the read of a list has ended. What was read of one that failed is deleted. */
async function endList(reading: Reading, list: KeptList, { status, reason, found, end }: ListEnd): Promise<void> {
  const { sectionId, runId } = reading;
  await transaction(async (tx) => {
    await requireOwn(tx, reading);
    if (status !== 'read') await clearMembers(tx, reading, list.id);
    const { seen } = await one<{ seen: number }>(
      tx,
      sql`
        select count(*) as seen from sync_member
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${list.id}`,
    );
    await execute(
      tx,
      sql`
        update sync_run_list
        set status = ${status}, reason = ${reason}, name = ${found?.name ?? list.name},
          definition = ${found ? definitionOf(list, found) : null},
          counts = ${JSON.stringify({ seen, skipped: end?.skipped ?? 0 })}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${list.id}`,
    );
    await noteCalls(tx, reading);
  });
}

async function failWaiting({ sectionId, runId }: Reading, reason: string): Promise<void> {
  await execute(
    pool(),
    sql`
      update sync_run_list set status = 'failed', reason = ${reason}
      where section_id = ${sectionId} and run_id = ${runId} and status = 'waiting'`,
  );
}
