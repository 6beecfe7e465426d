import { readRoute } from '@/app/read-route';
import { readOperation } from '@/lib/activity/reads';

export const GET = readRoute<'operation'>(({ actor, section, params }) =>
  readOperation(actor, { sectionId: section.id, operationId: params.operation }),
);
