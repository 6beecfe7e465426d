import { readRoute } from '@/app/read-route';
import { readRunValues } from '@/lib/integrations/reads';

/** The values of profiles that a dry run would change, by attribute. */
export const GET = readRoute<'run'>(({ actor, section, params, request }) =>
  readRunValues(actor, { sectionId: section.id, runId: params.run }, { signal: request.signal }),
);
