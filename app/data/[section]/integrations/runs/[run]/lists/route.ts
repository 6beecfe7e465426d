import { readRoute } from '@/app/read-route';
import { RunListsAddress } from '@/app/(app)/[section]/settings/integrations/[connection]/runs/[run]/address';
import { LISTS_SHOWN } from '@/app/(app)/[section]/settings/integrations/words';
import { readRunLists } from '@/lib/integrations/reads';

/** A page of the lists of a run, as the address of its page says. */
export const GET = readRoute<'run'>(({ actor, section, params, search }) => {
  const { q, show, page } = RunListsAddress.parse(Object.fromEntries(search));
  const offset = (page - 1) * LISTS_SHOWN;
  return readRunLists(actor, {
    sectionId: section.id,
    runId: params.run,
    search: q,
    show,
    offset,
    limit: LISTS_SHOWN,
  });
});
