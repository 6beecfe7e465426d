// What Admins do with connections and their lists.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { type ClaimHolderId, type ConnectionListId, type SectionId, type TagId } from '@/lib/db/ids';
import { execute, maybeOne, rows, sql, type Tx } from '@/lib/db/sql';
import { followsKey } from '@/lib/profiles/keys';
import { passOnRemovals } from '@/lib/tags/kept-off';
import { firstWithin } from '@/lib/text/hours';
import { LIST_KINDS, type AnyConnector } from './connector';
import { connectorNamed } from './connectors';
import { customOf, targetOf } from './custom-match';
import { nextTimes } from './schedule';
import { lockList } from './manage';
import { openConnection } from './queries';
import { forgetConnection } from './retention';
import {
  ConnectionOptionsSchema,
  InConnection,
  InList,
  type ConnectionOptions,
  type CustomMatch,
  type DryRunReason,
  type FieldMapping,
} from './schema';
import { lockConnection, supersedeIdle, supersedePlans, supersedeUnlessRunning } from './start';
import { TagForListSchema, takeTag } from './tag-for-list';
import { writeListUses } from './uses';
import { takeWake, wakeAt } from './wake';

const subject = ({ connectionId }: { connectionId: number }) => `connection:${connectionId}`;

/**
 * Changes how contacts match, what comes along, the schedule, and the removal guard. If contacts match in another way, or more values of
 * people are overwritten, what waits is replaced, and no list is synced before somebody has seen a dry run of it; refuses with `conflict` while a sync runs. `needsDryRun`:
 * lists that were synced before wait for one now.
 */
