import { readRoute } from '@/app/read-route';
import { readUndoPreview } from '@/lib/activity/reads';

/** What an undo would do. The database stops when the caller leaves. */
export const GET = readRoute<'operation'>(({ actor, section, params, request }) =>
  readUndoPreview(actor, { sectionId: section.id, operationId: params.operation }, { signal: request.signal }),
);
