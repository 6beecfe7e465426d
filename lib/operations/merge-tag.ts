// Merges tag A into B: everyone with A gets B, then A is hidden, and its discriminator becomes an alias of B. Segments
// that ask how A was applied cannot use B instead: they need attention.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema, TagIdSchema, type ProfileId, type SectionId, type TagId } from '@/lib/db/ids';
import { maybeOne, one, sql, type Tx } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { moveTagInFlows } from '@/lib/flows/tag-merge';
import { moveLists } from '@/lib/integrations/kept-tag';
import { lockSegments } from '@/lib/segments/commands';
import { moveTagInSegments } from '@/lib/segments/tag-merge';
import { lockVisibleTag, retireTag } from '@/lib/tags/commands';
import { moveFavourites } from '@/lib/tags/favourites';
import { applyMerged, inheritLooks, copySuppressedClaims, allowMergedClaims, revertMerged } from '@/lib/tags/merge';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';

const STEP = 20_000;

const MergeInput = z.object({ fromId: TagIdSchema, intoId: TagIdSchema });
type MergeInput = z.output<typeof MergeInput>;

export const mergeTagKind = operationKind({
  kind: 'merge_tag',
  input: MergeInput,
  undoable: false,
  cancellable: false,
  retryable: true,
  listed: true,
  words: {
    name: 'Merges of tags',
    counts: [
      ['applied', 'profiles got the other tag'],
      ['already', 'already had it'],
    ],
    none: 'Merged. Nobody had the tag.',
  },
  step: (tx, operation) => mergeTagStep(tx, operation),
  beforeRetry: (tx, { sectionId, input }) => requireNotMerging(tx, sectionId, MergeInput.parse(input)),
});

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
    await allowMergedClaims(tx, sectionId, { fromId, intoId });
    const { total } = await one<{ total: number }>(
      tx,
      sql`select count(*) as total from profile_tag where section_id = ${sectionId} and tag_id = ${fromId}`,
    );
    const summary = `Merge “${nameOf(fromId)}” into “${nameOf(intoId)}”`;
    const userId = actorUserId(actor);
    const operationId = await startOperation(tx, mergeTagKind, {
      sectionId,
      summary,
      input: { fromId, intoId },
      total,
      userId,
    });
    return { operationId, summary };
  },
  audit: ({ fromId, intoId }, { summary }) => ({ summary, subject: `tag:${fromId}`, details: { intoId } }),
});

/** Refuses while another merge of either tag is in progress. */
async function requireNotMerging(tx: Tx, sectionId: SectionId, { fromId, intoId }: MergeInput): Promise<void> {
  const other = await maybeOne<{ summary: string }>(
    tx,
    sql`
      select summary from operation
      where section_id = ${sectionId} and kind = 'merge_tag' and status in ('queued', 'running')
        and ((input ->> 'fromId')::int in (${fromId}, ${intoId}) or (input ->> 'intoId')::int = ${fromId})
      limit 1`,
  );
  if (other) refuse('conflict', `Another merge is running: ${other.summary}. Wait until it is done.`);
}

/** A step: the next profiles with A get B. In the last one, segments are changed to B and A is hidden. */
const mergeTagStep: OperationStep<MergeInput> = async (tx, operation) => {
  const { sectionId, input: merge, userId, cursor, progress, counts } = operation;
  const { fromId, intoId } = merge;
  const { last, found } = await one<{ last: ProfileId | null; found: number }>(
    tx,
    sql`
      select max(profile_id) as last, count(*) as found
      from (
        select profile_id from profile_tag
        where section_id = ${sectionId} and tag_id = ${fromId} and profile_id > ${cursor}
        order by profile_id
        limit ${STEP}
      ) next`,
  );
  const finished = found < STEP;
  if (finished) await lockSegments(tx, sectionId);
  // In the order in which writers lock tags. From here on they wait, or have committed and are visible to what follows.
  for (const id of [fromId, intoId].sort((left, right) => left - right)) {
    if (finished || id === intoId) await lockVisibleTag(tx, sectionId, id);
  }
  // A list may have started to claim A during the merge: then this is a separate step.
  if (await allowMergedClaims(tx, sectionId, merge)) return { cursor, progress, counts, done: false };
  const cause = { sectionId, source: 'merge' as const, userId, operationId: operation.id, startsFlows: false };
  const range = sql`profile_id > ${cursor} and profile_id <= ${last ?? 0}`;
  // In the last step segments begin to ask for B: people who have one of the tags may come into one by that.
  const people = sql`
    select profile_id from profile_tag
    where section_id = ${sectionId}
      and ${finished ? sql`tag_id in (${fromId}, ${intoId})` : sql`tag_id = ${fromId} and ${range}`}`;
  const { given, takenBack } = await changingPeople(tx, cause, people, async () => {
    // The last step looks at everyone with A, whatever the cursor: some may have got A during earlier steps.
    const applied = await applyMerged(tx, cause, merge, finished ? 'all' : { after: cursor, upTo: last ?? 0 });
    if (!finished) return { given: applied, takenBack: 0 };
    const reverted = await revertMerged(tx, cause, merge);
    await copySuppressedClaims(tx, sectionId, merge);
    await inheritLooks(tx, sectionId, merge);
    await moveFavourites(tx, sectionId, merge);
    await moveLists(tx, sectionId, merge);
    await moveTagInSegments(tx, sectionId, { from: fromId, into: intoId, userId });
    await moveTagInFlows(tx, sectionId, { from: fromId, into: intoId });
    await retireTag(tx, sectionId, fromId, { userId, mergedInto: intoId });
    return { given: applied, takenBack: reverted };
  });
  return {
    cursor: last ?? cursor,
    progress: progress + found,
    counts: addCounts(counts, { applied: given - takenBack, already: Math.max(0, found - given) }),
    done: finished,
  };
};
