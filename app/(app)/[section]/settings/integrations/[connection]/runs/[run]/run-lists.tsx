'use client';
// The lists of a run, a page at a time. Only those in sight are asked again while it runs.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { cardClass, EmptyState } from '@/components/ui/display';
import { FilterForm, FilterSelect, FilterText } from '@/components/ui/filter-form';
import { getJson } from '@/components/ui/json';
import type { RunListFilter } from '@/lib/integrations/schema';
import type { RunListView, RunHead } from '@/lib/integrations/run-views';
import { ListPages } from '../../../list-pages';
import { isUnderWay, number, type SectionRef } from '../../../words';
import { RunList } from './run-list';

/** While it runs, in milliseconds. */
const REFRESH_MS = 4_000;

/** Lists from which they can be searched. */
const SEARCHABLE = 5;

const SHOWS: { value: Exclude<RunListFilter, 'all'>; label: string }[] = [
  { value: 'asks', label: 'Wait for your answer' },
  { value: 'changes', label: 'With changes' },
  { value: 'problems', label: 'Failed or left as they are' },
];

/** `page`: its number, from 1. */
export type RunListsPage = { search: string; show: RunListFilter; page: number };

export type FoundLists = { lists: RunListView[]; total: number };

type Props = {
  section: SectionRef;
  run: RunHead;
  /** Of the run. */
  count: number;
  page: RunListsPage;
  initial: FoundLists;
  onAnswered: () => void;
};

export function RunLists({ section, run, count, page, initial, onAnswered }: Props) {
  const { search, show, page: at } = page;
  const here = `/${section.slug}/settings/integrations/${run.connectionId}/runs/${run.id}`;
  const address = (to: number) =>
    new URLSearchParams({
      ...(search !== '' && { q: search }),
      ...(show !== 'all' && { show }),
      ...(to > 1 && { page: String(to) }),
    });
  const asked = `/data/${section.slug}/integrations/runs/${run.id}/lists?${address(at)}`;
  const { data, refetch } = useQuery({
    queryKey: ['sync-run-lists', asked],
    queryFn: ({ signal }) => getJson<FoundLists>(asked, signal),
    initialData: initial,
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: isUnderWay(run) ? REFRESH_MS : false,
  });
  const seen = useRef(run.status);
  useEffect(() => {
    if (seen.current !== run.status) void refetch();
    seen.current = run.status;
  }, [refetch, run.status]);
  const hrefOf = (to: number) => (address(to).size > 0 ? `${here}?${address(to)}` : here);
  return (
    <>
      {(count > SEARCHABLE || search !== '' || show !== 'all') && (
        <div className="-mb-3">
          <FilterForm>
            <FilterText label="Search lists" name="q" value={search} />
            <FilterSelect
              label="Show"
              name="show"
              value={show === 'all' ? undefined : show}
              all={`All ${number(count)}`}
              options={SHOWS}
            />
          </FilterForm>
        </div>
      )}
      {data.lists.length === 0 && count > 0 && (
        <div className={cardClass}>
          <EmptyState title="No list here">Search for other words, or show all lists.</EmptyState>
        </div>
      )}
      {data.lists.map((list) => (
        <RunList
          key={list.listId}
          section={section}
          run={run}
          list={list}
          onAnswered={() => {
            onAnswered();
            void refetch();
          }}
        />
      ))}
      <ListPages page={at} total={data.total} hrefOf={hrefOf} />
    </>
  );
}
