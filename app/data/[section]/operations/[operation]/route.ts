import { readRoute } from '@/app/read-route';
import { refuse } from '@/lib/access/refusal';
import { OperationIdSchema } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { getOperation } from '@/lib/activity/queries';

export const GET = readRoute(async ({ section, params }) => {
  const id = OperationIdSchema.safeParse(params.operation);
  const operation = id.success ? await getOperation(pool(), section.id, id.data) : undefined;
  return operation ?? refuse('not_found', 'There is no such operation in this section.');
});
