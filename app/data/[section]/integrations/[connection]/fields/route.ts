import { readRoute } from '@/app/read-route';
import { readAvailableFields } from '@/lib/integrations/reads';

/** The fields of contacts that the CRM has now: asks the CRM. */
export const GET = readRoute<'connection'>(({ actor, section, params, request }) =>
  readAvailableFields(actor, { sectionId: section.id, connectionId: params.connection }, { signal: request.signal }),
);
