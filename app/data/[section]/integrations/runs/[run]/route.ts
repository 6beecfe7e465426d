import { readRoute } from '@/app/read-route';
import { readSyncRun } from '@/lib/integrations/reads';

/** A run and how far it has come, for the page that shows its progress. */
export const GET = readRoute<'run'>(({ actor, section, params }) =>
  readSyncRun(actor, { sectionId: section.id, runId: params.run }),
);
