import { readRoute } from '@/app/read-route';
import { refuse } from '@/lib/access/refusal';
import { OperationIdSchema } from '@/lib/db/ids';
import { readUndoPreview } from '@/lib/activity/undo-preview';

export const GET = readRoute(({ actor, section, params, request }) => {
  const id = OperationIdSchema.safeParse(params.operation);
  if (!id.success) refuse('not_found', 'There is no such operation in this section.');
  return readUndoPreview(actor, { sectionId: section.id, operationId: id.data }, { signal: request.signal });
});
