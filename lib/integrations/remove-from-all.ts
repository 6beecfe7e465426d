// Takes a list's tag off everyone who has it from that list only, and stops keeping it.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ClaimHolderIdSchema, TagIdSchema, type ClaimHolderId, type ProfileId, type SectionId } from '@/lib/db/ids';
import type { ConnectionListId, TagId } from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Db } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeClaims, wantedClaims } from '@/lib/tags/change';
import { lockCurrentTags } from '@/lib/tags/commands';
import { operationKind } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { lockList } from './manage';
import { InList } from './schema';
import { lockConnection, supersedeIdle } from './start';
import { writeListUses } from './uses';

/** Claims of a step. */
const STEP = 20_000;

/** `have`: people who have the tag from the list. `lose`: those who have it from nowhere else. */
export type RemovalPreview = { have: number; lose: number };

/** What removing a list's tag from everyone would do now. */
export async function previewRemoval(db: Db, sectionId: SectionId, listId: ConnectionListId): Promise<RemovalPreview> {
  const list = await maybeOne<{ tagId: TagId; holderId: ClaimHolderId }>(
    db,
    sql`
      select tag_id as "tagId", holder_id as "holderId" from connection_list
      where section_id = ${sectionId} and id = ${listId} and status <> 'left'`,
  );
  if (!list) return refuse('not_found', 'This list does not exist, or its tag is no longer kept.');
  return one<RemovalPreview>(
    db,
    sql`
      select count(*) as have, count(*) filter (where not held.direct and not claimed.by_others) as lose
      from (
        select profile_id, bool_or(holder_id <> ${list.holderId}) as by_others
        from tag_claim
        where section_id = ${sectionId} and tag_id = ${list.tagId} and not suppressed
        group by profile_id
        having bool_or(holder_id = ${list.holderId})
      ) claimed
      join profile_tag held
        on held.section_id = ${sectionId} and held.tag_id = ${list.tagId} and held.profile_id = claimed.profile_id`,
  );
}

const RemovalInput = z.object({ tagId: TagIdSchema, holderId: ClaimHolderIdSchema });

export const removeListTagKind = operationKind({
  kind: 'remove_list_tag',
  allow: 'admins',
  input: RemovalInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Tags of lists removed from everyone',
    counts: [
      ['removed', 'tags removed'],
      ['stays', 'keep the tag, which they have from elsewhere too'],
    ],
    none: 'Nobody had the tag from this list any more.',
  },
  step: async (tx, { sectionId, id, input, userId, cursor, progress, counts }) => {
    const { holderId } = input;
    const tagId = (await lockCurrentTags(tx, sectionId, [input.tagId]))(input.tagId);
    const { last, found } = await one<{ last: ProfileId | null; found: number }>(
      tx,
      sql`
        select max(profile_id) as last, count(*) as found
        from (
          select profile_id from tag_claim
          where section_id = ${sectionId} and tag_id = ${tagId} and holder_id = ${holderId} and not suppressed
            and profile_id > ${cursor}
          order by profile_id
          limit ${STEP}
        ) next`,
    );
    if (last === null) return { cursor, progress, counts, done: true };
    // A clean-up, of which nobody expects that it starts something.
    const cause = { sectionId, source: 'bulk' as const, userId, operationId: id, startsFlows: false };
    const claims = sql`
      from tag_claim
      where section_id = ${sectionId} and tag_id = ${tagId} and holder_id = ${holderId} and not suppressed
        and profile_id > ${cursor} and profile_id <= ${last}`;
    const ids = (await rows<{ id: ProfileId }>(tx, sql`select profile_id as id ${claims}`)).map((each) => each.id);
    const { removed } = await changingPeople(tx, cause, sql`select unnest(${ids}::bigint[]) as profile_id`, () =>
      changeClaims(tx, cause, wantedClaims(sql`select profile_id, tag_id, holder_id, false as apply ${claims}`)),
    );
    return {
      cursor: last,
      progress: progress + found,
      counts: addCounts(counts, { removed, stays: found - removed }),
      done: found < STEP,
    };
  },
});

/**
 * Stops keeping a list's tag, and starts to take it off everyone whom only this list tagged. Refuses with `conflict` while a
 * sync of the connection is running.
 */
export const removeListTag = command({
  name: 'integrations.remove-list-tag',
  scope: 'section',
  allow: 'admins',
  input: InList,
  run: async ({ tx, actor }, { sectionId, listId }) => {
    const list = await lockList(tx, sectionId, listId);
    const { connectionId, tagId, holderId } = list;
    if (list.tagHidden)
      refuse('hidden', `“${list.tagName}” was hidden: nobody sees it, so there is nothing to remove.`);
    const connection = await lockConnection(tx, sectionId, connectionId);
    await supersedeIdle(tx, sectionId, connectionId);
    await execute(
      tx,
      sql`
        update connection_list set status = 'left', status_since = ${new Date()}
        where section_id = ${sectionId} and id = ${listId}`,
    );
    await writeListUses(tx, sectionId, [{ id: listId, tagId: null }]);
    const { total } = await one<{ total: number }>(
      tx,
      sql`
        select count(*) as total from tag_claim
        where section_id = ${sectionId} and tag_id = ${tagId} and holder_id = ${holderId} and not suppressed`,
    );
    const summary = `Remove “${list.tagName}” from everyone who has it from ${connection.name}: ${list.name}`;
    const input = { tagId, holderId };
    const userId = actorUserId(actor);
    const operationId = await startOperation(tx, removeListTagKind, { sectionId, summary, input, total, userId });
    return { operationId, summary, connectionId };
  },
  audit: (_, { summary, connectionId }) => ({ summary, subject: `connection:${connectionId}` }),
});
