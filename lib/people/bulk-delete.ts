// Erases many profiles for good, in steps. Cannot be undone.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { asParameter } from '@/lib/db/as-parameter';
import { SectionIdSchema, type ProfileId } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import {
  BulkInput,
  BulkSelectionSchema,
  listChosen,
  nextChosen,
  readBatch,
  startSelection,
} from '@/lib/operations/selection';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { erase } from './erase';

/** Small: every step looks through the section's uploaded rows for the people's keys. */
const STEP = 500;

export const bulkDeleteKind = operationKind({
  kind: 'bulk_delete',
  input: BulkInput,
  undoable: false,
  cancellable: true,
  retryable: true,
  listed: true,
  words: { name: 'Bulk deletions', counts: [['deleted', 'profiles deleted']] },
  step: (tx, operation) => deleteStep(tx, operation),
});

/**
 * Starts the deletion: `{ operationId }` gives its progress. `confirmed`: the number of profiles that the person has
 * confirmed. If there are more now, refuses with `conflict`, and `total` in the details.
 */
export const deleteProfilesInBulk = command({
  name: 'profiles.bulk-delete',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    selection: BulkSelectionSchema,
    confirmed: z.int().positive(),
  }),
  run: async ({ tx, actor }, { sectionId, selection: chosen, confirmed }) => {
    const { selection, total, until } = await startSelection(tx, sectionId, chosen);
    if (total > confirmed) {
      refuse(
        'conflict',
        `There are ${total.toLocaleString('en-GB')} profiles now, not ${confirmed.toLocaleString('en-GB')}. Nothing was deleted. Check who they are, then confirm the new number.`,
        { details: { total } },
      );
    }
    const summary = `Delete ${total.toLocaleString('en-GB')} ${total === 1 ? 'profile' : 'profiles'}`;
    const operationId = await startOperation(tx, bulkDeleteKind, {
      sectionId,
      summary,
      input: { selection, until, listed: true },
      total,
      userId: actorUserId(actor),
    });
    await listChosen(tx, sectionId, operationId);
    return { operationId, summary, total };
  },
  audit: (_input, { operationId, summary }) => ({ summary, subject: `operation:${operationId}` }),
});

const deleteStep: OperationStep<z.output<typeof BulkInput>> = async (tx, operation) => {
  const { sectionId, userId, apiKeyId, cursor } = operation;
  const { selection, until, listed } = operation.input;
  const { last, found } = await readBatch(tx, await nextChosen(tx, sectionId, selection), {
    operation,
    until,
    listed,
    limit: STEP,
  });
  const batch = await asParameter(tx, sql`select profile_id from bulk_batch`, sql`profile_id bigint`);
  // Those that somebody else has just deleted fall away.
  const locked = await rows<{ id: ProfileId }>(
    tx,
    sql`
      select id from profile
      where section_id = ${sectionId} and id in (select profile_id from (${batch}) batch)
      order by id
      for update`,
  );
  const ids = locked.map(({ id }) => id);
  await erase(tx, { sectionId, userId, apiKeyId }, ids);
  return {
    cursor: last ?? cursor,
    progress: operation.progress + found,
    counts: addCounts(operation.counts, { deleted: ids.length }),
    done: found < STEP,
  };
};
