// Merge of tag A into B: everyone with A gets B, then A is hidden and its discriminator goes on working as an alias of B.
// What segments ask of how A came, B cannot tell: they need attention.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import {
  SectionIdSchema,
  TagIdSchema,
  type OperationId,
  type ProfileId,
  type SectionId,
  type TagId,
} from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Sql, type Tx } from '@/lib/db/sql';
import { lockSegments } from '@/lib/segments/commands';
import { moveTagInSegments } from '@/lib/segments/tag-merge';
import { changeTags, wantedFor, wantedPairs, type Cause } from '@/lib/tags/change';
import { lockVisibleTag } from '@/lib/tags/commands';
import { addCounts, type OperationStep } from './schema';
import { startOperation } from './start';

const STEP = 20_000;

const MergeInput = z.object({ fromId: TagIdSchema, intoId: TagIdSchema });

/** Starts the merge; the tag is hidden when the last profile has the other one. It cannot be undone. */
export const mergeTags = command({
  name: 'tags.merge',
  scope: 'section',
  allow: 'admins',
  input: MergeInput.extend({ sectionId: SectionIdSchema }),
  run: async ({ tx, actor }, { sectionId, fromId, intoId }) => {
    if (fromId === intoId) refuse('invalid', 'Choose another tag to merge into.', { field: 'intoId' });
    // Always in the same order, so that two merges in opposite directions wait instead of deadlocking.
    const [first, second] = fromId < intoId ? [fromId, intoId] : [intoId, fromId];
    const locked = [await lockVisibleTag(tx, sectionId, first), await lockVisibleTag(tx, sectionId, second)];
    const nameOf = (id: TagId) => locked.find((tag) => tag.id === id)?.name ?? '';
    await requireNotMerging(tx, sectionId, { fromId, intoId });
    const { total } = await one<{ total: number }>(
      tx,
      sql`select count(*) as total from profile_tag where section_id = ${sectionId} and tag_id = ${fromId}`,
    );
    const summary = `Merge “${nameOf(fromId)}” into “${nameOf(intoId)}”`;
    const userId = actorUserId(actor);
    const operationId = await startOperation(tx, {
      sectionId,
      kind: 'merge_tag',
      summary,
      input: { fromId, intoId },
      total,
      userId,
    });
    return { operationId, summary };
  },
  audit: ({ fromId, intoId }, { summary }) => ({ summary, subject: `tag:${fromId}`, details: { intoId } }),
});

/** Refuses while another merge of one of the two tags is under way. `input`: that of a merge. */
export async function requireNotMerging(tx: Tx, sectionId: SectionId, input: unknown): Promise<void> {
  const { fromId, intoId } = MergeInput.parse(input);
  const other = await maybeOne<{ summary: string }>(
    tx,
    sql`
      select summary from operation
      where section_id = ${sectionId} and kind = 'merge_tag' and status in ('queued', 'running')
        and ((input ->> 'fromId')::int in (${fromId}, ${intoId}) or (input ->> 'intoId')::int = ${fromId})
      limit 1`,
  );
  if (other) refuse('conflict', `Another merge is under way: ${other.summary}. Wait until it is done.`);
}

/** A step: the next profiles with A get B; when there are none left, segments ask for B and A is hidden. */
export const mergeTagStep: OperationStep = async (tx, operation) => {
  const { sectionId } = operation;
  const { fromId, intoId } = MergeInput.parse(operation.input);
  const { last, found } = await one<{ last: ProfileId | null; found: number }>(
    tx,
    sql`
      select max(profile_id) as last, count(*) as found
      from (
        select profile_id from profile_tag
        where section_id = ${sectionId} and tag_id = ${fromId} and profile_id > ${operation.cursor}
        order by profile_id
        limit ${STEP}
      ) next`,
  );
  const finished = found < STEP;
  if (finished) await lockSegments(tx, sectionId);
  // In the order in which writers lock tags. From here on they wait, or have committed and are seen by what follows.
  for (const id of [fromId, intoId].sort((left, right) => left - right)) {
    if (finished || id === intoId) await lockVisibleTag(tx, sectionId, id);
  }
  const cause = { sectionId, source: 'merge' as const, userId: operation.userId, operationId: operation.id };
  const changed = await changeTags(
    tx,
    cause,
    wantedFor(
      finished ? haveOnly(sectionId, { fromId, intoId }) : nextWith(sectionId, fromId, operation.cursor, last ?? 0),
      { apply: [intoId], remove: [] },
    ),
  );
  const takenBack = finished ? await takeBack(tx, cause, { fromId, intoId }) : 0;
  if (finished) {
    await moveTagInSegments(tx, sectionId, { from: fromId, into: intoId, userId: operation.userId });
    await execute(
      tx,
      sql`update tag set hidden_at = now(), hidden_by = ${operation.userId}, merged_into = ${intoId}
          where section_id = ${sectionId} and id = ${fromId}`,
    );
  }
  return {
    cursor: last ?? operation.cursor,
    progress: operation.progress + found,
    counts: addCounts(operation.counts, {
      applied: changed.applied - takenBack,
      already: Math.max(0, found - changed.applied),
    }),
    done: finished,
  };
};

type Pair = { fromId: TagId; intoId: TagId };

const nextWith = (sectionId: SectionId, fromId: TagId, after: number, upTo: number): Sql => sql`
  select profile_id from profile_tag
  where section_id = ${sectionId} and tag_id = ${fromId} and profile_id > ${after} and profile_id <= ${upTo}`;

/** Everyone with A who does not have B, wherever the cursor is: also those who got A while earlier steps went on. */
const haveOnly = (sectionId: SectionId, { fromId, intoId }: Pair): Sql => sql`
  select profile_id from profile_tag held
  where section_id = ${sectionId} and tag_id = ${fromId} and not exists (
    select from profile_tag already
    where already.section_id = ${sectionId} and already.tag_id = ${intoId} and already.profile_id = held.profile_id
      and already.direct
  )`;

/** From whoever lost A since an earlier step gave them B, B goes again, unless somebody has changed it since. Returns how many. */
async function takeBack(
  tx: Tx,
  cause: Cause & { operationId: OperationId },
  { fromId, intoId }: Pair,
): Promise<number> {
  const { sectionId, operationId } = cause;
  const lost = sql`
    select given.profile_id, given.tag_id, false as apply
    from tag_change given
    where given.section_id = ${sectionId} and given.operation_id = ${operationId} and given.tag_id = ${intoId}
      and given.holder_id = 0 and given.action = 1 and given.profile_id is not null
      and not exists (
        select from profile_tag held
        where held.section_id = ${sectionId} and held.tag_id = ${fromId} and held.profile_id = given.profile_id
      )
      and not exists (
        select from tag_change later
        where later.section_id = ${sectionId} and later.profile_id = given.profile_id and later.tag_id = ${intoId}
          and later.id > given.id
      )`;
  const { removed } = await changeTags(tx, cause, wantedPairs(lost, { removes: true }));
  return removed;
}
