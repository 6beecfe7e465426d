// What people and API clients do with runs: start, apply, answer, cancel.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  ConnectionListIdSchema,
  SyncRunIdSchema,
  type ConnectionId,
  type ConnectionListId,
  type SectionId,
  type SyncRunId,
} from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { stopOperation } from '@/lib/work/stop';
import { listsSeenBy, lockUsable, type MaySee } from './client-access';
import { CHANGE_STATES, END } from './outcome';
import { personOrKey } from './person-or-key';
import { findRun } from './queries';
import { forgetMembers } from './retention';
import { InConnection, InRun } from './schema';
import { findUnderWay, resumeSync, startRun, startSyncOperation } from './start';

const subject = ({ connectionId }: { connectionId: number }) => `connection:${connectionId}`;

/** Starts a sync, or a dry run of one. */
export const startSync = command({
  name: 'integrations.start-sync',
  scope: 'section',
  allow: 'integrators',
  input: InConnection.extend({
    dry: z.boolean(),
    listIds: z.array(ConnectionListIdSchema).max(500).nullable().default(null),
  }),
  run: async ({ tx, actor }, { sectionId, connectionId, dry, listIds }) => {
    const { name, keyspaceId } = await lockUsable(tx, actor, sectionId, connectionId);
    const maySee = await listsSeenBy(tx, actor, { sectionId, connectionId, keyspaceId });
    const unknown = listIds?.find((id) => !maySee(id));
    if (unknown !== undefined) refuse('not_found', `This connection has no list ${unknown}.`);
    if (!dry) await requireConfirmed(tx, { sectionId, connectionId, listIds, maySee });
    const cause = actor.kind === 'client' ? 'api' : 'hand';
    const [startedBy, startedByKey] = [actorUserId(actor), actorApiKeyId(actor)];
    const run = { sectionId, connectionId, dry, startedBy, startedByKey, cause, listIds } as const;
    return { name, runId: await startRun(tx, run) };
  },
  audit: (input, { name }) => ({
    summary: input.dry ? `Started a dry run of “${name}”` : `Started a sync with “${name}”`,
    subject: subject(input),
  }),
});

/** The first sync of a list, also after a change of the connection, is one whose dry run somebody has seen. */
async function requireConfirmed(
  tx: Tx,
  {
    sectionId,
    connectionId,
    listIds,
    maySee,
  }: {
    sectionId: SectionId;
    connectionId: ConnectionId;
    listIds: readonly ConnectionListId[] | null;
    maySee: MaySee;
  },
): Promise<void> {
  const chosen = listIds === null ? sql`` : sql`and id = any(${listIds}::int[])`;
  const fresh = await rows<{ id: ConnectionListId; name: string }>(
    tx,
    sql`
      select id, name from connection_list
      where section_id = ${sectionId} and connection_id = ${connectionId} and not confirmed
        and status not in ('left', 'paused') ${chosen}
      order by id limit 4`,
  );
  if (fresh.length === 0) return;
  const names = fresh
    .slice(0, 3)
    .filter(({ id }) => maySee(id))
    .map(({ name }) => `“${name}”`);
  const others = fresh.length > names.length ? (names.length > 0 ? ' and others' : 'some lists') : '';
  refuse(
    'conflict',
    `Start a dry run first: nobody has seen what a sync of ${names.join(', ')}${others} would change.`,
  );
}

/** Does what a dry run has shown: exactly its changes, without reading the CRM again. */
export const applyDryRun = command({
  name: 'integrations.apply-dry-run',
  scope: 'section',
  allow: 'integrators',
  input: InRun,
  run: async ({ tx, actor }, { sectionId, runId }) => {
    const run = await findRun(tx, sectionId, runId, { lock: true });
    if (run?.status !== 'planned') {
      return refuse('conflict', 'This dry run is no longer current. Start a new one.');
    }
    const { name, keyspaceId } = await lockUsable(tx, actor, sectionId, run.connectionId);
    const maySee = await listsSeenBy(tx, actor, { sectionId, connectionId: run.connectionId, keyspaceId });
    const lists = await rows<{ id: ConnectionListId }>(
      tx,
      sql`select list_id as id from sync_run_list where section_id = ${sectionId} and run_id = ${runId}`,
    );
    if (lists.some(({ id }) => !maySee(id))) refuse('not_allowed', UNSEEN);
    const by = { startedBy: actorUserId(actor), startedByKey: actorApiKeyId(actor) };
    await startSyncOperation(tx, { ...run, dry: false, ...by }, { name });
    return { name, connectionId: run.connectionId };
  },
  audit: (_, run) => ({ summary: `Started what the dry run of “${run.name}” has shown`, subject: subject(run) }),
});

const UNSEEN =
  'This dry run changes tags that this API key may not read, so nobody has looked at all of it. An Admin can apply it in the browser (Settings → Integrations).';