export const setOptions = command({
  name: 'integrations.set-options',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ options: ConnectionOptionsSchema }),
  run: async ({ tx }, { sectionId, connectionId, options }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    await refuseKeys(tx, sectionId, options.fields);
    await requireComparable(tx, sectionId, customOf(options));
    const before = await openConnection(tx, sectionId, connectionId);
    const matchesOtherwise = before !== undefined && !isSameMatching(before.options, options);
    const overwritesMore = before !== undefined && !isOverwritten(options.fields, before.options.fields);
    const reason = matchesOtherwise ? 'matching' : overwritesMore ? 'settings' : null;
    const waiting = reason === null ? 0 : await askForDryRun(tx, { sectionId, connectionId }, reason);
    // What a dry run has shown of values is not what would be set now.
    if (before !== undefined && JSON.stringify(before.options.fields) !== JSON.stringify(options.fields)) {
      await supersedePlans(tx, sectionId, connectionId);
    }
    const announced = await takeWake(tx, { sectionId, connectionId });
    const now = new Date();
    await execute(
      tx,
      sql`
        update connection set options = ${JSON.stringify(options)}, ${nextTimes(options, now)}
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    if (announced !== null && options.everyMinutes !== null) {
      await wakeAt(tx, { sectionId, connectionId }, { at: firstWithin(options.hours, now), since: announced });
    }
    return { name, needsDryRun: waiting > 0 };
  },
  audit: (input, { name }) => ({
    summary: `Changed the settings of “${name}”`,
    subject: subject(input),
    details: input.options,
  }),
});

/** Whether contacts find their profiles in the same way, and the same becomes of those who find none. */
const isSameMatching = (one: ConnectionOptions, other: ConnectionOptions): boolean =>
  matchingOf(one) === matchingOf(other);

const matchingOf = (options: ConnectionOptions): string =>
  JSON.stringify([options.match, customOf(options), options.country, options.unmatched]);

/** Whether each of the values that `fields` overwrite was overwritten by the same field before. */
const isOverwritten = (fields: readonly FieldMapping[], before: readonly FieldMapping[]): boolean =>
  fields
    .filter(({ existing }) => existing === 'overwrite')
    .every(({ field, code }) =>
      before.some((other) => other.existing === 'overwrite' && other.field === field && other.code === code),
    );

/** Lets no list of a connection be synced before a dry run. Returns how many lists could be until now. */
async function askForDryRun(
  tx: Tx,
  { sectionId, connectionId }: z.output<typeof InConnection>,
  reason: DryRunReason,
): Promise<number> {
  await supersedeIdle(tx, sectionId, connectionId);
  return execute(
    tx,
    sql`
      update connection_list set confirmed = false, dry_run_reason = ${reason}
      where section_id = ${sectionId} and connection_id = ${connectionId} and confirmed and status <> 'left'`,
  );
}

/** Refuses attributes that follow a key of the profile: they would differ from the key. */
async function refuseKeys(tx: Tx, sectionId: SectionId, fields: readonly FieldMapping[]): Promise<void> {
  const codes = new Set(fields.map(({ code }) => code));
  const attributes = await listAttributes(tx, sectionId);
  const key = attributes.find(({ code, system }) => system && followsKey(code) && codes.has(code));
  if (!key) return;
  refuse(
    'invalid',
    `“${key.name}” repeats a key of the profile, so a field cannot set it. Remove it from the fields that come along.`,
    { field: 'fields' },
  );
}

/** Refuses what no person can be found by. */
async function requireComparable(tx: Tx, sectionId: SectionId, custom: CustomMatch | null): Promise<void> {
  if (!custom) return;
  const attribute = (await listAttributes(tx, sectionId)).find(({ code }) => code === custom.code);
  if (attribute && targetOf(attribute)) return;
  const message = attribute
    ? `Many people may have the same “${attribute.name}”, so nobody is found by it. Choose a key, or an attribute of type text or number of your own.`
    : 'This attribute does not exist, or it was hidden. Choose another one.';
  refuse('invalid', message, { field: 'options.custom.code' });
}

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
  const former = await maybeOne<{ holderId: ClaimHolderId }>(
    tx,
    sql`
      select holder_id as "holderId" from connection_list
      where section_id = ${sectionId} and connection_id = ${connectionId} and external_id = ${externalId}`,
  );
  const kept = await maybeOne<{ id: ConnectionListId }>(
    tx,
    sql`
      insert into connection_list as known
        (section_id, connection_id, external_id, name, kind, manual, tag_id, holder_id, status_since)
      values (${sectionId}, ${connectionId}, ${externalId}, ${name}, ${kind}, ${manual}, ${tagId}, ${holderId}, ${new Date()})
      on conflict (section_id, connection_id, external_id) do update
      set name = excluded.name, manual = excluded.manual, tag_id = excluded.tag_id, holder_id = excluded.holder_id,
        status = 'active', status_since = excluded.status_since, new_name = null, definition = null, confirmed = false,
        dry_run_reason = 'list'
      where known.status = 'left'
      returning id`,
  );
  if (!kept) return refuse('conflict', `The list “${name}” keeps a tag already.`);
  // Those from whom somebody removed the tag by hand stay kept off it.
  if (former) await passOnRemovals(tx, sectionId, { tagId, from: former.holderId, to: holderId });
  await writeListUses(tx, sectionId, [{ id: kept.id, tagId }]);
  return kept.id;
}

/** Stops keeping a list's tag, or starts again. The tag stays on everyone who has it; a sync under way leaves the list out. */
export const pauseList = command({
  name: 'integrations.pause-list',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ paused: z.boolean() }),
  run: async ({ tx, prisma }, { sectionId, listId, paused }) => {
    const list = await lockList(tx, sectionId, listId);
    await supersedeUnlessRunning(tx, sectionId, list.connectionId);
    await prisma.connectionList.updateMany({
      // What the CRM has done to a list that is not paused stays known.
      where: { sectionId, id: listId, status: paused ? { not: 'paused' } : 'paused' },
      data: { status: paused ? 'paused' : 'active', statusSince: new Date() },
    });
    return list;
  },
  audit: ({ paused }, list) => ({
    summary: `${paused ? 'Paused' : 'Resumed'} the list “${list.name}”`,
    subject: subject(list),
  }),
});

/** Ends a connection. Its tags stay on everyone who has them, and are ordinary tags from now on. */
export const removeConnection = command({
  name: 'integrations.remove',
  scope: 'section',
  allow: 'admins',
  input: InConnection,
  run: async ({ tx }, { sectionId, connectionId }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    await supersedeIdle(tx, sectionId, connectionId);
    await forgetConnection(tx, sectionId, connectionId);
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
