import { readRoute } from '@/app/read-route';
import { readRunEntries } from '@/lib/integrations/reads';

/** Into which flows how many would come by what a dry run has planned. */
export const GET = readRoute<'run'>(({ actor, section, params }) =>
  readRunEntries(actor, { sectionId: section.id, runId: params.run }),
);
