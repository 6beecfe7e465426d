// What Admins do with connections, their lists and runs.
import { z } from 'zod';
import { actorApiKeyId, actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  ConnectionListIdSchema,
  SyncRunIdSchema,
  type ClaimHolderId,
  type ConnectionId,
  type ConnectionListId,
  type SyncRunId,
  type TagId,
} from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import type { SectionId } from '@/lib/db/ids';
import { stopOperation } from '@/lib/work/stop';
import { listsSeenBy, lockUsable, type MaySee } from './client-access';
import { LIST_KINDS, type AnyConnector } from './connector';
import { connectorNamed } from './connectors';
import { CHANGE_STATES, END } from './outcome';
import { findRun } from './queries';
import { forgetMembers } from './retention';
import { nextTimes } from './schedule';
import { ConnectionOptionsSchema, InConnection, InList, InRun } from './schema';
import { findUnderWay, lockConnection, resumeSync, startRun, startSyncOperation } from './start';
import { TagForListSchema, takeTag } from './tag-for-list';
import { writeListUses } from './uses';

const subject = ({ connectionId }: { connectionId: number }) => `connection:${connectionId}`;

/** Changes how contacts match, what comes along, the schedule, and the removal guard. */
export const setOptions = command({
  name: 'integrations.set-options',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ options: ConnectionOptionsSchema }),
  run: async ({ tx }, { sectionId, connectionId, options }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    await execute(
      tx,
      sql`
        update connection set options = ${JSON.stringify(options)}, ${nextTimes(options, new Date())}
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    return { name };
  },
  audit: (input, { name }) => ({
    summary: `Changed the settings of “${name}”`,
    subject: subject(input),
    details: input.options,
  }),
});

const ChosenListSchema = z.object({
  externalId: z.string().min(1).max(500),
  name: z.string().min(1, 'Enter a name.').max(1_000, 'Use at most 1,000 characters.'),
  kind: z.enum(LIST_KINDS),
  /** The definition of a manual list. */
  manual: z
    .string()
    .trim()
    .min(1, 'Enter a definition.')
    .max(20_000, 'Use at most 20,000 characters.')
    .nullable()
    .default(null),
  tag: TagForListSchema,
});

/**
 * Keeps tags by lists of the CRM. A name that a tag has already is refused with `name_taken` and that tag, so that the
 * person decides to use it.
 */
export const keepLists = command({
  name: 'integrations.keep-lists',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({
    lists: z
      .array(ChosenListSchema)
      .min(1, 'Choose at least one list.')
      .max(500, 'Choose at most 500 lists at a time.'),
  }),
  run: async ({ tx, prisma, actor }, { sectionId, connectionId, lists }) => {
    const { name, kind } = await lockConnection(tx, sectionId, connectionId);
    const ids: ConnectionListId[] = [];
    for (const { tag, ...list } of lists) {
      const problem = list.manual === null ? null : problemOf(connectorNamed(kind), list.manual);
      if (problem !== null) refuse('invalid', problem, { field: 'manual' });
      const { id: tagId } = await takeTag(tx, { sectionId, userId: actorUserId(actor) }, tag);
      const holder = await prisma.claimHolder.create({
        data: { sectionId, name: `${name}: ${list.name}` },
        select: { id: true },
      });
      const holderId = holder.id;
      ids.push(await keepList(tx, { sectionId, connectionId, ...list, tagId, holderId }));
    }
    return { name, ids };
  },
  audit: (input, { name }) => ({
    summary: `Chose ${input.lists.length === 1 ? `the list “${input.lists[0]!.name}”` : `${input.lists.length} lists`} of “${name}”`,
    subject: subject(input),
    details: { lists: input.lists.map((list) => list.name) },
  }),
});

/** Why a definition cannot be used as a manual list, for a person. */
function problemOf({ name, manual }: AnyConnector, definition: string): string | null {
  return manual ? manual.problem(definition) : `${name} has no manual lists.`;
}

type NewList = Omit<z.output<typeof ChosenListSchema>, 'tag'> &
  z.output<typeof InConnection> & { tagId: TagId; holderId: ClaimHolderId };

/** A list that an Admin let go before is kept again, by claims of its own. */
async function keepList(tx: Tx, list: NewList): Promise<ConnectionListId> {
  const { sectionId, connectionId, externalId, name, kind, manual, tagId, holderId } = list;
  const kept = await maybeOne<{ id: ConnectionListId }>(
    tx,
    sql`
      insert into connection_list as known
        (section_id, connection_id, external_id, name, kind, manual, tag_id, holder_id, status_since)
      values (${sectionId}, ${connectionId}, ${externalId}, ${name}, ${kind}, ${manual}, ${tagId}, ${holderId}, ${new Date()})
      on conflict (section_id, connection_id, external_id) do update
      set name = excluded.name, manual = excluded.manual, tag_id = excluded.tag_id, holder_id = excluded.holder_id,
        status = 'active', status_since = excluded.status_since, new_name = null, definition = null, confirmed = false
      where known.status = 'left'
      returning id`,
  );
  if (!kept) return refuse('conflict', `The list “${name}” keeps a tag already.`);
  await writeListUses(tx, sectionId, [{ id: kept.id, tagId }]);
  return kept.id;
}

/** Stops keeping a list's tag, or starts again. The tag stays on everyone who has it. */
export const pauseList = command({
  name: 'integrations.pause-list',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ paused: z.boolean() }),
  run: async ({ prisma }, { sectionId, listId, paused }) => {
    const where = { sectionId, id: listId, status: { not: 'left' as const } };
    const list = await prisma.connectionList.findFirst({ where, select: { name: true, connectionId: true } });
    if (!list) return refuse('not_found', 'This list does not exist, or its tag is no longer kept.');
    await prisma.connectionList.updateMany({
      where,
      data: { status: paused ? 'paused' : 'active', statusSince: new Date() },
    });
    return list;
  },
  audit: ({ paused }, list) => ({
    summary: `${paused ? 'Paused' : 'Resumed'} the list “${list.name}”`,
    subject: subject(list),
  }),
});

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
    const startedBy = actorUserId(actor);
    return { name, runId: await startRun(tx, { sectionId, connectionId, dry, startedBy, cause, listIds }) };
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
    const startedBy = actorUserId(actor);
    await startSyncOperation(tx, { ...run, dry: false, startedBy }, { name, apiKeyId: actorApiKeyId(actor) });
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
        set taken_off = ${remove}, answered_by = ${actorUserId(actor)}, answered_at = ${new Date()}
        where section_id = ${sectionId} and run_id = ${runId} and list_id = ${listId}`,
    );
    // The operation ends the run, also if there is nothing to remove.
    await resumeSync(tx, run, { userId: actorUserId(actor), apiKeyId: actorApiKeyId(actor) });
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
      select item.taken_off as "takenOff", person.name as by, exists (
          select from sync_change change
          where change.section_id = ${sectionId} and change.run_id = ${runId} and change.list_id = ${listId}
            and change.state = ${CHANGE_STATES.held}
        ) and exists (
          select from sync_run run
          where run.section_id = ${sectionId} and run.id = ${runId} and run.status = 'applying'
        ) as waits
      from sync_run_list item
      left join app_user person on person.id = item.answered_by
      where item.section_id = ${sectionId} and item.run_id = ${runId} and item.list_id = ${listId}`,
  );
  if (found?.waits) return 'The answer for another list is being carried out. Try again in a moment.';
  if (found?.takenOff == null) return 'These removals no longer wait: a later sync has replaced them.';
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
    await forgetMembers(tx, sectionId, underWay.id);
    return { name };
  },
  audit: (input, { name }) => ({ summary: `Cancelled the sync with “${name}”`, subject: subject(input) }),
});

/** Ends a connection. Its tags stay on everyone who has them, and are ordinary tags from now on. */
export const removeConnection = command({
  name: 'integrations.remove',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: async ({ tx }, { sectionId, connectionId }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    const underWay = await findUnderWay(tx, sectionId, connectionId);
    if (underWay) refuse('conflict', 'A sync of this connection is running. Cancel it first.');
    const left = await rows<{ id: ConnectionListId }>(
      tx,
      sql`
        update connection_list set status = 'left', status_since = ${new Date()}
        where section_id = ${sectionId} and connection_id = ${connectionId} and status <> 'left'
        returning id`,
    );
    await writeListUses(
      tx,
      sectionId,
      left.map(({ id }) => ({ id, tagId: null })),
    );
    await execute(
      tx,
      sql`
        update connection set status = 'removed', secrets = ''::bytea, attention = null
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    await execute(
      tx,
      sql`delete from connection_hook where section_id = ${sectionId} and connection_id = ${connectionId}`,
    );
    return { name };
  },
  audit: (input, { name }) => ({ summary: `Removed the connection “${name}”`, subject: subject(input) }),
});
