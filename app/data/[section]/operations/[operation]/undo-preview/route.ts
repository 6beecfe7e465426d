import { readRoute } from '@/app/read-route';
import { readUndoPreview } from '@/lib/activity/reads';

/** The effect of an undo. Cancelled in the database when the caller disconnects. */
export const GET = readRoute<'operation'>(({ actor, section, params, request }) =>
  readUndoPreview(actor, { sectionId: section.id, operationId: params.operation }, { signal: request.signal }),
);
