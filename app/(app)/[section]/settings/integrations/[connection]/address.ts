// Addresses within a connection's page, which has two tables: a page of one keeps what the other one shows.
import type { ListFilter, RunFilter } from '@/lib/integrations/schema';

type Lists = { search: string; show: ListFilter; page: number };
type Runs = { show: RunFilter; before: number | null };

/** `lists`: another page of the lists; `runs`: other syncs. */
export function addressOf(here: string, lists: Lists, runs: Runs) {
  const address = ({ search, show, page }: Lists, { show: showRuns, before }: Runs): string => {
    const parts = new URLSearchParams({
      ...(search !== '' && { q: search }),
      ...(show !== 'all' && { lists: show }),
      ...(page > 1 && { page: String(page) }),
      ...(showRuns !== 'folded' && { show: showRuns }),
      ...(before !== null && { before: String(before) }),
    });
    return parts.size > 0 ? `${here}?${parts}` : here;
  };
  return {
    lists: (page: number) => address({ ...lists, page }, runs),
    runs: (show: RunFilter, before: number | null) => address(lists, { show, before }),
  };
}
