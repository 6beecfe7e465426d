import { readRoute } from '@/app/read-route';
import { readRunPeople } from '@/lib/integrations/reads';
import type { PeopleGroup } from '@/lib/integrations/run-people';

/** A page of a group of people of a list in a run: `?list=…&group=…&after=…&limit=…`. */
export const GET = readRoute<'run'>(({ actor, section, params, search }) =>
  readRunPeople(actor, {
    sectionId: section.id,
    runId: params.run,
    listId: search.get('list') ?? '',
    group: search.get('group') as PeopleGroup,
    after: search.get('after') ?? undefined,
    limit: Number(search.get('limit')),
  }),
);
