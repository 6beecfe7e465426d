// What Admins change about a connection and its lists once they are kept.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { execute, maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import type { ConnectionId, ConnectionListId, SectionId, TagId } from '@/lib/db/ids';
import { NameSchema } from '@/lib/naming/names';
import { renameTag } from '@/lib/tags/update';
import { openConnection } from './queries';
import { nextSync } from './schedule';
import { InConnection, InList } from './schema';
import { lockConnection } from './start';

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
        set status = ${paused ? 'paused' : 'active'}, attention = null, next_sync_at = ${nextSync(options, new Date())}
        where section_id = ${sectionId} and id = ${connectionId}`,
    );
    return { name };
  },
  audit: (input, { name }) => ({
    summary: `${input.paused ? 'Paused' : 'Resumed'} the connection “${name}”`,
    subject: subject(input),
  }),
});

type KeptRow = { name: string; newName: string | null; connectionId: ConnectionId; tagId: TagId };

/** Locks a list that keeps a tag. Refuses with `not_found` if it does not. */
async function lockList(tx: Tx, sectionId: SectionId, listId: ConnectionListId): Promise<KeptRow> {
  const found = await maybeOne<KeptRow>(
    tx,
    sql`
      select name, new_name as "newName", connection_id as "connectionId", tag_id as "tagId" from connection_list
      where section_id = ${sectionId} and id = ${listId} and status <> 'left'
      for update`,
  );
  return found ?? refuse('not_found', 'This list does not exist, or its tag is no longer kept.');
}

/** Whether the syncs of a list only add its tag, or also take it off. */
export const setAddOnly = command({
  name: 'integrations.set-add-only',
  scope: 'section',
  allow: 'admins',
  input: InList.extend({ addOnly: z.boolean() }),
  run: async ({ tx }, { sectionId, listId, addOnly }) => {
    const list = await lockList(tx, sectionId, listId);
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
    const tagWas =
      tagName === null ? null : await renameTag({ tx, prisma }, { sectionId, tagId: list.tagId, name: tagName });
    return { ...list, tagWas };
  },
  audit: ({ tagName }, list) => ({
    summary: `Took over the new name “${list.newName}” of the list “${list.name}”${list.tagWas === null ? '' : `, and renamed the tag “${list.tagWas}” to “${tagName}”`}`,
    subject: subject(list),
  }),
});

/** Stops keeping a list's tag for good. Everyone who has the tag keeps it, as an ordinary one. */
export const leaveList = command({
  name: 'integrations.leave-list',
  scope: 'section',
  allow: 'admins',
  input: InList,
  run: async ({ tx }, { sectionId, listId }) => {
    const list = await lockList(tx, sectionId, listId);
    await execute(
      tx,
      sql`
        update connection_list set status = 'left', status_since = ${new Date()}
        where section_id = ${sectionId} and id = ${listId}`,
    );
    const { tag } = await one<{ tag: string }>(
      tx,
      sql`select name as tag from tag where section_id = ${sectionId} and id = ${list.tagId}`,
    );
    return { ...list, tag };
  },
  audit: (_, list) => ({
    summary: `Stopped keeping the tag “${list.tag}” by the list “${list.name}”`,
    subject: subject(list),
  }),
});
