import { listed, readRoute } from '@/app/read-route';
import { readRunningSync } from '@/lib/integrations/reads';

/** The sync that runs, and the lists in sight as it has changed them. */
export const GET = readRoute<'connection'>(({ actor, section, params, search }) =>
  readRunningSync(actor, {
    sectionId: section.id,
    connectionId: params.connection,
    listIds: listed(search, 'lists').map(Number),
  }),
);
