import { readRoute } from '@/app/read-route';
import { readAvailableLists } from '@/lib/integrations/reads';

/** The lists that the CRM has now: asks the CRM. */
export const GET = readRoute<'connection'>(({ actor, section, params, request }) =>
  readAvailableLists(actor, { sectionId: section.id, connectionId: params.connection }, { signal: request.signal }),
);
