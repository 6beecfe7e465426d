import { csvResponse } from '@/lib/export/csv-response';
import { readRoute } from '@/app/read-route';
import { refuse } from '@/lib/access/refusal';
import { OperationIdSchema, type OperationId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { csvLine } from '@/lib/export/csv';
import { getOperation } from '@/lib/activity/queries';
import { listUndoExceptions } from '@/lib/operations/queries';
import { UNDO_REASONS } from '@/lib/operations/schema';

const PAGE = 5_000;

/** All that an undo left as it is, as CSV. */
export const GET = readRoute(async ({ section, params }) => {
  const id = OperationIdSchema.safeParse(params.operation);
  const operation = id.success ? await getOperation(pool(), section.id, id.data) : undefined;
  if (!operation) refuse('not_found', 'There is no such operation in this section.');
  async function* lines(operationId: OperationId) {
    yield `\uFEFF${csvLine(['Profile', 'Tag', 'Why'])}`;
    for (let after = 0, more = true; more;) {
      const page = await listUndoExceptions(pool(), section.id, operationId, { after, limit: PAGE });
      for (const { profileId, profileKey, tag, reason } of page)
        yield csvLine([profileKey ?? profileId, tag, UNDO_REASONS[reason]]);
      after = page.at(-1)?.id ?? after;
      more = page.length === PAGE;
    }
  }
  return csvResponse(lines(operation.id), `left by undo ${operation.id}.csv`);
});
