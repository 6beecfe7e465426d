// What Admins change about a connection and its lists once they are kept.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import type { Models } from '@/lib/db/prisma';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import type { ClaimHolderId, ConnectionId, ConnectionListId, SectionId, TagId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { renameTag } from '@/lib/tags/update';
import { LIST_KINDS } from './connector';
import { openConnection } from './queries';
import { nextTimes } from './schedule';
import { InConnection, InList } from './schema';
import { lockConnection, supersedeIdle, supersedeUnlessRunning } from './start';
import { TagForListSchema, takeTag } from './tag-for-list';
import { writeListUses } from './uses';

const subject = ({ connectionId }: { connectionId: number }) => `connection:${connectionId}`;

/** Stops the syncs by schedule, or starts them again. Syncs by hand stay possible. */
export const pauseConnection = command({
  name: 'integrations.pause',
  scope: 'section',
  allow: 'admins',
  input: InConnection.extend({ paused: z.boolean() }),
  run: async ({ tx }, { sectionId, connectionId, paused }) => {
    const { name } = await lockConnection(tx, sectionId, connectionId);
    const { options } = (await openConnection(tx, sectionId, connectionId))!;
    await execute(
      tx,
      sql`
        update connection
        set status = ${paused ? 'paused' : 'active'}, attention = null,
          ${nextTimes(options, new Date())}
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    return { name };
  },
  audit: (input, { name }) => ({
    summary: `${input.paused ? 'Paused' : 'Resumed'} the connection “${name}”`,
    subject: subject(input),
  }),
});

type KeptRow = {
  name: string;
  newName: string | null;
  connectionId: ConnectionId;
  tagId: TagId;
  tagName: string;
  tagHidden: boolean;
  holderId: ClaimHolderId;
};

/** Locks a list that keeps a tag, and its connection before it. Refuses with `not_found` if it keeps none. */
export async function lockList(tx: Tx, sectionId: SectionId, listId: ConnectionListId): Promise<KeptRow> {
  const place = await maybeOne<{ connectionId: ConnectionId }>(
    tx,
    sql`
      select connection_id as "connectionId" from connection_list
      where section_id = ${sectionId} and id = ${listId} and status <> 'left'`,
  );
  if (place) await lockConnection(tx, sectionId, place.connectionId);
  const found = await maybeOne<KeptRow>(
    tx,
    sql`
      select list.name, list.new_name as "newName", list.connection_id as "connectionId", list.tag_id as "tagId",
        tag.name as "tagName", tag.hidden_at is not null as "tagHidden", list.holder_id as "holderId"
      from connection_list list
      join tag on tag.section_id = ${sectionId} and tag.id = list.tag_id
      where list.section_id = ${sectionId} and list.id = ${listId} and list.status <> 'left'
      for update of list`,
  );
  return found ?? refuse('not_found', 'This list does not exist, or its tag is no longer kept.');
}

/** What chips and histories call a list. */
const nameHolder = (prisma: Models, where: { sectionId: SectionId; id: ClaimHolderId }, name: string) =>
  prisma.claimHolder.updateMany({ where, data: { name } });

/** Whether the syncs of a list only add its tag, or also take it off. */
export const setAddOnly = command({
  name: 'integrations.set-add-only',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ addOnly: z.boolean() }),
  run: async ({ tx }, { sectionId, listId, addOnly }) => {
    const list = await lockList(tx, sectionId, listId);
    await supersedeUnlessRunning(tx, sectionId, list.connectionId);
    await execute(
      tx,
      sql`update connection_list set add_only = ${addOnly} where section_id = ${sectionId} and id = ${listId}`,
    );
    return list;
  },
  audit: ({ addOnly }, list) => ({
    summary: addOnly
      ? `Syncs of the list “${list.name}” only add its tag`
      : `Syncs of the list “${list.name}” add its tag and take it off`,
    subject: subject(list),
  }),
});

/** Whether people who get or lose a list's tag, or values, by a sync enter the flows that listen for that. From the next sync on. */
export const setStartsFlows = command({
  name: 'integrations.set-starts-flows',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ startsFlows: z.boolean() }),
  run: async ({ tx }, { sectionId, listId, startsFlows }) => {
    const list = await lockList(tx, sectionId, listId);
    await execute(
      tx,
      sql`update connection_list set starts_flows = ${startsFlows} where section_id = ${sectionId} and id = ${listId}`,
    );
    return list;
  },
  audit: ({ startsFlows }, list) => ({
    summary: `Syncs of the list “${list.name}” ${startsFlows ? 'start flows' : 'start no flows'}`,
    subject: subject(list),
  }),
});

/**
 * Takes over the name that a list has in the CRM now. `tagName`: the tag gets this name; null: it keeps its own. Refuses with
 * `name_taken` if another tag has it.
 */
export const followName = command({
  name: 'integrations.follow-name',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ tagName: NameSchema.nullable() }),
  run: async ({ tx, prisma }, { sectionId, listId, tagName }) => {
    const list = await lockList(tx, sectionId, listId);
    if (list.newName === null) refuse('conflict', 'The list has the same name in the CRM.');
    await execute(
      tx,
      sql`
        update connection_list set name = new_name, new_name = null
        where section_id = ${sectionId} and id = ${listId}`,
    );
    const { name } = await lockConnection(tx, sectionId, list.connectionId);
    await nameHolder(prisma, { sectionId, id: list.holderId }, `${name}: ${list.newName}`);
    const tagWas =
      tagName === null ? null : await renameTag({ tx, prisma }, { sectionId, tagId: list.tagId, name: tagName });
    return { ...list, tagWas };
  },
  audit: ({ tagName }, list) => ({
    summary: `Took over the new name “${list.newName}” of the list “${list.name}”${list.tagWas === null ? '' : `, and renamed the tag “${list.tagWas}” to “${tagName}”`}`,
    subject: subject(list),
  }),
});

/**
 * Lets another list of the CRM keep a list's tag, such as after it was deleted there. Its syncs begin with a dry run. Refuses with
 * `conflict` if that list keeps a tag already.
 */
export const relinkList = command({
  name: 'integrations.relink-list',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({
    externalId: z.string().min(1).max(500),
    name: z.string().min(1).max(1_000),
    kind: z.enum(LIST_KINDS).exclude(['manual']),
  }),
  run: async ({ tx, prisma }, { sectionId, listId, externalId, name, kind }) => {
    const list = await lockList(tx, sectionId, listId);
    const { connectionId, holderId } = list;
    const connection = await lockConnection(tx, sectionId, connectionId);
    await supersedeIdle(tx, sectionId, connectionId);
    const other = { sectionId, connectionId, externalId, id: { not: listId } };
    const kept = await prisma.connectionList.findFirst({ where: other, select: { id: true, status: true } });
    if (kept && kept.status !== 'left') refuse('conflict', `The list “${name}” keeps a tag already.`);
    // A list that was let go gives up its place; its runs stay.
    if (kept) {
      await prisma.connectionList.updateMany({ where: other, data: { externalId: `left:${kept.id}` } });
    }
    await prisma.connectionList.updateMany({
      where: { sectionId, id: listId },
      data: {
        externalId,
        name,
        kind,
        status: 'active',
        statusSince: new Date(),
        newName: null,
        manual: null,
        definition: null,
        confirmed: false,
        dryRunReason: 'list',
      },
    });
    await nameHolder(prisma, { sectionId, id: holderId }, `${connection.name}: ${name}`);
    return list;
  },
  audit: ({ name }, list) => ({
    summary: `Linked the tag of the list “${list.name}” to the list “${name}”`,
    subject: subject(list),
  }),
});

/**
 * Lets a list whose tag was hidden keep another tag. Its syncs begin with a dry run. Refuses with `conflict` if its tag is
 * visible, and with `name_taken` and `details.taken` for a new tag whose name exists.
 */
export const chooseTag = command({
  name: 'integrations.choose-tag',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ tag: TagForListSchema }),
  run: async ({ tx, actor }, { sectionId, listId, tag: wanted }) => {
    const list = await lockList(tx, sectionId, listId);
    if (!list.tagHidden) {
      refuse('conflict', `“${list.tagName}” is not hidden: stop keeping it first, then choose the list again.`);
    }
    await supersedeIdle(tx, sectionId, list.connectionId);
    const tag = await takeTag(tx, { sectionId, userId: actorUserId(actor) }, wanted);
    await execute(
      tx,
      sql`
        update connection_list set tag_id = ${tag.id}, confirmed = false, dry_run_reason = 'tag'
        where section_id = ${sectionId} and id = ${listId}`,
    );
    await writeListUses(tx, sectionId, [{ id: listId, tagId: tag.id }]);
    return { ...list, chosen: tag.name };
  },
  audit: (_, list) => ({
    summary: `Chose the tag “${list.chosen}” for the list “${list.name}”, in place of the hidden “${list.tagName}”`,
    subject: subject(list),
  }),
});

/**
 * Stops keeping a list's tag for good. Everyone who has the tag keeps it, as an ordinary one. Refuses with `conflict` while a sync of the
 * connection is running.
 */
export const leaveList = command({
  name: 'integrations.leave-list',
  scope: 'section',
  allow: 'admins',
  input: InList,
  run: async ({ tx }, { sectionId, listId }) => {
    const list = await lockList(tx, sectionId, listId);
    await supersedeIdle(tx, sectionId, list.connectionId);
    await execute(
      tx,
      sql`
        update connection_list set status = 'left', status_since = ${new Date()}
        where section_id = ${sectionId} and id = ${listId}`,
    );
    await writeListUses(tx, sectionId, [{ id: listId, tagId: null }]);
    return list;
  },
  audit: (_, list) => ({
    summary: `Stopped keeping the tag “${list.tagName}” by the list “${list.name}”`,
    subject: subject(list),
  }),
});