/**
 * Answers for the removals of a list that the guard holds: take them off, or leave the tag on them. `removals`: how many the sender
 * expects; refused with `conflict` if there are more or fewer.
 */
export const answerHeld = command({
  name: 'integrations.answer-held',
  scope: 'section',
  allow: 'integrators',
  input: InRun.extend({
    listId: ConnectionListIdSchema,
    remove: z.boolean(),
    removals: z.int().nullable().default(null),
  }),
  run: async ({ tx, actor }, { sectionId, runId, listId, remove, removals }) => {
    const run = await findRun(tx, sectionId, runId, { lock: true });
    if (!run) return refuse('not_found', 'This sync does not exist in this section.');
    const { name, keyspaceId } = await lockUsable(tx, actor, sectionId, run.connectionId);
    const maySee = await listsSeenBy(tx, actor, { sectionId, connectionId: run.connectionId, keyspaceId });
    if (!maySee(listId)) refuse('not_found', `This sync has no list ${listId}.`);
    if (run.status !== 'held') return refuse('conflict', await whyNotHeld(tx, sectionId, runId, listId));
    const state = remove ? CHANGE_STATES.planned : CHANGE_STATES.rejected;
    const held = await execute(
      tx,
      sql`
        update sync_change set state = ${state}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId} and action = ${END}
          and state = ${CHANGE_STATES.held}`,
    );
    if (held === 0) refuse('conflict', await whyNotHeld(tx, sectionId, runId, listId));
    if (removals !== null && removals !== held) {
      refuse('conflict', `${held} removals wait, not ${removals}. Look at the sync again before you answer.`);
    }
    await execute(
      tx,
      sql`
        update sync_run_list
        set taken_off = ${remove}, answered_by = ${actorUserId(actor)}, answered_by_key = ${actorApiKeyId(actor)},
          answered_at = ${new Date()}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}`,
    );
    // The operation ends the run, also if there is nothing to remove.
    await resumeSync(tx, run, { userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor), answered: held });
    return { name, connectionId: run.connectionId, held };
  },
  audit: ({ remove }, run) => ({
    summary: `${remove ? 'Approved' : 'Rejected'} ${run.held} removals of “${run.name}”`,
    subject: subject(run),
  }),
});

/** Why the removals of a list cannot be answered (again), for a person: who has answered, and what. */
async function whyNotHeld(tx: Tx, sectionId: SectionId, runId: SyncRunId, listId: ConnectionListId): Promise<string> {
  const found = await maybeOne<{ takenOff: boolean | null; by: string | null; waits: boolean }>(
    tx,
    sql`
      select item.taken_off as "takenOff", ${personOrKey(sql`person`, sql`key`)} as by, exists (
          select from sync_change change
          where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
            and change.state = ${CHANGE_STATES.held}
        ) and exists (
          select from sync_run run
          where run.section_id = ${sectionId} and run.id = ${runId} and run.status = 'applying'
        ) as waits
      from sync_run_list item
      left join app_user person on person.id = item.answered_by
      left join api_key key on key.id = item.answered_by_key
      where item.section_id = ${sectionId} and item.run_id = ${runId} and item.list_id = ${listId}`,
  );
  if (found?.waits) return 'The answer for another list is being carried out. Try again in a moment.';
  if (found?.takenOff == null)
    return 'These removals no longer wait: a later sync, or a change of the list, has replaced them.';
  return `${found.by ?? 'Somebody'} has answered already: ${found.takenOff ? 'take the tag off' : 'leave the tag on'}.`;
}

/** Stops the run of a connection that is under way; `runId`: only if it is this one. What was done so far stays. */
export const cancelSync = command({
  name: 'integrations.cancel-sync',
  scope: 'section',
  allow: 'integrators',
  input: InConnection.extend({ runId: SyncRunIdSchema.nullable().default(null) }),
  run: async ({ tx, actor }, { sectionId, connectionId, runId }) => {
    const { name } = await lockUsable(tx, actor, sectionId, connectionId);
    const underWay = await findUnderWay(tx, sectionId, connectionId);
    if (runId !== null && underWay?.id !== runId) refuse('conflict', 'This sync is not running.');
    if (!underWay) return refuse('conflict', 'No sync of this connection is running.');
    const run = await findRun(tx, sectionId, underWay.id, { lock: true });
    if (run?.operationId) await stopOperation(tx, { sectionId, id: run.operationId });
    await execute(
      tx,
      sql`
        update sync_run set status = 'cancelled', finished_at = ${new Date()}
        where section_id = ${sectionId} and id = ${underWay.id}`,
    );
    await forgetMembers(tx, sectionId, [underWay.id]);
    return { name };
  },
  audit: (input, { name }) => ({ summary: `Cancelled the sync with “${name}”`, subject: subject(input) }),
});
